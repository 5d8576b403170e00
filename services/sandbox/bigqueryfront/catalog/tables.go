package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/labels"
)

// Lookup returns a table or view, or nil. The same pointer means the same
// version of it.
func (c *Catalog) Lookup(ref dialect.TableRef) *bq.Table {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.tables[ref]
}

// Table returns a table or view.
func (c *Catalog) Table(ref dialect.TableRef) (*bq.Table, error) {
	if t := c.Lookup(ref); t != nil {
		return t, nil
	}
	if _, err := c.Dataset(ref.Dataset); err != nil {
		return nil, err
	}
	return nil, fault.NotFound("Table %s:%s.%s", c.project, ref.Dataset, ref.Table)
}

// Tables returns a dataset's tables and views by name.
func (c *Catalog) Tables(dataset string) ([]*bq.Table, error) {
	if _, err := c.Dataset(dataset); err != nil {
		return nil, err
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	var list []*bq.Table
	for ref, t := range c.tables {
		if ref.Dataset == dataset {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(a, b *bq.Table) int {
		return strings.Compare(a.TableReference.TableId, b.TableReference.TableId)
	})
	return list, nil
}

// CreateTable creates a table or a view. Its rows are those of selectSQL, a
// translated query, if that is set; its columns then come from it too, unless it has a schema.
func (c *Catalog) CreateTable(ctx context.Context, t *bq.Table, selectSQL string, replace bool) (*bq.Table, error) {
	ref := refOf(t)
	if !tableName.MatchString(ref.Table) {
		return nil, fault.Invalid("Invalid table ID %q", ref.Table)
	}
	if t.ExternalDataConfiguration != nil || t.MaterializedView != nil || t.RangePartitioning != nil {
		return nil, fault.Unserved("external tables, materialized views or range partitioning")
	}
	c.changes.Lock()
	defer c.changes.Unlock()
	if _, err := c.Dataset(ref.Dataset); err != nil {
		return nil, err
	}
	statements := forgetStreamed(ref)
	old := c.sameName(ref)
	if old != nil {
		if !replace {
			return nil, fault.Duplicate("Table %s:%s.%s", c.project, ref.Dataset, ref.Table)
		}
		statements = append(statements, dropSQL(old))
	}
	t.Kind, t.Id, t.CreationTime = "bigquery#table", fmt.Sprintf("%s:%s.%s", c.project, ref.Dataset, ref.Table), c.now().UnixMilli()
	t.TableReference.ProjectId = c.project
	t.Type, t.Location = "TABLE", "US"
	var err error
	switch {
	case t.View != nil:
		t.Type = "VIEW"
		selectSQL, err = c.viewSQL(t)
		statements = append(statements, "CREATE VIEW "+ref.SQL()+" AS "+selectSQL)
		given := t.Schema
		if err == nil {
			err = c.describeView(t, selectSQL)
		}
		if err == nil {
			err = sameColumns(given, t.Schema)
		}
	case selectSQL != "":
		if t.Schema == nil {
			err = c.describe(t, selectSQL)
		} else {
			err = c.CheckColumns(t.Schema.Fields)
		}
		if err == nil {
			// The query may read the table that it replaces: it is answered first.
			const rows = "temp.main.replacement_rows"
			statements = slices.Concat([]string{"CREATE TEMP TABLE replacement_rows AS " + selectSQL}, statements, []string{
				"CREATE TABLE " + ref.SQL() + " " + dialect.ColumnsSQL(t.Schema.Fields),
				"INSERT INTO " + ref.SQL() + " SELECT * FROM " + rows, "DROP TABLE " + rows,
			})
		}
	case t.Schema == nil || len(t.Schema.Fields) == 0:
		err = fault.Invalid("Table %s has no schema", ref.Table)
	default:
		if err = c.CheckColumns(t.Schema.Fields); err == nil {
			statements = append(statements, "CREATE TABLE "+ref.SQL()+" "+dialect.ColumnsSQL(t.Schema.Fields))
		}
	}
	if err == nil {
		err = checkLayout(t)
	}
	if err != nil {
		return nil, err
	}
	if err := c.writeTable(ctx, t, statements...); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if old != nil { // its name may differ by case
		delete(c.tables, refOf(old))
		delete(c.streamed, refOf(old))
		delete(c.inserted, refOf(old))
		delete(c.modified, refOf(old))
	}
	c.tables[ref] = t
	return t, nil
}

// sameName finds a table whose name differs at most by case, which is all that
// DuckDB sees.
func (c *Catalog) sameName(ref dialect.TableRef) *bq.Table {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for other, t := range c.tables {
		if other.Dataset == ref.Dataset && strings.EqualFold(other.Table, ref.Table) {
			return t
		}
	}
	return nil
}

func dropSQL(t *bq.Table) string {
	if t.Type == "VIEW" {
		return "DROP VIEW " + refOf(t).SQL()
	}
	return "DROP TABLE " + refOf(t).SQL()
}

func (c *Catalog) storeTable(ctx context.Context, t *bq.Table, statements ...string) error {
	if err := c.writeTable(ctx, t, statements...); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tables[refOf(t)] = t
	return nil
}

// writeTable carries out statements and writes the table's metadata to the
// database.
func (c *Catalog) writeTable(ctx context.Context, t *bq.Table, statements ...string) error {
	if err := labels.Check(t.Labels); err != nil {
		return fault.Invalid("Invalid label: %s", err)
	}
	t.LastModifiedTime = uint64(c.now().UnixMilli())
	t.Etag = c.etag()
	body, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("write catalogue: %w", err)
	}
	ref := refOf(t)
	statements = append(statements, forget(ref)...)
	statements = append(statements, fmt.Sprintf("INSERT INTO %s.tables VALUES (%s, %s, %s)", meta, text(ref.Dataset), text(ref.Table), text(string(body))))
	statements = append(statements, c.informationSchema(t)...)
	if err := c.change(ctx, statements...); err != nil {
		return fmt.Errorf("store table %s.%s: %w", ref.Dataset, ref.Table, err)
	}
	return nil
}

func forget(ref dialect.TableRef) []string {
	return []string{
		fmt.Sprintf("DELETE FROM %s.tables WHERE dataset = %s AND lower(name) = lower(%s)", meta, text(ref.Dataset), text(ref.Table)),
		fmt.Sprintf("DELETE FROM %s.information_schema_tables WHERE table_schema = %s AND lower(table_name) = lower(%s)", meta, text(ref.Dataset), text(ref.Table)),
		fmt.Sprintf("DELETE FROM %s.information_schema_columns WHERE table_schema = %s AND lower(table_name) = lower(%s)", meta, text(ref.Dataset), text(ref.Table)),
	}
}

// DeleteTable drops a table or a view.
func (c *Catalog) DeleteTable(ctx context.Context, ref dialect.TableRef) error {
	c.changes.Lock()
	defer c.changes.Unlock()
	t, err := c.Table(ref)
	if err != nil {
		return err
	}
	if err := c.change(ctx, slices.Concat([]string{dropSQL(t)}, forget(ref), forgetStreamed(ref), []string{forgetPolicy(ref)})...); err != nil {
		return fmt.Errorf("delete table %s.%s: %w", ref.Dataset, ref.Table, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.tables, ref)
	delete(c.streamed, ref)
	delete(c.inserted, ref)
	delete(c.modified, ref)
	delete(c.policies, ref)
	return nil
}

// sameColumns holds the columns that a new view lists to those of its query; other names for them are not served.
func sameColumns(listed, queried *bq.TableSchema) error {
	if listed == nil {
		return nil
	}
	if len(listed.Fields) != len(queried.Fields) {
		return fault.Query("The number of columns in the column definition list does not match the number of columns produced by the query")
	}
	for i, f := range queried.Fields {
		if !strings.EqualFold(f.Name, listed.Fields[i].Name) {
			return fault.Unserved("a view's columns under other names than its query's")
		}
	}
	return nil
}

// UpdateTable applies edit to a copy of a table's metadata. Columns may be
// added, described and relaxed; a view's query may change.
func (c *Catalog) UpdateTable(ctx context.Context, ref dialect.TableRef, etag string, edit func(*bq.Table) error) (*bq.Table, error) {
	c.changes.Lock()
	defer c.changes.Unlock()
	old, err := c.Table(ref)
	if err != nil {
		return nil, err
	}
	if etag != "" && etag != old.Etag {
		return nil, fault.Precondition("Precondition check failed: the table has changed")
	}
	t, err := clone(old)
	if err != nil {
		return nil, err
	}
	if err := edit(t); err != nil {
		return nil, err
	}
	var statements []string
	if t.Type == "VIEW" {
		if t.View == nil {
			return nil, fault.Invalid("A view needs a query")
		}
		sql, err := c.viewSQL(t)
		if err == nil {
			err = c.describeView(t, sql)
		}
		if err != nil {
			return nil, err
		}
		statements = append(statements, "CREATE OR REPLACE VIEW "+ref.SQL()+" AS "+sql)
	} else if t.Schema == nil {
		return nil, fault.Invalid("Provided Schema does not match Table. The new schema is missing")
	} else if statements, err = c.alterations(ref, old.Schema.Fields, t.Schema.Fields); err != nil {
		return nil, err
	}
	if err := c.storeTable(ctx, t, statements...); err != nil {
		return nil, err
	}
	if t.Type == "TABLE" && len(statements) > 0 {
		return t, c.refreshViews(ctx)
	}
	return t, nil
}

func clone(t *bq.Table) (*bq.Table, error) {
	body, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("copy table: %w", err)
	}
	c := &bq.Table{}
	if err := json.Unmarshal(body, c); err != nil {
		return nil, fmt.Errorf("copy table: %w", err)
	}
	return c, nil
}

// Count returns the number of a table's rows.
func (c *Catalog) Count(ctx context.Context, ref dialect.TableRef) (uint64, error) {
	conn, err := c.db.Acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Release()
	var n uint64
	err = conn.Query(ctx, "SELECT count(*) FROM "+ref.SQL(), func(rows *engine.Rows) error {
		if _, err := rows.Next(); err != nil {
			return err
		}
		s, _ := rows.Text(0)
		_, err := fmt.Sscan(s, &n)
		return err
	})
	return n, err
}
