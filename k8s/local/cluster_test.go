package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/k8s/local/node"
	"github.com/zackkki/ecomm_datapipeline/k8s/manifest"
	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/verify"
)

// deadline bounds a wait; an idle machine takes a tenth of it.
const deadline = 3 * time.Minute

// cluster is a running sandbox overlay, and what a test needs of it.
type cluster struct {
	*node.Node
	clients *verify.Clients
	sources []verify.Source
}

// startCluster runs the overlay until the test ends; the pods must then end cleanly.
func startCluster(t *testing.T, set *manifest.Set, programs map[string]string) *cluster {
	t.Helper()
	dir := t.TempDir()
	n, err := node.Start(set, node.Config{
		Dir: dir, Programs: programs, Log: slog.New(slog.DiscardHandler),
		Variables: map[string]map[string]string{overlay: {"SANDBOX_GENERATE": "false"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Errorf("the pods did not end cleanly: %v", err)
		}
		if t.Failed() {
			dumpLogs(t, dir)
		}
	})
	c := &cluster{Node: n}
	c.awaitReady(t)
	endpoints := cloud.Config{ProjectID: "ecomm-local", Location: "us-central1", Dataset: "ecommerce_data", Bucket: "ecomm-local-data-pipeline"}
	for port, endpoint := range map[int32]*string{
		8085: &endpoints.PubSubHost, 4443: &endpoints.StorageHost, 9050: &endpoints.BigQueryHost, 9060: &endpoints.BigQueryStorageEndpoint,
	} {
		if *endpoint, err = n.Address(overlay, port); err != nil {
			t.Fatal(err)
		}
	}
	if c.clients, err = verify.Open(context.Background(), endpoints); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.clients.Close() })
	return c
}

func (c *cluster) awaitReady(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	if err := c.AwaitReady(ctx); err != nil {
		t.Fatal(err)
	}
}

func dumpLogs(t *testing.T, dir string) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "logs", "*"))
	for _, file := range files {
		text, _ := os.ReadFile(file)
		lines := strings.Split(string(text), "\n")
		for _, line := range lines[max(0, len(lines)-30):] {
			t.Logf("%s: %s", filepath.Base(file), line)
		}
	}
}

// land uploads a file, whatever happens to the sandbox meanwhile.
func (c *cluster) land(t *testing.T, name string, content []byte) {
	t.Helper()
	object := c.clients.Storage.Bucket(c.clients.Config.Bucket).Object("landing/" + name).
		If(storage.Conditions{DoesNotExist: true}).Retryer(storage.WithPolicy(storage.RetryAlways))
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	w := object.NewWriter(ctx)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	c.sources = append(c.sources, verify.Source{
		Name: "landing/" + name, Generation: w.Attrs().Generation,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
	})
}

// landOrders lands files of orders, some of them faulty; no two share an order.
func (c *cluster) landOrders(t *testing.T, files, orders int) {
	t.Helper()
	shares := generate.Shares{}
	for _, rule := range generate.OrderFaults() {
		shares[rule] = 0.005
	}
	delete(shares, rules.TooLarge) // a MiB each, which is other tests' business
	now := time.Now().UTC().Truncate(time.Hour)
	for range files {
		seed := uint64(len(c.sources))
		source, err := generate.NewOrders(generate.OrderOptions{Seed: seed, From: now.Add(-72 * time.Hour), To: now, Faults: shares})
		if err != nil {
			t.Fatal(err)
		}
		var content []byte
		for range orders {
			content = source.Append(content)
		}
		c.land(t, fmt.Sprintf("orders/orders_%d.json", seed), content)
	}
}

// count asks for one number; it fails while the sandbox is away.
func (c *cluster) count(ctx context.Context, statement string) (int64, error) {
	q := c.clients.BigQuery.Query(statement)
	q.DefaultDatasetID = c.clients.Config.Dataset
	rows, err := q.Read(ctx)
	if err != nil {
		return 0, err
	}
	var row []bigquery.Value
	if err := rows.Next(&row); err != nil {
		return 0, err
	}
	return row[0].(int64), nil
}

// await polls until a count is at least as large as wanted.
func (c *cluster) await(t *testing.T, statement string, want int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	for {
		have, err := c.count(ctx, statement)
		if err == nil && have >= want {
			return
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("%s: %d, want %d, not within %v (last error: %v)", statement, have, want, deadline, err)
		}
	}
}

const (
	staged = "SELECT COUNT(*) FROM staging_orders"
	loaded = "SELECT COUNT(*) FROM file_ledger"
)

// awaitQuiet waits until every landed file is loaded and put away.
func (c *cluster) awaitQuiet(t *testing.T) {
	t.Helper()
	c.await(t, loaded, int64(len(c.sources)))
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	for _, prefix := range []string{"landing/", "staging/"} {
		for {
			_, err := c.clients.Storage.Bucket(c.clients.Config.Bucket).Objects(ctx, &storage.Query{Prefix: prefix}).Next()
			if errors.Is(err, iterator.Done) {
				break
			}
			select {
			case <-time.After(50 * time.Millisecond):
			case <-ctx.Done():
				t.Fatalf("files stay in %s (last error: %v)", prefix, err)
			}
		}
	}
}
