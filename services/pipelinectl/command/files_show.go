package command

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/recall"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

func runFilesShow(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
	if cmd.Args().Len() != 1 {
		return usage.Errorf("give one FILE_ID; pipelinectl files list --%s finds it by its name", nameFlag)
	}
	return opened(ctx, cfg, func(client *recall.Client) error {
		files, err := recall.ByID(ctx, client.Ledger(), cmd.Args().Slice())
		if err != nil {
			return err
		}
		details, err := client.Show(ctx, files[0])
		if err != nil {
			return err
		}
		return console.PrinterOf(cmd).Document(fileDocument(details), func(w io.Writer) error { return printFile(w, details) }, render.Of(files))
	})
}

// fileDocument is a file as JSON.
func fileDocument(d *recall.Details) any {
	f := d.File
	return struct {
		FileID      string `json:"file_id"`
		LandingName string `json:"landing_name"`
		Kind        string `json:"kind"`
		Verdict     string `json:"verdict"`
		Reason      string `json:"reason,omitempty"`
		Overrides   string `json:"overrides,omitempty"`
		Revision    int64  `json:"revision"`
		ParseID     string `json:"parse_id"`
		Records     int64  `json:"records"`
		Loaded      int64  `json:"loaded"`
		Updated     int64  `json:"updated"`
		Duplicates  int64  `json:"duplicates"`
		Rejected    int64  `json:"rejected"`
		Held        int64  `json:"held"`
		LandedAt    string `json:"landed_at"`
		LoadedAt    string `json:"loaded_at"`
		*recall.Details
	}{
		f.ID, f.LandingName, f.Kind, f.Verdict, f.Reason, f.Overrides, f.Revision, f.ParseID, f.Records, f.Loaded, f.Updated, f.Duplicates, f.Rejected, f.Held,
		stampOf(f.LandedAt), stampOf(f.LoadedAt), d,
	}
}

func stampOf(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func printFile(w io.Writer, d *recall.Details) error {
	f := d.File
	tabs := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	line := func(name, format string, args ...any) {
		fmt.Fprintf(tabs, "%s\t%s\n", name, fmt.Sprintf(format, args...))
	}
	line("file", "%s", f.ID)
	line("name", "%s", f.LandingName)
	line("bytes", "%d, in %s", f.Bytes, cmp.Or(d.Object, "no place: it is not put away yet, or the bucket's lifecycle has deleted it"))
	line("verdict", "%s", f.Verdict)
	if f.Reason != "" {
		rule, _ := rules.Lookup(rules.ID(f.Reason))
		line("reason", "%s: %s", f.Reason, rule.Meaning)
		line("what to do", "%s", rule.Remedy)
	}
	line("records", "%d = %d loaded (%d as updates) + %d duplicates + %d rejected + %d held", f.Records, f.Loaded, f.Updated, f.Duplicates, f.Rejected, f.Held)
	line("landed", "%s", stampOf(f.LandedAt))
	if f.ClaimedAt.Valid {
		line("claimed", "%s", stampOf(f.ClaimedAt.Timestamp))
	}
	if f.ParsedAt.Valid {
		line("parsed", "%s", stampOf(f.ParsedAt.Timestamp))
	}
	line("in the ledger", "%s", stampOf(f.LoadedAt))
	if len(d.Revisions) > 1 {
		fmt.Fprintln(tabs)
	}
	for _, r := range d.Revisions {
		if len(d.Revisions) > 1 {
			line(fmt.Sprintf("revision %d", r.Revision), "%s, %d of %d records loaded, %d rejected, %s", strings.TrimSpace(r.Verdict+" "+r.Reason), r.Loaded, r.Records, r.Rejected, stampOf(r.LoadedAt))
		}
	}
	if err := tabs.Flush(); err != nil {
		return err
	}
	if len(d.Findings) > 0 {
		fmt.Fprintln(w)
		if _, err := render.Write(w, render.Table, render.Of(d.Findings)); err != nil {
			return err
		}
	}
	if f.Verdict == landedfile.Quarantined {
		fmt.Fprintf(w, "\nto load it after all: pipelinectl files release %s\n", f.ID)
	}
	return nil
}
