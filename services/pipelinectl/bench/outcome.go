package bench

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/verify"
)

// Outcome is what became of the files and their records, summed up from the
// ledger, the refused records and the findings.
type Outcome struct {
	Files    []FileCount `json:"files"`
	Records  RecordCount `json:"records"`
	Rejected []RuleCount `json:"rejected"`
	Findings []RuleCount `json:"findings"`
}

// FileCount counts files of one kind, verdict and reason, and their records.
type FileCount struct {
	Kind    string `bigquery:"kind" json:"kind"`
	Verdict string `bigquery:"verdict" json:"verdict"`
	Reason  string `bigquery:"reason" json:"reason,omitempty"`
	Files   int64  `bigquery:"files" json:"files"`
	RecordCount
}

// RecordCount says what became of records.
type RecordCount struct {
	Records    int64 `bigquery:"records" json:"records"`
	Loaded     int64 `bigquery:"loaded" json:"loaded"`
	Duplicates int64 `bigquery:"duplicates" json:"duplicates"`
	Rejected   int64 `bigquery:"rejected" json:"rejected"`
	Held       int64 `bigquery:"held" json:"held"`
}

// RuleCount counts what broke a rule.
type RuleCount struct {
	Severity string `bigquery:"severity" json:"severity"`
	Rule     string `bigquery:"rule" json:"rule"`
	Count    int64  `bigquery:"n" json:"count"`
}

// Balanced tells whether every record is accounted for once.
func (o *Outcome) Balanced() bool {
	r := o.Records
	return r.Records == r.Loaded+r.Duplicates+r.Rejected+r.Held
}

const (
	fileCounts = `SELECT l.kind, l.verdict, COALESCE(l.reason, '') AS reason, COUNT(*) AS files,
		SUM(l.records) AS records, SUM(l.loaded) AS loaded, SUM(l.duplicates) AS duplicates, SUM(l.rejected) AS rejected, SUM(l.held) AS held
		FROM file_ledger AS l GROUP BY l.kind, l.verdict, l.reason ORDER BY l.verdict, l.kind DESC, reason`
	rejectedCounts = `SELECT 'error' AS severity, r.rule, COUNT(*) AS n FROM v_rejected_records AS r GROUP BY r.rule ORDER BY r.rule`
	findingCounts  = `SELECT q.severity, q.check_type AS rule, COUNT(*) AS n FROM data_quality_checks AS q
		GROUP BY q.severity, q.check_type ORDER BY q.severity, q.check_type`
)

func readOutcome(ctx context.Context, c *verify.Clients) (Outcome, error) {
	var o Outcome
	var err1, err2, err3 error
	o.Files, err1 = readRows[FileCount](ctx, c, fileCounts)
	o.Rejected, err2 = readRows[RuleCount](ctx, c, rejectedCounts)
	o.Findings, err3 = readRows[RuleCount](ctx, c, findingCounts)
	if err := errors.Join(err1, err2, err3); err != nil {
		return o, fmt.Errorf("sum the outcome up: %w", err)
	}
	for _, f := range o.Files {
		o.Records.Records += f.Records
		o.Records.Loaded += f.Loaded
		o.Records.Duplicates += f.Duplicates
		o.Records.Rejected += f.Rejected
		o.Records.Held += f.Held
	}
	return o, nil
}

// readRows reads all rows of a query in the dataset.
func readRows[T any](ctx context.Context, c *verify.Clients, text string) ([]T, error) {
	q := c.BigQuery.Query(text)
	q.DefaultProjectID, q.DefaultDatasetID = c.Config.ProjectID, c.Config.Dataset
	it, err := q.Read(ctx)
	if err != nil {
		return nil, err
	}
	var rows []T
	for {
		var row T
		err := it.Next(&row)
		if errors.Is(err, iterator.Done) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
}
