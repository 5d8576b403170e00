// Package verify checks that the pipeline kept its promises. Invariants asks the
// warehouse and the bucket alone, and so can be run against any of them; Compare
// compares the warehouse with what the model computes from the landed files, and
// needs those files.
//
// All read everything and change nothing. AtWork may be run while files flow; Invariants
// and Compare want a quiet pipeline, and take a file on its way for a fault.
package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
)

// Violation is one promise that was not kept.
type Violation struct {
	// Invariant names the promise, such as "fact_grain".
	Invariant string
	// Detail is the first row or object at fault, for a person.
	Detail string
}

func (v Violation) String() string { return v.Invariant + ": " + v.Detail }

// maxExamples bounds how many violations of one invariant are listed; a last one
// tells how many there are.
const maxExamples = 10

// findings collects the violations of one invariant at a time.
type findings struct {
	list      []Violation
	invariant string
	count     int
}

func (f *findings) add(format string, args ...any) {
	f.count++
	if f.count <= maxExamples {
		f.list = append(f.list, Violation{f.invariant, fmt.Sprintf(format, args...)})
	}
}

// begin starts the next invariant.
func (f *findings) begin(invariant string) {
	f.end()
	f.invariant, f.count = invariant, 0
}

func (f *findings) end() {
	if f.count > maxExamples {
		f.list = append(f.list, Violation{f.invariant, fmt.Sprintf("%d violations in all", f.count)})
	}
	f.count = 0
}

// of adds a violation that names its invariant itself.
func (f *findings) of(v Violation) {
	if v.Invariant != f.invariant {
		f.begin(v.Invariant)
	}
	f.add("%s", v.Detail)
}

// sorted ends the last invariant and gives all violations, those of one invariant together.
func (f *findings) sorted() []Violation {
	f.end()
	slices.SortStableFunc(f.list, func(a, b Violation) int { return cmp.Compare(a.Invariant, b.Invariant) })
	return f.list
}

// Clients are what the checks read with.
type Clients struct {
	BigQuery *bigquery.Client
	Storage  *storage.Client
	// Config names the dataset and the bucket.
	Config cloud.Config
	// Ignore is what the watcher leaves alone in landing/; at first, its default.
	Ignore topology.Ignore
	// Progress, if set, is told how many of how many statements are answered, by one goroutine at a time.
	Progress func(answered, all int)
}

// Open opens the clients that cfg describes.
func Open(ctx context.Context, cfg cloud.Config) (*Clients, error) {
	c := &Clients{Config: cfg}
	err := config.Defaults(&c.Ignore)
	if err != nil {
		return nil, err
	}
	if c.BigQuery, err = cfg.NewBigQuery(ctx); err != nil {
		return nil, err
	}
	if c.Storage, err = cfg.NewStorage(ctx); err != nil {
		return nil, errors.Join(err, c.BigQuery.Close())
	}
	return c, nil
}

// Close closes the clients.
func (c *Clients) Close() error { return errors.Join(c.BigQuery.Close(), c.Storage.Close()) }

// eachRow reads the rows of a named statement of the sql module.
func (c *Clients) eachRow(ctx context.Context, name string, visit func([]bigquery.Value) error) error {
	return c.eachRowOf(ctx, name, nil, visit)
}

func (c *Clients) eachRowOf(ctx context.Context, name string, params warehouse.Params, visit func([]bigquery.Value) error) error {
	client := &warehouse.Client{BigQuery: c.BigQuery, Dataset: c.Config.Dataset, Service: topology.Operator, Task: "verify"}
	for row, err := range warehouse.Read[[]bigquery.Value](ctx, client, name, params) {
		if err == nil {
			err = visit(row)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// partRows is about how many rows one answer should hold. A row of the facts is some
// 300 bytes, and BigQuery refuses answers that are too large.
const partRows = 100_000

// eachPart is eachRow for a statement that reads a part of a table, which has so many
// rows: those whose id's hash begins with the parameter part.
func (c *Clients) eachPart(ctx context.Context, name string, rows int, visit func([]bigquery.Value) error) error {
	for _, part := range partsOf(rows) {
		if err := c.eachRowOf(ctx, name, warehouse.Params{"part": part}, visit); err != nil {
			return err
		}
	}
	return nil
}

// partsOf gives the beginnings of hexadecimal hashes that divide so many rows into
// parts of partRows at most, more or less.
func partsOf(rows int) []string {
	parts := []string{""}
	for rows > partRows*len(parts) {
		longer := make([]string, 0, 16*len(parts))
		for _, part := range parts {
			for _, digit := range "0123456789abcdef" {
				longer = append(longer, part+string(digit))
			}
		}
		parts = longer
	}
	return parts
}
