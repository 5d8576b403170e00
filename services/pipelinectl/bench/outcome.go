package bench

import (
	"context"
	"errors"
	"fmt"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/verify"
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

func readOutcome(ctx context.Context, c *verify.Clients) (Outcome, error) {
	var o Outcome
	var err1, err2, err3 error
	o.Files, err1 = readRows[FileCount](ctx, c, "check/outcome_files")
	o.Rejected, err2 = readRows[RuleCount](ctx, c, "check/outcome_rejected")
	o.Findings, err3 = readRows[RuleCount](ctx, c, "check/outcome_findings")
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

// readRows reads all rows of a named statement.
func readRows[T any](ctx context.Context, c *verify.Clients, name string) ([]T, error) {
	client := &warehouse.Client{BigQuery: c.BigQuery, Dataset: c.Config.Dataset, Service: topology.Operator, Task: "bench"}
	return warehouse.All[T](ctx, client, name, nil)
}
