package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/bench"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
)

func drillCommand() *cli.Command {
	return &cli.Command{
		Name:  "drill",
		Usage: "land many files at once in a fresh sandbox, some of them faulty, and account for every record",
		Description: "Every other faulty file holds records that break every rule a generator can break; the\n" +
			"others are an earlier file again, mostly refused, half a gzip file, no text, or empty. Starts a\n" +
			"sandbox of its own and removes it afterwards. Ends with status 1 if a record is not accounted\n" +
			"for, an invariant is broken, or a number differs from the model's.",
		Flags: append([]cli.Flag{
			&cli.IntFlag{Name: "files", Value: 100, Usage: "number of files"},
			&cli.IntFlag{Name: "orders", Value: 100_000, Usage: "number of orders that are spread over them"},
			&cli.IntFlag{Name: "faulty-files", Value: 20, Usage: "how many of the files are faulty"},
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "seed of the files"},
		}, sandboxFlags()...),
		Action: runDrill,
	}
}

func runDrill(ctx context.Context, cmd *cli.Command) error {
	report, err := measure(ctx, cmd, bench.Config{
		Orders: cmd.Int("orders"), Files: cmd.Int("files"), Faulty: cmd.Int("faulty-files"), Seed: cmd.Uint64("seed"),
		Uploads: max(cmd.Int("files"), 1), Sandbox: cmd.String("sandbox"), Dir: cmd.String("data-dir"),
		Model: true, Timeout: cmd.Duration("timeout"), Stderr: cmd.Root().ErrWriter,
	}, bench.Run)
	if err != nil && !report.Measured() {
		return err
	}
	if err := errors.Join(err, printDrill(console.PrinterOf(cmd), &report)); err != nil {
		return err
	}
	if !report.Right() {
		return errors.New("the outcome is wrong")
	}
	return nil
}

// printDrill prints the report; as rows it is what became of the files.
func printDrill(p console.Printer, report *bench.Report) error {
	return p.Document(report, func(w io.Writer) error { return writeDrill(w, report) }, render.Of(report.Outcome.Files))
}

// writeDrill prints the summary for a person.
func writeDrill(out io.Writer, r *bench.Report) error {
	// The catalogs are landed before the clock starts, and are among the files of the ledger.
	fmt.Fprintf(out, "%s at once, %.1f MB: all in the ledger after %.1f s, all in archive/ or quarantine/ after %.1f s\n\n",
		plural.Of(r.Files, "order file"), float64(r.Bytes)/1e6, r.Seconds, r.SettledSeconds)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "kind\tverdict\treason\t%6s\t%8s\t%8s\t%10s\t%8s\t%8s\n", "files", "records", "loaded", "duplicates", "rejected", "held")
	files := int64(0)
	for _, f := range r.Outcome.Files {
		files += f.Files
		writeCounts(w, f.Kind, f.Verdict, f.Reason, f.Files, f.RecordCount)
	}
	writeCounts(w, "all", "", "", files, r.Outcome.Records)
	for _, part := range []struct {
		title string
		rows  []bench.RuleCount
	}{{"rejected records", r.Outcome.Rejected}, {"findings", r.Outcome.Findings}} {
		fmt.Fprintf(w, "\n%s\tseverity\trule\t%6s\n", part.title, "count")
		for _, row := range part.rows {
			fmt.Fprintf(w, "\t%s\t%s\t%6d\n", row.Severity, row.Rule, row.Count)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	writeVerdict(out, "records = loaded + duplicates + rejected + held", bench.Verdict{Holds: r.Outcome.Balanced()})
	writeVerdict(out, "invariants of warehouse and bucket", r.Invariants)
	if r.Model != nil {
		writeVerdict(out, "every fact, aggregate, count and finding as the model has it", *r.Model)
	}
	return nil
}

func writeCounts(w io.Writer, kind, verdict, reason string, files int64, c bench.RecordCount) {
	fmt.Fprintf(w, "%s\t%s\t%s\t%6d\t%8d\t%8d\t%10d\t%8d\t%8d\n", kind, verdict, reason, files, c.Records, c.Loaded, c.Duplicates, c.Rejected, c.Held)
}

func writeVerdict(out io.Writer, what string, v bench.Verdict) {
	word := "holds"
	if !v.Holds {
		word = "BROKEN"
	}
	fmt.Fprintf(out, "%-64s %s\n", what, word)
	for _, violation := range v.Violations {
		fmt.Fprintf(out, "  %s\n", violation)
	}
}
