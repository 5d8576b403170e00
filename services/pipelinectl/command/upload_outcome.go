package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"cloud.google.com/go/storage"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/identity"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/upload"
)

const (
	waitFlag = "wait"
	// defaultWait is enough for a start of services that were scaled down; most files take seconds.
	defaultWait = 5 * time.Minute
)

// tellOutcomes waits until files that have landed are in the ledger, and prints what became of
// each. The error is that of files which are not loaded whole.
func tellOutcomes(ctx context.Context, cmd *cli.Command, cfg cloud.Config, bucket *storage.BucketHandle, files []landing, since time.Time) (err error) {
	client, err := cfg.NewBigQuery(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	ledger := &warehouse.Client{BigQuery: client, Dataset: cfg.Dataset, Service: topology.Operator, Task: "upload"}
	ids := fileIDs(cfg.Bucket, files)
	outcomes := make(map[string]upload.Outcome, len(files))
	bar := console.Progress(cmd.Root().ErrWriter, int64(len(files)), "loading")
	limited, cancel := context.WithTimeout(ctx, cmd.Duration(waitFlag))
	defer cancel()
	awaited := upload.Await(limited, ledger, ids, func(o upload.Outcome) {
		outcomes[o.FileID] = o
		_ = bar.Add(1)
	})
	if err := bar.Finish(); err != nil {
		return err
	}
	if err := printOutcomes(console.PrinterOf(cmd), files, ids, outcomes); err != nil {
		return err
	}
	faults := []error{ctx.Err()}
	if awaited != nil && limited.Err() == nil {
		faults = append(faults, awaited)
	}
	findings, err := findingsOf(ctx, ledger, outcomes, since)
	if err != nil {
		faults = append(faults, err)
	}
	for i, file := range files {
		outcome, known := outcomes[ids[i]]
		switch {
		case known:
			faults = append(faults, fault(file, outcome, findings[ids[i]]))
		case ctx.Err() == nil && limited.Err() != nil:
			faults = append(faults, fmt.Errorf("%s is not loaded after %v: %s", file.path, cmd.Duration(waitFlag), whereabouts(ctx, bucket, file)))
		}
	}
	return errors.Join(faults...)
}

func fileIDs(bucket string, files []landing) []string {
	ids := make([]string, len(files))
	for i, file := range files {
		ids[i] = identity.FileID(bucket, file.name, file.generation)
	}
	return ids
}

// landedFile is a row about a file that has landed. Until the ledger has it, the verdict is
// "not yet".
type landedFile struct {
	File string `bigquery:"file"`
	upload.Outcome
}

func printOutcomes(p console.Printer, files []landing, ids []string, outcomes map[string]upload.Outcome) error {
	rows := make([]landedFile, len(files))
	for i, file := range files {
		o, known := outcomes[ids[i]]
		if !known {
			o = upload.Outcome{FileID: ids[i], Verdict: "not yet"}
		}
		rows[i] = landedFile{file.path, o}
	}
	if p.Format != render.Table {
		return p.Rows(render.Of(rows), "")
	}
	tabs := tabwriter.NewWriter(p.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tabs, "\nFILE\tFILE ID\tVERDICT\tRECORDS\tLOADED\tUPDATED\tDUPLICATES\tREJECTED\tHELD\tREASON")
	for _, o := range rows {
		if _, known := outcomes[o.FileID]; !known {
			fmt.Fprintf(tabs, "%s\t%s\tnot yet\n", o.File, o.FileID)
			continue
		}
		fmt.Fprintf(tabs, "%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%s\n",
			o.File, o.FileID, o.Verdict, o.Records, o.Loaded, o.Updated, o.Duplicates, o.Rejected, o.Held, cmp.Or(o.Reason, "-"))
	}
	return tabs.Flush()
}

// findingsOf asks what was found in the files of which not every record was loaded.
func findingsOf(ctx context.Context, ledger *warehouse.Client, outcomes map[string]upload.Outcome, since time.Time) (map[string][]upload.Finding, error) {
	var ids []string
	for id, outcome := range outcomes {
		if !outcome.Whole() || outcome.Duplicates > 0 {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	slices.Sort(ids)
	return upload.Findings(ctx, ledger, ids, since)
}

// fault says what is wrong with a file that is not loaded whole, and what to do; nil if it is.
func fault(file landing, o upload.Outcome, findings []upload.Finding) error {
	if o.Verdict == landedfile.Quarantined {
		rule, _ := rules.Lookup(rules.ID(o.Reason))
		what := rule.Meaning
		for _, f := range findings {
			if f.Rule == o.Reason {
				what = strings.TrimSuffix(strings.TrimPrefix(f.Sample, "file quarantined: "+file.name+": "), ".") + "."
			}
		}
		if what == rule.Meaning || rule.ID != rules.UnknownShape && rule.ID != rules.UnreadableFile { // whose findings say what to do
			what += " " + strings.ReplaceAll(rule.Remedy, "FILE_ID", o.FileID)
		}
		return fmt.Errorf("%s was quarantined (%s): %s%s", file.path, o.Reason, what, refusals(findings))
	}
	var faults []error
	if o.Rejected > 0 {
		faults = append(faults, fmt.Errorf("%s: %d of %d records were refused%s\neach is in v_rejected_records, with its reason, where file_id is %s",
			file.path, o.Rejected, o.Records, refusals(findings), o.FileID))
	}
	for _, f := range findings {
		if f.Rule == string(rules.DuplicateOrderConflict) {
			rule, _ := rules.Lookup(rules.DuplicateOrderConflict)
			faults = append(faults, fmt.Errorf("%s: %d of %s left out (%s), such as: %s. %s",
				file.path, f.Findings, plural.Of(o.Records, "record"), f.Rule, f.Sample, rule.Remedy))
		}
	}
	return errors.Join(faults...)
}

// mostShown is how many rules of refused records are shown.
const mostShown = 5

// refusals shows why records of a file were refused, one of each rule.
func refusals(findings []upload.Finding) string {
	var b strings.Builder
	shown := 0
	for _, f := range findings {
		if rule, ok := rules.Lookup(rules.ID(f.Rule)); !ok || rule.Level != rules.LevelRecord || shown == mostShown {
			continue
		}
		shown++
		fmt.Fprintf(&b, "\n  %d by %s, such as %s", f.Findings, f.Rule, strings.TrimPrefix(f.Sample, "record refused: "))
	}
	return b.String()
}

// whereabouts says how far a file has come that the ledger does not have.
func whereabouts(ctx context.Context, bucket *storage.BucketHandle, file landing) string {
	_, err := bucket.Object(file.name).Generation(file.generation).Attrs(ctx)
	switch {
	case err == nil:
		return "it still lies in landing/, so that the watcher does not run, or LANDING_IGNORE has it left alone"
	case errors.Is(err, storage.ErrObjectNotExist):
		return "it is claimed and on its way; the dashboard's page System and pipelinectl doctor tell what keeps it"
	default:
		return err.Error()
	}
}
