// Package verify checks that the pipeline kept its promises. Invariants asks the
// warehouse and the bucket alone, and so can be run against any of them; Compare
// holds the warehouse against what the model computes from the landed files, and
// needs those files.
//
// Both read everything and change nothing. Against a warehouse that is being
// written to they may find a file half way; wait until it is quiet.
package verify

import (
	"context"
	"errors"
	"fmt"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
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

// Clients are what the checks read with.
type Clients struct {
	BigQuery *bigquery.Client
	Storage  *storage.Client
	// Config names the dataset and the bucket.
	Config cloud.Config
}

// Open opens the clients that cfg describes.
func Open(ctx context.Context, cfg cloud.Config) (*Clients, error) {
	c := &Clients{Config: cfg}
	var err error
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

// query runs a statement in the dataset.
func (c *Clients) query(ctx context.Context, text string) (*bigquery.RowIterator, error) {
	q := c.BigQuery.Query(text)
	q.DefaultProjectID, q.DefaultDatasetID = c.Config.ProjectID, c.Config.Dataset
	return q.Read(ctx)
}

// eachRow reads the rows of a statement.
func (c *Clients) eachRow(ctx context.Context, text string, visit func([]bigquery.Value) error) error {
	rows, err := c.query(ctx, text)
	if err != nil {
		return err
	}
	var row []bigquery.Value
	for {
		err := rows.Next(&row)
		if errors.Is(err, iterator.Done) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := visit(row); err != nil {
			return err
		}
	}
}
