// Package page writes the cost page, cost.md, from the model.
package page

import (
	_ "embed"
	"fmt"
	"io"
	"math/big"
	"strings"
	"text/template"

	"github.com/zackkki/ecomm_datapipeline/monitoring/cost/estimate"
	"github.com/zackkki/ecomm_datapipeline/monitoring/cost/price"
)

//go:embed page.md.tmpl
var text string

// column is a deployment on the page.
type column struct {
	Name       string
	Deployment estimate.Deployment
	Bill       estimate.Bill
	Composer   estimate.Bill
	Limits     []estimate.Limit
}

// Refused names what the limits do not let through, for a sentence.
func (c column) Refused() string {
	var names []string
	for _, l := range c.Limits {
		if l.Bytes > l.Most {
			names = append(names, "the "+l.What)
		}
	}
	if n := len(names); n > 1 {
		names = append(names[:n-2], names[n-2]+" and "+names[n-1])
	}
	return strings.Join(names, ", ")
}

// row is one line of a table of money: a name and a cell for each column.
type row struct {
	Name  string
	Cells []string
}

type lever struct {
	Name, Value, Moves string
	Cells              []string
}

type data struct {
	Columns     []column
	Groups      []row
	Limits      []row
	Totals, Two row // of the pipeline, and of Composer
	Lines       []lineRow
	Levers      []lever
	Base        *estimate.Base
	Sizes       []row
	Prices      []price.Entry
	Assumptions []estimate.Assumption
}

type lineRow struct {
	Group, Name string
	Cells       []string
}

// Write writes the page.
func Write(w io.Writer) error {
	base, err := estimate.NewBase()
	if err != nil {
		return err
	}
	columns, err := columnsOf(base)
	if err != nil {
		return err
	}
	levers, err := leversOf(base)
	if err != nil {
		return err
	}
	t, err := template.New("page").Funcs(template.FuncMap{"money": money, "dollars": thousands, "bytes": size}).Parse(text)
	if err != nil {
		return fmt.Errorf("read the page's template: %w", err)
	}
	return t.Execute(w, data{
		Columns: columns, Groups: groupsOf(columns), Lines: linesOf(columns), Limits: limitsOf(columns),
		Totals: cells("**pipeline**", columns, func(c column) price.Money { return c.Bill.Total }),
		Two:    cells("the same on Cloud Composer 3", columns, func(c column) price.Money { return c.Composer.Total }),
		Levers: levers, Base: base, Sizes: sizesOf(base), Prices: price.List, Assumptions: base.Assumptions(),
	})
}

// View is what one view of the dashboard's overview bills, in bytes.
func (c column) View() (int64, error) { return c.Deployment.View() }

// AsOf is what one look at the page As of bills, in bytes.
func (c column) AsOf() (int64, error) { return c.Deployment.AsOf() }

// Over is what a column's bill is above the goal of its load, in a word.
func (c column) Over() string {
	over := new(big.Rat).Sub(c.Bill.Total, new(big.Rat).SetInt64(c.Deployment.Goal))
	if over.Sign() <= 0 {
		return "met"
	}
	return "missed by $" + money(over)
}

// columnsOf are the loads as shipped, the largest again as the page advises, and the
// smallest in the overlay that is made for it.
func columnsOf(base *estimate.Base) ([]column, error) {
	var columns []column
	add := func(name string, d estimate.Deployment) error {
		bill, err := d.Bill()
		if err != nil {
			return err
		}
		composer, err := d.Composer()
		if err != nil {
			return err
		}
		limits, err := d.Limits()
		columns = append(columns, column{name, d, bill, composer, limits})
		return err
	}
	for _, load := range estimate.Loads {
		if err := add(load.Name, base.At(load, nil)); err != nil {
			return nil, err
		}
	}
	largest := estimate.Loads[len(estimate.Loads)-1]
	if err := add(largest.Name+", tuned", base.At(largest, estimate.Tuned)); err != nil {
		return nil, err
	}
	small, err := base.In("small")
	if err != nil {
		return nil, err
	}
	return columns, add(estimate.Loads[0].Name+", `small`", small.At(estimate.Loads[0], nil))
}

