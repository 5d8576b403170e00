package analysis

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-googlesql"
)

// streamed are the tables that the writer appends to. BigQuery refuses
// UPDATE, DELETE and MERGE in a transaction on a table with recent appends.
var streamed = []string{"staging_orders", "staging_products", "staging_customers", "rejected_records", "dead_letters"}

// TestTransactionRules holds the statements to what BigQuery's transactions
// ask for and the analyzer does not know.
func TestTransactionRules(t *testing.T) {
	for _, group := range groupsOf(t) {
		t.Run(group, func(t *testing.T) {
			a := newAnalyzer(t)
			for _, s := range statementsOf(t, group) {
				t.Run(s.Name, func(t *testing.T) {
					stmt, err := a.analyze(s.Text, parametersOf(s)...)
					if err != nil {
						t.Fatal(err)
					}
					if err := a.apply(stmt); err != nil {
						t.Fatal(err)
					}
					if err := breaksRule(stmt); err != nil {
						t.Error(err)
					}
				})
			}
		})
	}
}

func TestBreaksRule(t *testing.T) {
	a := newAnalyzer(t)
	tests := []struct{ name, stmt, want string }{
		{"reads staging", "SELECT order_id FROM staging_orders", ""},
		{"inserts into a table of its own", "INSERT INTO pipeline_fence (id, epoch) SELECT record_index, 1 FROM staging_orders", ""},
		{"inserts into staging", "INSERT INTO dead_letters SELECT * FROM dead_letters", "writes to dead_letters, which the writer streams into"},
		{"deletes from staging", "DELETE FROM staging_orders WHERE TRUE", "writes to staging_orders, which the writer streams into"},
		{"updates staging", "UPDATE rejected_records SET rule = 'x' WHERE TRUE", "writes to rejected_records, which the writer streams into"},
		{"merges a table", "MERGE order_keys AS k USING unresolved_refs AS u ON k.order_id = u.ref_id WHEN MATCHED THEN DELETE", ""},
		{"merges into staging", "MERGE staging_orders AS s USING unresolved_refs AS u ON s.order_id = u.ref_id WHEN MATCHED THEN DELETE", "writes to staging_orders, which the writer streams into"},
		{
			"merges a subquery",
			"MERGE order_keys AS k USING (SELECT ref_id FROM unresolved_refs) AS u ON k.order_id = u.ref_id WHEN MATCHED THEN DELETE",
			"the source of a MERGE must be a temp table or grouped, so that no row of the target meets two",
		},
		{
			"merges groups",
			"MERGE order_keys AS k USING (SELECT ref_id, COUNT(*) AS n FROM unresolved_refs GROUP BY ref_id) AS u ON k.order_id = u.ref_id WHEN MATCHED THEN DELETE",
			"",
		},
		{
			"merges groups of a subquery with a name",
			"MERGE order_keys AS k USING (WITH r AS (SELECT ref_id FROM unresolved_refs) SELECT ref_id FROM r GROUP BY ref_id) AS u ON k.order_id = u.ref_id WHEN MATCHED THEN DELETE",
			"",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			stmt, err := a.analyze(test.stmt)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if err := breaksRule(stmt); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// breaksRule says which rule of a transaction the statement breaks, if any.
func breaksRule(stmt googlesql.ResolvedStatementNode) error {
	var target *googlesql.ResolvedTableScan
	var err error
	switch stmt := stmt.(type) {
	case *googlesql.ResolvedInsertStmt:
		target, err = stmt.TableScan()
	case *googlesql.ResolvedUpdateStmt:
		target, err = stmt.TableScan()
	case *googlesql.ResolvedDeleteStmt:
		target, err = stmt.TableScan()
	case *googlesql.ResolvedMergeStmt:
		source, sourceErr := stmt.FromScan()
		if sourceErr != nil {
			return sourceErr
		}
		if sound, err := isTableOrGrouped(source); err != nil || !sound {
			return errors.Join(err, errors.New("the source of a MERGE must be a temp table or grouped, so that no row of the target meets two"))
		}
		target, err = stmt.TableScan()
	}
	if err != nil || target == nil {
		return err
	}
	table, err := target.Table()
	if err != nil {
		return err
	}
	name, err := table.Name()
	if err != nil {
		return err
	}
	if slices.Contains(streamed, name) {
		return fmt.Errorf("writes to %s, which the writer streams into", name)
	}
	return nil
}

// isTableOrGrouped tells whether a scan is of a table, or gives one row for each group.
func isTableOrGrouped(scan googlesql.ResolvedScanNode) (bool, error) {
	if with, is := scan.(*googlesql.ResolvedWithScan); is {
		query, err := with.Query()
		if err != nil {
			return false, err
		}
		return isTableOrGrouped(query)
	}
	project, isProject := scan.(*googlesql.ResolvedProjectScan)
	if !isProject {
		_, isTable := scan.(*googlesql.ResolvedTableScan)
		return isTable, nil
	}
	input, err := project.InputScan()
	_, isGrouped := input.(*googlesql.ResolvedAggregateScan)
	return isGrouped, err
}

// TestParametersAgree: a parameter means one thing in a folder, so that one
// set of values can serve all its statements.
func TestParametersAgree(t *testing.T) {
	t.Parallel()
	for _, group := range groupsOf(t) {
		types := map[string]string{}
		for _, s := range statementsOf(t, group) {
			for _, p := range parametersOf(s) {
				if known, seen := types[p.name]; seen && known != p.typeName {
					t.Errorf("%s: @%s is %s, elsewhere in the folder %s", s.Name, p.name, p.typeName, known)
				}
				types[p.name] = p.typeName
				if strings.HasSuffix(p.name, "_dates") != (p.typeName == "ARRAY<DATE>") {
					t.Errorf("%s: @%s is %s: lists of dates, and only they, are named *_dates", s.Name, p.name, p.typeName)
				}
			}
		}
	}
}
