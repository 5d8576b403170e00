package analysis

import (
	"errors"
	"fmt"

	"github.com/goccy/go-googlesql"
)

// columnFlow is how the columns of one statement depend on each other; each has an id of its own.
type columnFlow struct {
	tables  map[int32]origin // columns that a table has
	derived map[int32][]dependency
	named   map[string][]*googlesql.ResolvedColumn // of WITH
	refs    []*googlesql.ResolvedWithRefScan
	done    map[int32]origins
}

// dependency is that a column is computed from another.
type dependency struct {
	from *googlesql.ResolvedColumn
	as   way
}

// trace reads a statement.
func trace(stmt googlesql.ResolvedNode) (*columnFlow, error) {
	f := &columnFlow{
		tables: make(map[int32]origin), derived: make(map[int32][]dependency),
		named: make(map[string][]*googlesql.ResolvedColumn), done: make(map[int32]origins),
	}
	if err := f.visit(stmt); err != nil {
		return nil, err
	}
	for _, ref := range f.refs {
		name, nameErr := ref.WithQueryName()
		columns, err := columnsOfScan(ref)
		if err := errors.Join(nameErr, err); err != nil {
			return nil, err
		}
		if err := f.pair(columns, f.named[name]); err != nil {
			return nil, fmt.Errorf("reference to %s: %w", name, err)
		}
	}
	return f, nil
}

func (f *columnFlow) visit(node googlesql.ResolvedNode) error {
	var err error
	switch node := node.(type) {
	case *googlesql.ResolvedTableScan:
		err = f.scan(node)
	case *googlesql.ResolvedComputedColumn:
		err = f.computed(node)
	case *googlesql.ResolvedDeferredComputedColumn:
		err = f.computed(node)
	case *googlesql.ResolvedArrayScan:
		err = f.array(node)
	case *googlesql.ResolvedSetOperationScan:
		err = f.union(node)
	case *googlesql.ResolvedWithRefScan:
		f.refs = append(f.refs, node)
	case *googlesql.ResolvedWithEntry:
		name, nameErr := node.WithQueryName()
		query, queryErr := node.WithSubquery()
		if err = errors.Join(nameErr, queryErr); err == nil {
			f.named[name], err = columnsOfScan(query)
		}
	case *googlesql.ResolvedRecursiveScan, *googlesql.ResolvedPivotScan, *googlesql.ResolvedUnpivotScan:
		err = fmt.Errorf("the lineage does not follow columns through %T yet", node)
	}
	if err != nil {
		return err
	}
	children, err := node.GetChildNodes()
	if err != nil {
		return err
	}
	for _, child := range children {
		if err := f.visit(child); err != nil {
			return err
		}
	}
	return nil
}

func (f *columnFlow) scan(scan *googlesql.ResolvedTableScan) error {
	table, err := tableOf(scan)
	if err != nil {
		return err
	}
	columns, err := scan.ColumnList()
	if err != nil {
		return err
	}
	for _, c := range columns {
		id, idErr := c.ColumnId()
		name, nameErr := c.Name()
		if err := errors.Join(idErr, nameErr); err != nil {
			return err
		}
		f.tables[id] = origin{table, name}
	}
	return nil
}

func (f *columnFlow) computed(node interface {
	Column() (*googlesql.ResolvedColumn, error)
	Expr() (googlesql.ResolvedExprNode, error)
}) error {
	column, columnErr := node.Column()
	expr, exprErr := node.Expr()
	if err := errors.Join(columnErr, exprErr); err != nil {
		return err
	}
	return f.derive(column, expr, identity)
}

// derive notes what a column is computed from.
func (f *columnFlow) derive(column *googlesql.ResolvedColumn, expr googlesql.ResolvedExprNode, as way) error {
	id, err := column.ColumnId()
	if err != nil {
		return err
	}
	from, err := references(expr, as)
	f.derived[id] = append(f.derived[id], from...)
	return err
}

