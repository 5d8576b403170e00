// Package querytest has answers for tests of what asks the warehouse.
package querytest

import (
	"context"
	"fmt"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
)

// Canned is a query.Source that answers from a table and keeps the questions.
type Canned struct {
	mu       sync.Mutex
	modified time.Time // when reports were made
	asked    []query.Params
	// Results are the answers by the statement's name.
	Results map[string]func(query.Params) (*query.Result, error)
}

// Query implements query.Source.
func (c *Canned) Query(_ context.Context, statement string, params query.Params) (*query.Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, params)
	answer, ok := c.Results[statement]
	if !ok {
		return nil, fmt.Errorf("no answer for %s", statement)
	}
	return answer(params)
}

// Modified implements query.Source.
func (c *Canned) Modified(_ context.Context, table string) (time.Time, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if table != "report_runs" {
		return time.Time{}, fmt.Errorf("no answer for %s", table)
	}
	return c.modified, nil
}

// Created implements query.Source.
func (c *Canned) Created(_ context.Context, table string) (time.Time, error) {
	return time.Time{}, fmt.Errorf("no answer for %s", table)
}

// Modify says that a report was made at t.
func (c *Canned) Modify(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.modified = t
}

// Questions is how often Query was called.
func (c *Canned) Questions() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.asked)
}

// LastParams are those of the last question.
func (c *Canned) LastParams() query.Params {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked[len(c.asked)-1]
}

// Rows answers with these rows.
func Rows(columns []string, cells ...[]any) func(query.Params) (*query.Result, error) {
	return func(query.Params) (*query.Result, error) {
		// A result belongs to who asked for it.
		return &query.Result{Columns: append([]string(nil), columns...), Rows: append([][]any(nil), cells...)}, nil
	}
}

// Numeric is a NUMERIC as a Result has it.
func Numeric(t *testing.T, text string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	return r
}
