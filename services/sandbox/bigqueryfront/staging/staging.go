// Package staging keeps rows on their way between a request and a table, or a table and
// a reader, in tables of their own that nobody can name. They do not outlive the process.
package staging

import (
	"context"
	"crypto/rand"
	"fmt"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/cell"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
)

const schema = "_bigquery_staging"

// Prepare drops what an earlier process left.
func Prepare(ctx context.Context, db *engine.DB) error {
	conn, err := db.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	for _, statement := range []string{"DROP SCHEMA IF EXISTS " + schema + " CASCADE", "CREATE SCHEMA " + schema} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("prepare staging: %w", err)
		}
	}
	return nil
}

// Table is one such table.
type Table struct {
	db   *engine.DB
	name string
	// Rows is how many it has.
	Rows int64
}

// SQL is the table's name for DuckDB.
func (t *Table) SQL() string { return schema + "." + t.name }

// Drop drops the table. That fails only where the next process will do it.
func (t *Table) Drop() {
	conn, err := t.db.Connect()
	if err != nil {
		return
	}
	defer conn.Release()
	_, _ = conn.Exec(context.Background(), "DROP TABLE IF EXISTS "+t.SQL())
}

func newTable(db *engine.DB) *Table { return &Table{db: db, name: "t" + rand.Text()} }

// Query stages the rows of a query.
func Query(ctx context.Context, db *engine.DB, conn *engine.Conn, sql string) (*Table, error) {
	t := newTable(db)
	if _, err := conn.Exec(ctx, "CREATE TABLE "+t.SQL()+" AS "+sql); err != nil {
		return nil, err
	}
	err := conn.Query(ctx, "SELECT count(*) FROM "+t.SQL(), func(rows *engine.Rows) error {
		if _, err := rows.Next(); err != nil {
			return err
		}
		text, _ := rows.Text(0)
		_, err := fmt.Sscan(text, &t.Rows)
		return err
	})
	if err != nil {
		t.Drop()
		return nil, err
	}
	return t, nil
}

// maxBatches is how many batches are written at once.
const maxBatches = 16

// Fill stages rows that come one by one, until next returns no values.
func Fill(ctx context.Context, db *engine.DB, fields []*bq.TableFieldSchema, next func() ([]cell.Value, error)) (_ *Table, err error) {
	t := newTable(db)
	conn, err := db.Connect()
	if err != nil {
		return nil, err
	}
	_, err = conn.Exec(ctx, "CREATE TABLE "+t.SQL()+" "+dialect.ColumnsSQL(fields))
	conn.Release()
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			t.Drop()
		}
	}()
	appender, err := db.NewAppender(schema, t.name)
	if err != nil {
		return nil, err
	}
	defer appender.Close()
	shape, err := db.TableShape(schema, t.name)
	if err != nil {
		return nil, err
	}
	defer shape.Free()
	f := filling{table: t, columns: cell.Columns(fields), appender: appender, shape: shape}
	defer f.free()
	for more := true; more; {
		if more, err = f.group(ctx, next); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// filling writes rows to a table in groups of batches.
type filling struct {
	table    *Table
	columns  []*cell.Column
	appender *engine.Appender
	shape    *engine.Shape
	batches  []*engine.Batch
}

func (f *filling) free() {
	for _, b := range f.batches {
		b.Free()
	}
}

// group writes the next rows, as many as the batches hold; false: these were the last.
func (f *filling) group(ctx context.Context, next func() ([]cell.Value, error)) (more bool, err error) {
	more = true
	used := 0
	for ; used < maxBatches && more; used++ {
		if used == len(f.batches) {
			f.batches = append(f.batches, f.shape.NewBatch())
		}
		b := f.batches[used]
		b.Reset()
		for b.Rows < engine.BatchRows {
			values, err := next()
			if err != nil {
				return false, err
			}
			if values == nil {
				more = false
				break
			}
			if err := cell.WriteRow(f.columns, values, b); err != nil {
				return false, err
			}
			f.table.Rows++
		}
	}
	return more, f.appender.Commit(ctx, f.batches[:used])
}
