// Command ledger is an example of a consumer that agrees with the warehouse to the cent: it
// keeps what orders-validated and files-completed bring in a file of its own, in whatever order
// and however often it comes, tells which orders count, and compares days with the warehouse.
//
// It knows the messages and Google's client libraries, and nothing else of the pipeline. How it
// decides is in store.sql; proto/README.md has the rules in words.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"cloud.google.com/go/pubsub/v2"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run consumes until ctx is done, or lists the orders.
func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("ledger", flag.ContinueOnError)
	project := flags.String("project", os.Getenv("GOOGLE_CLOUD_PROJECT"), "Google Cloud project")
	orders := flags.String("orders", "", "subscription to orders-validated; several are separated by commas, and all are read")
	files := flags.String("files", "", "subscription to files-completed; several with commas")
	path := flags.String("store", "ledger.db", "file to keep the orders in")
	list := flags.Bool("list", false, "list the orders that count, and consume nothing")
	days := flags.String("reconcile", "", "compare the orders of a day with the warehouse, such as 2026-11-01, or of 2026-11-01/2026-11-30, and consume nothing")
	dataset := flags.String("dataset", "ecommerce_data", "BigQuery dataset of the warehouse")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s, err := openStore(ctx, *path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if *list {
		return s.list(ctx, out)
	}
	if *days != "" {
		client, err := openWarehouse(ctx, *project)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, client.Close()) }()
		return s.reconcile(ctx, client, *dataset, *days, out)
	}
	if *project == "" || *orders == "" || *files == "" {
		return errors.New("-project, -orders and -files are needed")
	}
	client, err := pubsub.NewClient(ctx, *project)
	if err != nil {
		return fmt.Errorf("open the Pub/Sub client: %w", err)
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	return consume(ctx, client, strings.Split(*orders, ","), strings.Split(*files, ","), s, out)
}