func (f *columnFlow) array(scan *googlesql.ResolvedArrayScan) error {
	elements, elementsErr := scan.ElementColumnList()
	arrays, arraysErr := scan.ArrayExprList()
	if err := errors.Join(elementsErr, arraysErr); err != nil {
		return err
	}
	for i, element := range elements {
		if err := f.derive(element, arrays[i], transformed); err != nil {
			return err
		}
	}
	return nil
}

func (f *columnFlow) union(scan *googlesql.ResolvedSetOperationScan) error {
	columns, columnsErr := columnsOfScan(scan)
	items, itemsErr := scan.InputItemList()
	if err := errors.Join(columnsErr, itemsErr); err != nil {
		return err
	}
	for _, item := range items {
		from, err := item.OutputColumnList()
		if err == nil {
			err = f.pair(columns, from)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pair notes that columns hand on others, in their order.
func (f *columnFlow) pair(columns, from []*googlesql.ResolvedColumn) error {
	if len(columns) != len(from) {
		return fmt.Errorf("%d columns of %d", len(columns), len(from))
	}
	for i, c := range columns {
		id, err := c.ColumnId()
		if err != nil {
			return err
		}
		f.derived[id] = append(f.derived[id], dependency{from[i], identity})
	}
	return nil
}

// column gives the columns of tables that a column is computed from.
func (f *columnFlow) column(c *googlesql.ResolvedColumn) (origins, error) {
	id, err := c.ColumnId()
	if err != nil {
		return nil, err
	}
	if known, ok := f.done[id]; ok {
		return known, nil
	}
	found := make(origins)
	f.done[id] = found
	if at, ok := f.tables[id]; ok {
		found[at] = identity
	}
	for _, d := range f.derived[id] {
		from, err := f.column(d.from)
		if err != nil {
			return nil, err
		}
		found.take(from, d.as)
	}
	return found, nil
}

// value gives the columns of tables that an expression is computed from.
func (f *columnFlow) value(expr googlesql.ResolvedExprNode) (origins, error) {
	refs, err := references(expr, identity)
	found := make(origins)
	for _, d := range refs {
		from, columnErr := f.column(d.from)
		err = errors.Join(err, columnErr)
		found.take(from, d.as)
	}
	return found, err
}

// references are the columns that an expression computes its value of.
func references(expr googlesql.ResolvedNode, as way) ([]dependency, error) {
	switch expr := expr.(type) {
	case *googlesql.ResolvedColumnRef:
		c, err := expr.Column()
		return []dependency{{c, as}}, err
	case *googlesql.ResolvedSubqueryExpr:
		return ofSubquery(expr)
	case *googlesql.ResolvedAggregateFunctionCall:
		as = aggregated
	default:
		as = max(as, transformed)
	}
	children, err := expr.GetChildNodes()
	if err != nil {
		return nil, err
	}
	var all []dependency
	for _, child := range children {
		below, err := references(child, as)
		if err != nil {
			return nil, err
		}
		all = append(all, below...)
	}
	return all, nil
}

// ofSubquery is what a subquery yields; one that is only asked whether there is a row yields nothing.
func ofSubquery(expr *googlesql.ResolvedSubqueryExpr) ([]dependency, error) {
	kind, kindErr := expr.SubqueryType()
	query, queryErr := expr.Subquery()
	if err := errors.Join(kindErr, queryErr); err != nil {
		return nil, err
	}
	if kind != googlesql.ResolvedSubqueryExprEnums_SubqueryTypeScalar && kind != googlesql.ResolvedSubqueryExprEnums_SubqueryTypeArray {
		return nil, nil
	}
	columns, err := columnsOfScan(query)
	var all []dependency
	for _, c := range columns {
		all = append(all, dependency{c, transformed})
	}
	return all, err
}

func columnsOfScan(scan googlesql.ResolvedNode) ([]*googlesql.ResolvedColumn, error) {
	lists, ok := scan.(interface {
		ColumnList() ([]*googlesql.ResolvedColumn, error)
	})
	if !ok {
		return nil, fmt.Errorf("%T lists no columns", scan)
	}
	return lists.ColumnList()
}
