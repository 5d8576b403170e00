package analysis

import (
	"errors"
	"fmt"

	"github.com/goccy/go-googlesql"

	"github.com/zackkki/ecomm_datapipeline/sql/lineage"
)

// way is how a value depends on another; the greater says more.
type way int

const (
	identity way = iota
	transformed
	aggregated
)

var ways = []string{lineage.Identity, lineage.Transformation, lineage.Aggregation}

// origin is a column of a table.
type origin struct{ table, column string }

// origins are the columns that a value is computed from.
type origins map[origin]way

// take adds what other depends on, by at least the given way.
func (o origins) take(other origins, as way) {
	for from, is := range other {
		o[from] = max(o[from], is, as)
	}
}

// flows are the origins of each column of each table, view and temp table that statements wrote.
type flows map[string]map[string]origins

// enter adds to what a column of a table comes from.
func (l flows) enter(table, column string, from origins) {
	if l[table] == nil {
		l[table] = make(map[string]origins)
	}
	if l[table][column] == nil {
		l[table][column] = make(origins)
	}
	l[table][column].take(from, identity)
}

// query enters what a view or temp table is computed from.
func (l flows) query(table string, stmt googlesql.ResolvedStatementNode) error {
	f, err := trace(stmt)
	if err != nil {
		return err
	}
	yields, ok := stmt.(interface {
		OutputColumnList() ([]*googlesql.ResolvedOutputColumn, error)
	})
	if !ok {
		return fmt.Errorf("%T yields no columns", stmt)
	}
	list, err := yields.OutputColumnList()
	if err != nil {
		return err
	}
	// The table may have been written before by a statement that stands for the same.
	for _, out := range list {
		name, nameErr := out.Name()
		column, columnErr := out.Column()
		if err := errors.Join(nameErr, columnErr); err != nil {
			return err
		}
		from, err := f.column(column)
		if err != nil {
			return err
		}
		l.enter(table, name, l.settled(from))
	}
	return nil
}

// settled replaces columns of views and temp tables by what these come from.
func (l flows) settled(from origins) origins {
	settled := make(origins)
	for o, as := range from {
		if columns, derived := l[o.table]; derived && l.isTemp(o.table) {
			settled.take(columns[o.column], as)
		} else {
			settled[o] = max(settled[o], as)
		}
	}
	return settled
}

// isTemp tells tables and views that are only steps on the way: those that query has entered.
func (l flows) isTemp(table string) bool { return l[table] != nil && l[table][step] != nil }

// step marks, as a column that no table has, what query has entered.
const step = ""

// statement enters what a statement writes.
func (l flows) statement(stmt googlesql.ResolvedStatementNode) error {
	switch stmt := stmt.(type) {
	case *googlesql.ResolvedCreateTableAsSelectStmt:
		path, err := stmt.NamePath()
		if err != nil {
			return err
		}
		return l.step(path[len(path)-1], stmt)
	case *googlesql.ResolvedInsertStmt:
		return l.insert(stmt)
	case *googlesql.ResolvedUpdateStmt:
		scan, scanErr := stmt.TableScan()
		items, itemsErr := stmt.UpdateItemList()
		if err := errors.Join(scanErr, itemsErr); err != nil {
			return err
		}
		return l.update(stmt, scan, items)
	case *googlesql.ResolvedMergeStmt:
		return l.merge(stmt)
	default:
		return nil
	}
}

// step enters a view or a temp table.
func (l flows) step(name string, stmt googlesql.ResolvedStatementNode) error {
	if err := l.query(name, stmt); err != nil {
		return err
	}
	l.enter(name, step, nil)
	return nil
}

func (l flows) insert(stmt *googlesql.ResolvedInsertStmt) error {
	scan, scanErr := stmt.TableScan()
	into, intoErr := stmt.InsertColumnList()
	from, fromErr := stmt.QueryOutputColumnList()
	if err := errors.Join(scanErr, intoErr, fromErr); err != nil || len(from) == 0 {
		return err // rows of constants come from nowhere
	}
	f, err := trace(stmt)
	if err != nil {
		return err
	}
	for i, column := range into {
		origins, err := f.column(from[i])
		if err == nil {
			err = l.write(scan, column, origins)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (l flows) update(stmt googlesql.ResolvedStatementNode, scan *googlesql.ResolvedTableScan, items []*googlesql.ResolvedUpdateItem) error {
	f, err := trace(stmt)
	if err != nil {
		return err
	}
	for _, item := range items {
		target, targetErr := item.Target()
		set, setErr := item.SetValue()
		if err := errors.Join(targetErr, setErr); err != nil {
			return err
		}
		ref, ok := target.(*googlesql.ResolvedColumnRef)
		if !ok || set == nil {
			return fmt.Errorf("%T is no column to set", target)
		}
		column, columnErr := ref.Column()
		value, valueErr := set.Value()
		if err := errors.Join(columnErr, valueErr); err != nil {
			return err
		}
		if err := l.set(f, scan, column, value); err != nil {
			return err
		}
	}
	return nil
}

func (l flows) merge(stmt *googlesql.ResolvedMergeStmt) error {
	scan, scanErr := stmt.TableScan()
	whens, whensErr := stmt.WhenClauseList()
	f, err := trace(stmt)
	if err := errors.Join(scanErr, whensErr, err); err != nil {
		return err
	}
	for _, when := range whens {
		items, itemsErr := when.UpdateItemList()
		into, intoErr := when.InsertColumnList()
		if err := errors.Join(itemsErr, intoErr); err != nil {
			return err
		}
		if err := l.update(stmt, scan, items); err != nil {
			return err
		}
		if len(into) == 0 {
			continue
		}
		row, err := when.InsertRow()
		if err != nil {
			return err
		}
		values, err := row.ValueList()
		if err != nil {
			return err
		}
		for i, column := range into {
			value, err := values[i].Value()
			if err != nil {
				return err
			}
			if err := l.set(f, scan, column, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// set enters that a column of the table of scan is set to a value.
func (l flows) set(f *columnFlow, scan *googlesql.ResolvedTableScan, column *googlesql.ResolvedColumn, value googlesql.ResolvedExprNode) error {
	from, err := f.value(value)
	if err != nil {
		return err
	}
	return l.write(scan, column, from)
}

// write enters what a column of the table of scan is set to.
func (l flows) write(scan *googlesql.ResolvedTableScan, column *googlesql.ResolvedColumn, from origins) error {
	table, err := tableOf(scan)
	if err != nil {
		return err
	}
	name, err := column.Name()
	if err != nil {
		return err
	}
	l.enter(table, name, l.settled(from))
	return nil
}

func tableOf(scan *googlesql.ResolvedTableScan) (string, error) {
	table, err := scan.Table()
	if err != nil {
		return "", err
	}
	return table.Name()
}
