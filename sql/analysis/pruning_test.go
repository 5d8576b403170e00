package analysis

import (
	"errors"
	"slices"
	"testing"

	"github.com/goccy/go-googlesql"
	"github.com/google/go-cmp/cmp"
)

// wholeGroups are the folders whose statements may read whole tables, each with its
// reason. All others may read a partitioned table only through a filter that BigQuery
// can prune by.
var wholeGroups = map[string]string{
	"verify":  "whoever verifies reads everything",
	"check":   "whoever verifies reads everything",
	"seed":    "run once, on tables that are empty or tiny",
	"upgrade": "run once, on the rows of an earlier release",
}

// wholeReads are the reads of whole tables that are meant, each with its reason.
var wholeReads = map[string][]string{
	// One row per hour: the newest hour of all time costs a few hundred kilobytes.
	"dashboard/summary": {"agg_hourly_metrics"}, "dashboard/summary_filtered": {"agg_hourly_metrics"},
	// When a person asks for one customer, whose days are what is asked: the table is clustered by it. Of the runs there are
	// five short rows of a day: which is the newest.
	"dashboard/customer_known": {"agg_daily_customers", "report_runs"}, "dashboard/product_known": {"report_runs"},
	// The table of the hours, when a person asks: a mixture of time zones may be anywhere.
	"doctor/calendar": {"agg_hourly_metrics"},
	// Three small columns of the findings, of which a file leaves few, twice a day: nothing else tells
	// which days have open ones.
	"loading/open_findings": {"data_quality_checks"},
	// Small rows, a few hundred of a day: the audit asks which days have changed, which may be any, and holds what it
	// recounts to the same sums.
	"reports/learn_data_quality":      {"agg_category_revenue", "agg_daily_files", "agg_daily_orders", "agg_hourly_metrics"},
	"reports/data_quality_32_recount": {"agg_category_revenue", "agg_daily_files", "agg_daily_orders", "agg_hourly_metrics"},
	// Eight bytes of each key: an order that comes again may be of any day.
	"loading/marks": {"order_keys"},
	// When a person asks for one file, by which the table is clustered; a late catalog may close a finding on any day.
	"operations/file_findings": {"data_quality_checks"},
	// When an operator serves a consumer that joins late: earlier versions of the orders may be of any day.
	"republish/orders": {"order_history"},
	// When a person asks for one order, whose days are what is asked: both tables are clustered by it.
	"trace/versions": {"order_history", "order_keys"},
	"trace/order":    {"data_quality_checks", "order_history", "order_keys"},
	"trace/stations": {"order_history", "order_keys"},
	// The same, of the findings: the file of a record that was left out is what is asked.
	"trace/findings": {"data_quality_checks"},
}

// TestPartitionsArePruned finds statements that would read whole tables. Each
// read of a partitioned table needs a condition on its partition column
// against constants, where the table is read or joined: with the lists of
// dates that InlineDates renders, or with scalar parameters.
func TestPartitionsArePruned(t *testing.T) {
	groups := groupsOf(t)
	for group := range wholeGroups {
		if !slices.Contains(groups, group) {
			t.Errorf("there is no folder %s", group)
		}
	}
	for _, group := range groups {
		if wholeGroups[group] != "" {
			continue
		}
		t.Run(group, func(t *testing.T) {
			a := newAnalyzer(t)
			for _, s := range statementsOf(t, group) {
				t.Run(s.Name, func(t *testing.T) {
					params := parametersOf(s)
					stmt, err := a.analyze(inlineSampleDates(t, s), withoutDates(params)...)
					if err != nil {
						t.Fatal(err)
					}
					if err := a.apply(stmt); err != nil {
						t.Fatal(err)
					}
					got, err := a.unpruned(stmt)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(wholeReads[s.Name], got); diff != "" {
						t.Errorf("tables read whole (-meant +found):\n%s", diff)
					}
				})
			}
		})
	}
}

