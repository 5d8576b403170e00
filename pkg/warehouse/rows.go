package warehouse

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/sql"
)

// Rows are the rows of an answer, each a T: a struct whose fields name their columns
// (bigquery:"order_id"), a []bigquery.Value or a map[string]bigquery.Value. They are for
// one goroutine.
type Rows[T any] struct {
	statement string
	found     *bigquery.RowIterator
	release   context.CancelFunc
}

// Query runs a statement; its rows are to be read once, to their end or until they are
// left. If ctx ends before there are rows, the job is cancelled. A job that fails for
// BigQuery's own sake is replaced by another, a few times.
func Query[T any](ctx context.Context, c *Client, s sql.Statement, params Params) (*Rows[T], error) {
	q, err := c.query(s, params)
	if err != nil {
		return nil, err
	}
	ctx, release := c.bounded(ctx)
	found, err := read(ctx, c.BigQuery, q)
	if err != nil {
		release()
		return nil, named(s, err)
	}
	if c.Bill != nil {
		c.Bill.count(ctx, orFolder(c.Purpose, s), found.SourceJob())
	}
	return &Rows[T]{s.Name, found, release}, nil
}

// All yields the rows. An error is the last that it yields.
func (r *Rows[T]) All() iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		defer r.release()
		for {
			var row T // anew: what is read into the last one's lists would show in it
			err := r.found.Next(&row)
			if errors.Is(err, iterator.Done) {
				return
			}
			if err != nil {
				yield(row, fmt.Errorf("read the answer of %s: %w", r.statement, err))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// Schema describes the columns. It is known when all rows are read, if not before.
func (r *Rows[T]) Schema() bigquery.Schema { return r.found.Schema }

// Job is whose answer it is.
func (r *Rows[T]) Job() *bigquery.Job { return r.found.SourceJob() }

// SetPage sets how many rows are in memory at a time.
func (r *Rows[T]) SetPage(rows int) { r.found.PageInfo().MaxSize = rows }

// Read runs a named statement, such as "loading/ledger", and yields its rows. An error is
// the last that it yields.
func Read[T any](ctx context.Context, c *Client, statement string, params Params) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		s, err := sql.Find(statement)
		if err != nil {
			yield(none, err)
			return
		}
		rows, err := Query[T](ctx, c, s, params)
		if err != nil {
			yield(none, err)
			return
		}
		rows.All()(yield)
	}
}

// All is Read for an answer that is kept whole. With an error there are the rows that came
// before it.
func All[T any](ctx context.Context, c *Client, statement string, params Params) (rows []T, err error) {
	for row, err := range Read[T](ctx, c, statement, params) {
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// First is Read where only the first row matters; there may be none.
func First[T any](ctx context.Context, c *Client, statement string, params Params) (row T, found bool, err error) {
	for row, err := range Read[T](ctx, c, statement, params) {
		return row, err == nil, err
	}
	return row, false, nil
}
