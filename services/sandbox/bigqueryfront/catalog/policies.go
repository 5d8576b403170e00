package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/iampolicy"
)

const policiesTable = `CREATE TABLE IF NOT EXISTS ` + meta + `.policies (dataset VARCHAR, name VARCHAR, body VARCHAR)`

func (c *Catalog) loadPolicies(ctx context.Context, conn *engine.Conn) error {
	return eachOfTables(ctx, conn, "policies", "body", func(ref dialect.TableRef, body string) error {
		p := new(iampolicy.Policy)
		if err := json.Unmarshal([]byte(body), p); err != nil {
			return fmt.Errorf("read catalogue: %w", err)
		}
		c.policies[ref] = p
		return nil
	})
}

// eachOfTables reads what is kept of single tables: the rows of a table of the catalogue, each of
// which names a table of the user's and has a text about it in the column.
func eachOfTables(ctx context.Context, conn *engine.Conn, from, column string, read func(dialect.TableRef, string) error) error {
	return conn.Query(ctx, "SELECT dataset, name, "+column+" FROM "+meta+"."+from, func(rows *engine.Rows) error {
		for {
			ok, err := rows.Next()
			if !ok || err != nil {
				return err
			}
			var ref dialect.TableRef
			ref.Dataset, _ = rows.Text(0)
			ref.Table, _ = rows.Text(1)
			text, _ := rows.Text(2)
			if err := read(ref, text); err != nil {
				return err
			}
		}
	})
}

// Policy is the IAM policy of a table or view, in the version that is asked for.
func (c *Catalog) Policy(ref dialect.TableRef, version int) (*iampolicy.Policy, error) {
	if _, err := c.Table(ref); err != nil {
		return nil, err
	}
	c.mu.RLock()
	held := c.policies[ref]
	c.mu.RUnlock()
	shown, err := iampolicy.Table.Get(held, version)
	return shown, policyFault(err)
}

// SetPolicy replaces the IAM policy of a table or view.
func (c *Catalog) SetPolicy(ctx context.Context, ref dialect.TableRef, sent iampolicy.Policy) (*iampolicy.Policy, error) {
	c.changes.Lock()
	defer c.changes.Unlock()
	if _, err := c.Table(ref); err != nil {
		return nil, err
	}
	c.mu.RLock()
	held := c.policies[ref]
	c.mu.RUnlock()
	kept, err := iampolicy.Table.Set(held, sent)
	if err != nil {
		return nil, policyFault(err)
	}
	body, err := json.Marshal(kept)
	if err != nil {
		return nil, fmt.Errorf("write catalogue: %w", err)
	}
	err = c.change(ctx, forgetPolicy(ref),
		fmt.Sprintf("INSERT INTO %s.policies VALUES (%s, %s, %s)", meta, text(ref.Dataset), text(ref.Table), text(string(body))))
	if err != nil {
		return nil, fmt.Errorf("store the policy of %s.%s: %w", ref.Dataset, ref.Table, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.policies[ref] = kept
	return kept, nil
}

// forgetPolicy goes into the transaction that drops the table.
func forgetPolicy(ref dialect.TableRef) string {
	return fmt.Sprintf("DELETE FROM %s.policies WHERE dataset = %s AND lower(name) = lower(%s)", meta, text(ref.Dataset), text(ref.Table))
}

// policyFault gives a refusal of package iampolicy BigQuery's shape.
func policyFault(err error) error {
	if _, stale := errors.AsType[*iampolicy.StaleError](err); stale {
		return &fault.Fault{Status: http.StatusConflict, Reason: "aborted", Message: err.Error()}
	}
	if invalid, ok := errors.AsType[*iampolicy.InvalidError](err); ok {
		return fault.Invalid("%s", invalid)
	}
	return err
}