func TestUnpruned(t *testing.T) {
	a := newAnalyzer(t)
	tests := []struct {
		name, stmt string
		want       []string
	}{
		{"list", "SELECT order_id FROM fact_orders WHERE order_date IN (DATE '2026-11-01', DATE '2026-11-02') AND quantity > 1", nil},
		{"no list", "SELECT order_id FROM fact_orders WHERE order_date BETWEEN DATE '9999-12-31' AND DATE '0001-01-01'", nil},
		{"scalar parameter", "SELECT order_id FROM fact_orders WHERE order_date >= DATE_SUB(@day, INTERVAL 30 DAY)", nil},
		{"timestamp", "DELETE FROM agg_hourly_metrics WHERE DATE(metric_hour) IN (DATE '2026-11-01')", nil},
		{"not partitioned", "SELECT order_date FROM unresolved_refs", nil},
		{"no filter", "SELECT order_id FROM fact_orders", []string{"fact_orders"}},
		{"filter on another column", "DELETE FROM fact_orders WHERE file_id = 'x'", []string{"fact_orders"}},
		{"array parameter", "SELECT order_id FROM fact_orders WHERE order_date IN UNNEST(@days)", []string{"fact_orders"}},
		{"subquery", "SELECT order_id FROM fact_orders WHERE order_date IN (SELECT order_date FROM unresolved_refs)", []string{"fact_orders"}},
		{"one branch of OR", "SELECT order_id FROM fact_orders WHERE order_date = @day OR quantity > 1", []string{"fact_orders"}},
		{"negated", "SELECT order_id FROM fact_orders WHERE order_date NOT IN (DATE '2026-11-01')", []string{"fact_orders"}},
		{
			"one side of a join",
			"SELECT f.order_id FROM fact_orders AS f JOIN order_keys AS k USING (order_id) WHERE f.order_date = @day",
			[]string{"order_keys"},
		},
		{
			"both sides of a join",
			"SELECT f.order_id FROM fact_orders AS f JOIN order_keys AS k ON k.order_id = f.order_id AND k.order_date = @day WHERE f.order_date = @day",
			nil,
		},
		{
			"merge on", `MERGE order_keys AS k USING unresolved_refs AS u
				ON k.order_id = u.ref_id AND k.order_date IN (DATE '2026-11-01') WHEN MATCHED THEN DELETE`, nil,
		},
		{
			"merge without", `MERGE order_keys AS k USING unresolved_refs AS u
				ON k.order_id = u.ref_id AND k.order_date = u.order_date WHEN MATCHED THEN DELETE`, []string{"order_keys"},
		},
		{"insert reads its source alone", "INSERT INTO order_keys SELECT * FROM order_keys WHERE order_date = @day", nil},
		{"insert from a whole table", "INSERT INTO order_keys SELECT * FROM order_keys", []string{"order_keys"}},
		{"update", "UPDATE fact_orders AS f SET category = 'x' FROM unresolved_refs AS u WHERE f.order_date IN (DATE '2026-11-01')", nil},
		{"view", "SELECT rule FROM v_rejected_records", []string{"v_rejected_records"}},
		{"inside a CTE", "WITH c AS (SELECT order_id FROM fact_orders) SELECT order_id FROM c", []string{"fact_orders"}},
		{"inside a subquery", "SELECT 1 FROM unresolved_refs WHERE ref_id IN (SELECT product_id FROM fact_orders)", []string{"fact_orders"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			stmt, err := a.analyze(test.stmt, parameter{"day", "DATE"}, parameter{"days", "ARRAY<DATE>"})
			if err != nil {
				t.Fatal(err)
			}
			got, err := a.unpruned(stmt)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("tables read whole (-want +got):\n%s", diff)
			}
		})
	}
}

