package verify

import (
	"context"
	"fmt"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/model"
)

// ledgerRow is the part of a ledger row that follows from the file.
type ledgerRow struct {
	kind, verdict, reason                              string
	records, loaded, lines, duplicates, rejected, held int64
}

func (c *Clients) compareLedger(ctx context.Context, want *model.Warehouse, found *findings) error {
	found.begin("ledger_equals_model")
	left := make(map[string]ledgerRow)
	for id, o := range want.Files {
		left[id] = ledgerRow{o.Kind, o.Verdict, o.Reason, o.Records, o.Loaded, o.Lines, o.Duplicates, o.Rejected, o.Held}
	}
	const query = `SELECT l.file_id, l.kind, l.verdict, l.reason, l.records, l.loaded, l.lines, l.duplicates, l.rejected, l.held
		FROM file_ledger AS l`
	err := c.eachRow(ctx, query, func(row []bigquery.Value) error {
		var id string
		var l ledgerRow
		if err := scan(row, &id, &l.kind, &l.verdict, &l.reason,
			&l.records, &l.loaded, &l.lines, &l.duplicates, &l.rejected, &l.held); err != nil {
			return err
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

func (c *Clients) compareFindings(ctx context.Context, want *model.Warehouse, found *findings) error {
	found.begin("quality_findings_equal_model")
	const query = `SELECT q.file_id, q.check_type, COUNT(*) AS findings, COUNT(DISTINCT q.check_id) AS ids
		FROM data_quality_checks AS q GROUP BY q.file_id, q.check_type`
	return c.compareCounts(ctx, "data_quality_checks", query, counts(want, func(o model.Outcome) map[string]int64 { return o.Findings }), found)
}

func (c *Clients) compareRefused(ctx context.Context, want *model.Warehouse, found *findings) error {
	found.begin("rejected_records_equal_model")
	const query = `SELECT r.file_id, r.rule, COUNT(*) AS records, COUNT(DISTINCT r.record_index) AS ids
		FROM v_rejected_records AS r
		WHERE r.parse_id NOT IN (SELECT h.parse_id FROM file_ledger_history AS h)
		GROUP BY r.file_id, r.rule`
	return c.compareCounts(ctx, "v_rejected_records", query, counts(want, func(o model.Outcome) map[string]int64 { return o.Refused }), found)
}

// compareLedgerRules compares the ledger's own count of refused records by rule.
func (c *Clients) compareLedgerRules(ctx context.Context, want *model.Warehouse, found *findings) error {
	found.begin("ledger_rules_equal_model")
	const query = `SELECT l.file_id, r.rule, SUM(r.records) AS records, MAX(r.records) AS most
		FROM file_ledger AS l, UNNEST(l.rejected_by_rule) AS r GROUP BY l.file_id, r.rule`
	return c.compareCounts(ctx, "file_ledger", query, counts(want, func(o model.Outcome) map[string]int64 { return o.Refused }), found)
}

func counts(want *model.Warehouse, of func(model.Outcome) map[string]int64) map[fileRule]int64 {
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
func (c *Clients) compareCounts(ctx context.Context, table, query string, left map[fileRule]int64, found *findings) error {
	err := c.eachRow(ctx, query, func(row []bigquery.Value) error {
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