var groups = []string{
	estimate.GroupPubSub, estimate.GroupIngest, estimate.GroupTables, estimate.GroupQueries,
	estimate.GroupObjects, estimate.GroupPods, estimate.GroupWatching, estimate.GroupFrontDoor,
}

func groupsOf(columns []column) []row {
	rows := make([]row, 0, len(groups)+1)
	for _, group := range groups {
		rows = append(rows, cells(group, columns, func(c column) price.Money { return c.Bill.Of(group, "") }))
	}
	return append(rows, cells("free tiers", columns, func(c column) price.Money { return minus(c.Bill.Free) }))
}

func cells(name string, columns []column, of func(column) price.Money) row {
	r := row{Name: name}
	for _, c := range columns {
		r.Cells = append(r.Cells, money(of(c)))
	}
	return r
}

// linesOf puts the parts of the bills side by side; all have the same.
func linesOf(columns []column) []lineRow {
	rows := make([]lineRow, len(columns[0].Bill.Lines))
	for i, line := range columns[0].Bill.Lines {
		rows[i] = lineRow{Group: line.Group, Name: line.Name}
		for _, c := range columns {
			rows[i].Cells = append(rows[i].Cells, money(c.Bill.Lines[i].Cost))
		}
	}
	return rows
}

// limitsOf shows the largest queries; those that are refused stand out.
func limitsOf(columns []column) []row {
	rows := make([]row, len(columns[0].Limits))
	for i, limit := range columns[0].Limits {
		rows[i] = row{Name: limit.What + ", at most " + size(limit.Most)}
		for _, c := range columns {
			cell := size(c.Limits[i].Bytes)
			if c.Limits[i].Bytes > c.Limits[i].Most {
				cell = "**" + cell + "**"
			}
			rows[i].Cells = append(rows[i].Cells, cell)
		}
	}
	return rows
}

// Share is a part's cost as a column has it: of a group, or of one line of it.
func (d data) Share(column int, group, name string) string {
	return money(d.Columns[column].Bill.Of(group, name))
}

// Lever is what a lever's part costs at a value, for a load.
func (d data) Lever(name, value string, load int) (string, error) {
	for _, l := range d.Levers {
		if l.Name == name && l.Value == value {
			return l.Cells[load], nil
		}
	}
	return "", fmt.Errorf("no lever %s has the value %s", name, value)
}

func leversOf(base *estimate.Base) ([]lever, error) {
	var rows []lever
	for _, l := range estimate.Levers() {
		for _, v := range l.Values {
			costs, err := base.Costs(l, v)
			if err != nil {
				return nil, err
			}
			r := lever{Name: l.Name, Value: v.Name, Moves: l.Moves}
			for _, cost := range costs {
				r.Cells = append(r.Cells, money(cost))
			}
			rows = append(rows, r)
		}
	}
	return rows, nil
}

func sizesOf(base *estimate.Base) []row {
	s := base.Sizes()
	n := func(v int64) []string { return []string{thousands(v)} }
	return []row{
		{"an order in its file", n(s.Order.File)}, {"an order's message, attributes included", n(s.Order.Message)},
		{"row of staging_orders", n(s.Order.Staging.Row())}, {"row of fact_orders", n(s.Fact.Row())}, {"row of order_keys", n(s.Key.Row())},
		{"a customer's message", n(s.Customer.Message)}, {"row of dim_customers", n(s.DimCustomer.Row())},
		{"a product's message", n(s.Product.Message)}, {"row of dim_products", n(s.DimProduct.Row())},
		{"lines of a hundred orders (no bytes)", n(s.LinesPerHundred)},
	}
}