// unpruned names, sorted, the partitioned tables and views that stmt reads or
// changes without a condition that BigQuery can prune by.
//
// A filter counts wherever in the statement it holds a partition column of
// just that read of the table. That is best effort in one direction: an outer
// join's condition also counts for the side that it does not restrict.
func (a *analyzer) unpruned(stmt googlesql.ResolvedNode) ([]string, error) {
	var w walk
	if err := w.visit(stmt); err != nil {
		return nil, err
	}
	var found []string
	for _, scan := range w.scans {
		name, id, err := a.partitionColumn(scan)
		if err != nil {
			return nil, err
		}
		if name != "" && !slices.Contains(w.bounded, id) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// partitionOf returns the partition column that a view's query hands on.
func (a *analyzer) partitionOf(query googlesql.ResolvedNode, columns []column) (string, error) {
	var w walk
	if err := w.visit(query); err != nil {
		return "", err
	}
	for _, scan := range w.scans {
		name, _, err := a.partitionColumn(scan)
		if err != nil {
			return "", err
		}
		partition := a.partitions[name]
		if partition != "" && slices.ContainsFunc(columns, func(c column) bool { return c.Name == partition }) {
			return partition, nil
		}
	}
	return "", nil
}

// partitionColumn returns the table that scan reads and the id of its
// partition column there; no name if the table has none.
func (a *analyzer) partitionColumn(scan *googlesql.ResolvedTableScan) (string, int32, error) {
	table, err := scan.Table()
	if err != nil {
		return "", 0, err
	}
	name, err := table.Name()
	if err != nil {
		return "", 0, err
	}
	partition, ok := a.partitions[name]
	if !ok {
		return "", 0, nil
	}
	columns, err := scan.ColumnList()
	if err != nil {
		return "", 0, err
	}
	for _, c := range columns {
		columnName, nameErr := c.Name()
		id, err := c.ColumnId()
		if err := errors.Join(nameErr, err); err != nil {
			return "", 0, err
		}
		if columnName == partition {
			return name, id, nil
		}
	}
	return name, -1, nil
}

// walk collects what a statement reads and which columns it bounds.
type walk struct {
	scans   []*googlesql.ResolvedTableScan
	bounded []int32 // ids of columns that are compared with constants
}

func (w *walk) visit(node googlesql.ResolvedNode) error {
	var condition googlesql.ResolvedExprNode
	var err error
	target := false
	switch node := node.(type) {
	case *googlesql.ResolvedTableScan:
		w.scans = append(w.scans, node)
	case *googlesql.ResolvedInsertStmt:
		target = true // its first table scan only says where rows go
	case *googlesql.ResolvedFilterScan:
		condition, err = node.FilterExpr()
	case *googlesql.ResolvedJoinScan:
		condition, err = node.JoinExpr()
	case *googlesql.ResolvedMergeStmt:
		condition, err = node.MergeExpr()
	case *googlesql.ResolvedUpdateStmt:
		condition, err = node.WhereExpr()
	case *googlesql.ResolvedDeleteStmt:
		condition, err = node.WhereExpr()
	}
	if err != nil {
		return err
	}
	if condition != nil {
		if err := w.bound(condition); err != nil {
			return err
		}
	}
	children, err := node.GetChildNodes()
	if err != nil {
		return err
	}
	for _, child := range children {
		if _, isScan := child.(*googlesql.ResolvedTableScan); isScan && target {
			target = false
			continue
		}
		if err := w.visit(child); err != nil {
			return err
		}
	}
	return nil
}

// bound notes the columns that hold for condition only within constants: it
// descends through AND, and takes comparisons of a column with constants.
func (w *walk) bound(condition googlesql.ResolvedExprNode) error {
	call, ok := condition.(*googlesql.ResolvedFunctionCall)
	if !ok {
		return nil
	}
	name, err := functionName(call)
	if err != nil {
		return err
	}
	args, err := call.ArgumentList()
	if err != nil {
		return err
	}
	switch name {
	case "$and":
		for _, arg := range args {
			if err := w.bound(arg); err != nil {
				return err
			}
		}
	case "$in", "$between", "$equal", "$less", "$less_or_equal", "$greater", "$greater_or_equal":
		id, ok, err := partitionExpr(args[0])
		if err != nil || !ok {
			return err
		}
		for _, arg := range args[1:] {
			if constant, err := isConstant(arg); err != nil || !constant {
				return err
			}
		}
		w.bounded = append(w.bounded, id)
	}
	return nil
}

// partitionExpr returns the column of a bare reference to it, or of DATE or
// TIMESTAMP_TRUNC over one, which BigQuery sees through.
func partitionExpr(expr googlesql.ResolvedExprNode) (int32, bool, error) {
	switch expr := expr.(type) {
	case *googlesql.ResolvedColumnRef:
		c, err := expr.Column()
		if err != nil {
			return 0, false, err
		}
		id, err := c.ColumnId()
		return id, err == nil, err
	case *googlesql.ResolvedFunctionCall:
		name, err := functionName(expr)
		if err != nil || name != "date" && name != "timestamp_trunc" {
			return 0, false, err
		}
		args, err := expr.ArgumentList()
		if err != nil || len(args) == 0 {
			return 0, false, err
		}
		return partitionExpr(args[0])
	default:
		return 0, false, nil
	}
}

// isConstant reports whether expr holds nothing but literals and parameters.
func isConstant(expr googlesql.ResolvedExprNode) (bool, error) {
	switch expr := expr.(type) {
	case *googlesql.ResolvedLiteral, *googlesql.ResolvedParameter:
		return true, nil
	case *googlesql.ResolvedCast:
		inner, err := expr.Expr()
		if err != nil {
			return false, err
		}
		return isConstant(inner)
	case *googlesql.ResolvedFunctionCall:
		args, err := expr.ArgumentList()
		if err != nil {
			return false, err
		}
		for _, arg := range args {
			if constant, err := isConstant(arg); err != nil || !constant {
				return false, err
			}
		}
		return true, nil
	default:
		return false, nil
	}
}

func functionName(call *googlesql.ResolvedFunctionCall) (string, error) {
	function, err := call.Function()
	if err != nil {
		return "", err
	}
	return function.Name()
}
