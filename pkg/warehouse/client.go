// Package warehouse is how services ask BigQuery: by the names of statements of the sql
// module, with a value for each parameter that a statement declares, and with rows as
// typed values. A job says who asks for what, ends when nobody waits for it any more, and
// is replaced when BigQuery has lost it; failures are told apart by whether they may pass.
package warehouse

import (
	"context"
	"fmt"
	"path"
	"time"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/sql"
)

// Client runs statements in one dataset, for one purpose. Its fields are set once; a copy
// with other fields is a client for something else. Safe for concurrent use.
type Client struct {
	// BigQuery is whose jobs they are. Copies share it, so that one of them is closed.
	BigQuery *bigquery.Client
	// Dataset is where statements find tables that they name without one.
	Dataset string
	// Service and Task are labels of the jobs: see Labels. An empty Task is the folder of
	// the statement.
	Service, Task string
	// Timeout is how long a question may take, reading its answer included; 0: as long as
	// its caller waits.
	Timeout time.Duration
	// MaxBytesBilled is what one job may be billed at most; 0: any number of bytes.
	MaxBytesBilled int64
	// Bill counts what queries were billed, under Purpose, which is the folder of the
	// statement if it is empty. A nil Bill counts nothing.
	Bill    *Bill
	Purpose string
}

// Params are values by parameter name. Lists of dates are []int32, in days since 1970-01-01;
// the others are what BigQuery's client takes for the declared type. A statement takes from
// them what it declares, and ignores the rest.
type Params map[string]any

// Close closes BigQuery's client, after the last job's bill is known. The client may be nil.
func (c *Client) Close() error {
	if c == nil || c.BigQuery == nil {
		return nil
	}
	if c.Bill != nil {
		c.Bill.wait()
	}
	return c.BigQuery.Close()
}

// Run runs a statement to its end, once. If ctx ends first, the job is cancelled; the error
// of a job that failed is returned as any other. The status is that of a failed job too, as
// far as it is known: it tells what was billed in vain.
func (c *Client) Run(ctx context.Context, s sql.Statement, params Params) (*bigquery.JobStatus, error) {
	q, err := c.query(s, params)
	if err != nil {
		return nil, err
	}
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	status, err := wait(ctx, c.BigQuery, q)
	return status, named(s, err)
}

// RunRepeatable is Run for a statement that may run twice: one whose job fails for
// BigQuery's own sake, or because another has changed the table meanwhile, is run again, a few times.
func (c *Client) RunRepeatable(ctx context.Context, s sql.Statement, params Params) error {
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	return persist(ctx, func(err error) bool { return fateOf(err) == again || conflicts(err) }, func() error {
		_, err := c.Run(ctx, s, params)
		return err
	})
}

// Validate has BigQuery check a statement without running it, which costs nothing.
func (c *Client) Validate(ctx context.Context, s sql.Statement) error {
	q, err := c.query(s, nil)
	if err != nil {
		return err
	}
	q.DryRun = true
	job, err := q.Run(ctx)
	if err != nil {
		return err
	}
	return job.LastStatus().Err()
}

// query is the statement's job before it begins.
func (c *Client) query(s sql.Statement, params Params) (*bigquery.Query, error) {
	text, bound, err := bind(s, params)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", s.Name, err)
	}
	q := c.BigQuery.Query(text)
	q.DefaultProjectID, q.DefaultDatasetID = c.BigQuery.Project(), c.Dataset
	q.Parameters = bound
	q.MaxBytesBilled = c.MaxBytesBilled
	q.Labels = labels(c.Service, orFolder(c.Task, s), s.Name)
	return q, nil
}

// bind gives a statement's text, with its lists of dates as literals, and its parameters.
func bind(s sql.Statement, values Params) (string, []bigquery.QueryParameter, error) {
	var params []bigquery.QueryParameter
	dates := make(map[string][]int32)
	for _, p := range s.Parameters {
		value, ok := values[p.Name]
		switch {
		case !ok:
			return "", nil, fmt.Errorf("no value for @%s", p.Name)
		case !p.IsDates():
			params = append(params, bigquery.QueryParameter{Name: p.Name, Value: value})
		default:
			if dates[p.Name], ok = value.([]int32); !ok {
				return "", nil, fmt.Errorf("@%s is a %T, not days since 1970-01-01", p.Name, value)
			}
		}
	}
	if len(dates) == 0 {
		return s.Text, params, nil
	}
	text, err := s.InlineDates(dates)
	return text, params, err
}

// bounded is ctx, as far as the client's questions may take.
func (c *Client) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.Timeout == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, c.Timeout)
}

// orFolder is a word, or the folder of a statement.
func orFolder(word string, s sql.Statement) string {
	if word != "" {
		return word
	}
	return path.Dir(s.Name)
}

// named says in an error which statement has failed.
func named(s sql.Statement, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("run %s: %w", s.Name, err)
}
