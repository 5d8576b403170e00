package estimate

import (
	"math/big"

	"github.com/zackkki/ecomm_datapipeline/monitoring/cost/price"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// Line is a part and its cost.
type Line struct {
	Part
	Cost price.Money
}

// Bill is a month's bill.
type Bill struct {
	Lines []Line
	Free  price.Money // what the free parts of the items take off
	Total price.Money
}

// Bill adds the parts up and takes the free parts off, once for each item.
func (d Deployment) Bill() (Bill, error) {
	parts, err := d.Parts()
	if err != nil {
		return Bill{}, err
	}
	return billOf(parts)
}

func billOf(parts []Part) (Bill, error) {
	b := Bill{Free: new(big.Rat), Total: new(big.Rat)}
	used := make(map[price.Item]int64)
	for _, p := range parts {
		cost, err := p.Cost()
		if err != nil {
			return Bill{}, err
		}
		b.Lines = append(b.Lines, Line{p, cost})
		b.Total.Add(b.Total, cost)
		for _, u := range p.Uses {
			used[u.Item] += u.Units
		}
	}
	for item, units := range used {
		free, err := price.Free(item, units)
		if err != nil {
			return Bill{}, err
		}
		b.Free.Add(b.Free, free)
	}
	b.Total.Sub(b.Total, b.Free)
	return b, nil
}

// Of adds the lines of a group up; of one part of it, if name is not empty.
func (b Bill) Of(group, name string) price.Money {
	sum := new(big.Rat)
	for _, l := range b.Lines {
		if l.Group == group && (name == "" || l.Name == name) {
			sum.Add(sum, l.Cost)
		}
	}
	return sum
}

// Composer is the bill of the same work as a DAG that runs each 15 minutes on a small
// Cloud Composer 3 environment: the same bucket, tables, transactions and reports, with
// load jobs, which are free, in place of messages and appends, and no pods. It keeps no
// promise to consumers and its dashboard follows in 15 minutes.
func (d Deployment) Composer() (Bill, error) {
	all, err := d.Parts()
	if err != nil {
		return Bill{}, err
	}
	var parts []Part
	for _, p := range all {
		switch {
		case p.Group == GroupTables, p.Group == GroupObjects:
		case p.Group == GroupQueries && p.Name != PartLooks:
		default:
			continue
		}
		parts = append(parts, p)
	}
	return billOf(append(parts, Part{GroupComposer, "small environment", []Use{
		{price.ComposerCompute, composerDCU * hours}, {price.ComposerDatabase, composerDatabase * hours}}}))
}

// A small environment was measured by a third party at 12 DCU; Google states no number.
const (
	composerDCU      = 12
	composerDatabase = 10 << 30
)

// Limit is a query against the MAX_BYTES_BILLED at which BigQuery refuses it.
type Limit struct {
	What        string
	Bytes, Most int64
}

// View is what one view of the overview bills, all its queries together.
func (d Deployment) View() (int64, error) {
	q, err := d.queries()
	return q.View, err
}

// Limits compares a deployment's largest queries with the limits of the overlay.
func (d Deployment) Limits() ([]Limit, error) {
	q, err := d.queries()
	return []Limit{
		{"transaction with orders", q.Transaction, d.limits[topology.Aggregator]},
		{"transaction with later versions of orders", q.Versions, d.limits[topology.Aggregator]},
		{"transaction with a catalog", q.Catalogs, d.limits[topology.Aggregator]},
		{"largest query of the dashboard", q.Page, d.limits[topology.Reporter]},
		{"largest nightly report", q.Report, d.limits[dailyReports]},
	}, err
}
