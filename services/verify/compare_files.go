package verify

import (
	"context"
	"fmt"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// ledgerRow is the part of a ledger row that follows from the file.
type ledgerRow struct {
	kind, verdict, reason                              string
	records, loaded, lines, duplicates, rejected, held int64
	updated                                            int64
	leftOut                                            string
}

func (c *Clients) compareLedger(ctx context.Context, want *reference.Warehouse, found *findings) error {
	found.begin("ledger_equals_model")
	left := make(map[string]ledgerRow)
	for id, o := range want.Files {
		left[id] = ledgerRow{o.Kind, o.Verdict, o.Reason, o.Records, o.Loaded, o.Lines, o.Duplicates, o.Rejected, o.Held, o.Updated, o.LeftOut}
	}
	err := c.eachRow(ctx, "check/ledger", func(row []bigquery.Value) error {
		var id string
		var l ledgerRow
		var leftOut text
		if err := scan(row, &id, &l.kind, &l.verdict, &l.reason,
			&l.records, &l.loaded, &l.lines, &l.duplicates, &l.rejected, &l.held, &l.updated, &leftOut); err != nil {
			return err
		}
		if l.leftOut = leftOut.value; !leftOut.known {
			l.leftOut = left[id].leftOut
		}
		compare(found, left, id, l)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read file_ledger: %w", err)
	}
	missing(found, left)
	return nil
}

// fileRule is a rule and a file that breaks it.
type fileRule struct{ fileID, rule string }

func (c *Clients) compareFindings(ctx context.Context, want *reference.Warehouse, found *findings) error {
	found.begin("quality_findings_equal_model")
	type finding struct{ occurrences, open, rows int64 }
	left := make(map[fileRule]finding)
	for id, o := range want.Files {
		for rule, n := range o.Findings {
			if n != 0 {
				left[fileRule{id, rule}] = finding{n, o.Open[rule], o.FindingRows[rule]}
			}
		}
	}
	err := c.eachRow(ctx, "check/findings", func(row []bigquery.Value) error {
		var key fileRule
		var f finding
		var distinct int64
		if err := scan(row, &key.fileID, &key.rule, &f.occurrences, &f.open, &f.rows, &distinct); err != nil {
			return err
		}
		if f.rows != distinct {
			found.add("%v: %d rows, but %d distinct ids", key, f.rows, distinct)
		}
		compare(found, left, key, f)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read data_quality_checks: %w", err)
	}
	missing(found, left)
	return nil
}

func (c *Clients) compareRefused(ctx context.Context, want *reference.Warehouse, found *findings) error {
	found.begin("rejected_records_equal_model")
	return c.compareCounts(ctx, "v_rejected_records", "check/refused", counts(want, func(o reference.Outcome) map[string]int64 { return o.Refused }), found)
}

// compareLedgerRules compares the ledger's own count of refused records by rule.
func (c *Clients) compareLedgerRules(ctx context.Context, want *reference.Warehouse, found *findings) error {
	found.begin("ledger_rules_equal_model")
	return c.compareCounts(ctx, "file_ledger", "check/ledger_rules", counts(want, func(o reference.Outcome) map[string]int64 { return o.Refused }), found)
}

func counts(want *reference.Warehouse, of func(reference.Outcome) map[string]int64) map[fileRule]int64 {
	all := make(map[fileRule]int64)
	for id, o := range want.Files {
		for rule, n := range of(o) {
			if n != 0 {
				all[fileRule{id, rule}] = n
			}
		}
	}
	return all
}

// compareCounts compares rows of file, rule, count and count of distinct ids.
func (c *Clients) compareCounts(ctx context.Context, table, statement string, left map[fileRule]int64, found *findings) error {
	err := c.eachRow(ctx, statement, func(row []bigquery.Value) error {
		var key fileRule
		var n, distinct int64
		if err := scan(row, &key.fileID, &key.rule, &n, &distinct); err != nil {
			return err
		}
		if n != distinct {
			found.add("%v: %d rows, but %d distinct ids", key, n, distinct)
		}
		compare(found, left, key, n)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read %s: %w", table, err)
	}
	missing(found, left)
	return nil
}
