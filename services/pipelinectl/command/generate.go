package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

func generateCommand() *cli.Command {
	return &cli.Command{
		Name:  "generate",
		Usage: "write sample files, to stdout, to a folder or straight to landing/",
		Description: "The same seed and options give the same records, but for a time range that is left\n" +
			"to end now. Faults are named after the rules that they break.",
		Commands: []*cli.Command{
			{
				Name: "orders", Usage: "orders, one JSON object per line",
				Flags: append(commonFlags(1000, generate.OrderFaults()),
					&cli.IntFlag{Name: "files", Value: 1, Usage: "number of files that the orders are spread over"},
					&cli.FloatFlag{Name: "rate", Usage: "orders per second at which files are finished; 0: at once"},
					&cli.TimestampFlag{Name: "from", Usage: "earliest order time, RFC 3339; default: a day before --to", Config: timeConfig},
					&cli.TimestampFlag{Name: "to", Usage: "end of the order times; default: now", Config: timeConfig},
					&cli.IntFlag{Name: "customers", Value: generate.DefaultCustomers, Usage: "customers in the catalog"},
					&cli.IntFlag{Name: "products", Value: generate.DefaultProducts, Usage: "products in the catalog"},
					&cli.FloatFlag{Name: "unknown-share", Value: generate.DefaultUnknownShare, Usage: "share of references that point at nothing"},
					&cli.FloatFlag{Name: "varied-share", Value: generate.DefaultVariedShare, Usage: "share of orders of guests, not shipped, taxed, discounted, paid back and so on"},
					&cli.FloatFlag{Name: "updates", Usage: "share of records that are later versions of orders written before: paid, failed, cancelled, paid back, moved"},
				),
				Action: generateOrders,
			},
			{
				Name: "products", Usage: "a products catalog, CSV",
				Flags:  commonFlags(generate.DefaultProducts, generate.ProductFaults()),
				Action: generateCatalog("products", generate.WriteProducts),
			},
			{
				Name: "customers", Usage: "a customers catalog, CSV",
				Flags:  commonFlags(generate.DefaultCustomers, generate.CustomerFaults()),
				Action: generateCatalog("customers", generate.WriteCustomers),
			},
		},
	}
}

var timeConfig = cli.TimestampConfig{Layouts: []string{time.RFC3339, time.DateOnly}, Timezone: time.UTC}

func commonFlags(count int, faults []rules.ID) []cli.Flag {
	words := make([]string, len(faults))
	for i, id := range faults {
		words[i] = string(id)
	}
	return []cli.Flag{
		&cli.IntFlag{Name: "count", Value: count, Usage: "number of records"},
		&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "seed of everything drawn"},
		&cli.StringFlag{Name: "faults", Usage: "rule=share,... of " + strings.Join(words, ", ")},
		&cli.StringFlag{Name: "out", Usage: "folder to write the files into, below a folder of their kind"},
		&cli.BoolFlag{Name: "upload", Usage: "land the files in the bucket"},
	}
}

func generateOrders(ctx context.Context, cmd *cli.Command) (err error) {
	shares, err := generate.ParseShares(cmd.String("faults"))
	if err != nil {
		return usage.Wrong(err)
	}
	count, files, rate := cmd.Int("count"), cmd.Int("files"), cmd.Float("rate")
	if count < 1 || files < 1 || files > count || rate < 0 {
		return usage.Errorf("--count must be positive, --files from 1 to --count, --rate not negative")
	}
	to := time.Now().UTC()
	if cmd.IsSet("to") {
		to = cmd.Timestamp("to")
	}
	from := to.Add(-24 * time.Hour)
	if cmd.IsSet("from") {
		from = cmd.Timestamp("from")
	}
	unknown := cmd.Float("unknown-share")
	if unknown == 0 {
		unknown = -1 // zero would be the default
	}
	varied := cmd.Float("varied-share")
	if varied == 0 {
		varied = -1
	}
	orders, err := generate.NewOrders(generate.OrderOptions{
		Seed: cmd.Uint64("seed"), From: from, To: to, Faults: shares,
		Customers: cmd.Int("customers"), Products: cmd.Int("products"), UnknownShare: unknown, VariedShare: varied,
		UpdateShare: cmd.Float("updates"),
	})
	if err != nil {
		return err
	}
	target, err := openTarget(ctx, cmd, "orders")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	bar := console.Progress(cmd.Root().ErrWriter, int64(count), "orders")
	started := time.Now()
	for i := range files {
		n := count*(i+1)/files - count*i/files
		name := fmt.Sprintf("orders_%s_%04d.json", to.Format("20060102_150405"), i)
		if err := target.write(ctx, name, func(w io.Writer) error { return orders.WriteOrders(w, n) }); err != nil {
			return err
		}
		_ = bar.Add(n)
		if rate > 0 {
			due := started.Add(time.Duration(float64(orders.Written()) / rate * float64(time.Second)))
			if err := sleep.For(ctx, time.Until(due)); err != nil {
				return err
			}
		}
	}
	_ = bar.Finish()
	if err := report(cmd, orders.Written(), "orders", orders.Counts()); err != nil {
		return err
	}
	if n := orders.Updated(); n > 0 {
		fmt.Fprintf(cmd.Root().ErrWriter, "  %7d later versions\n", n)
	}
	return nil
}

func generateCatalog(kind string, write func(io.Writer, generate.CatalogOptions) (map[rules.ID]int, error)) cli.ActionFunc {
	return func(ctx context.Context, cmd *cli.Command) (err error) {
		shares, err := generate.ParseShares(cmd.String("faults"))
		if err != nil {
			return usage.Wrong(err)
		}
		if cmd.Int("count") < 0 {
			return usage.Errorf("--count must not be negative")
		}
		target, err := openTarget(ctx, cmd, kind)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, target.Close()) }()
		var counts map[rules.ID]int
		err = target.write(ctx, kind+"_latest.csv", func(w io.Writer) error {
			var err error
			counts, err = write(w, generate.CatalogOptions{
				Seed: cmd.Uint64("seed"), Count: cmd.Int("count"), Today: time.Now(), Faults: shares,
			})
			return err
		})
		if err != nil {
			return err
		}
		return report(cmd, cmd.Int("count"), kind, counts)
	}
}

// report tells what was written, on stderr: stdout may hold the records. Where it does not,
// and a program reads along, it is rows of stdout.
func report(cmd *cli.Command, n int, kind string, faults map[rules.ID]int) error {
	if p := console.PrinterOf(cmd); p.Format != render.Table && (cmd.Bool("upload") || cmd.String("out") != "") {
		type row struct {
			Kind    string `bigquery:"kind"`
			Fault   string `bigquery:"fault"` // empty: all records
			Records int    `bigquery:"records"`
		}
		rows := []row{{kind, "", n}}
		for _, rule := range slices.Sorted(maps.Keys(faults)) {
			rows = append(rows, row{kind, string(rule), faults[rule]})
		}
		return p.Rows(render.Of(rows), "")
	}
	w := cmd.Root().ErrWriter
	fmt.Fprintf(w, "%s written\n", plural.Of(n, strings.TrimSuffix(kind, "s")))
	for _, rule := range slices.Sorted(maps.Keys(faults)) {
		fmt.Fprintf(w, "  %7d %s\n", faults[rule], rule)
	}
	return nil
}
