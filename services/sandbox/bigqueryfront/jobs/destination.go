package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/catalog"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/staging"
)

// Destination is where a job's rows go.
type Destination struct {
	// Table is what a new table is to be: its reference, partitioning, clustering,
	// description. Its schema is that of the rows; nil: as the rows are.
	Table *bq.Table
	// Write is what becomes of the rows that are there, Create of a table that is not.
	Write, Create string
}

// The dispositions.
const (
	WriteAppend   = "WRITE_APPEND"
	WriteTruncate = "WRITE_TRUNCATE"
	WriteEmpty    = "WRITE_EMPTY"
	CreateNeeded  = "CREATE_IF_NEEDED"
	CreateNever   = "CREATE_NEVER"
)

// Check refuses dispositions that there are not, and sets those that are left out.
func (d *Destination) Check(write string) error {
	if d.Write == "" {
		d.Write = write
	}
	if d.Create == "" {
		d.Create = CreateNeeded
	}
	switch d.Write {
	case WriteAppend, WriteTruncate, WriteEmpty:
	case "WRITE_TRUNCATE_DATA":
		return fault.Unserved("the write disposition %s", d.Write)
	default:
		return fault.Invalid("Invalid value for writeDisposition: %q", d.Write)
	}
	if d.Create != CreateNeeded && d.Create != CreateNever {
		return fault.Invalid("Invalid value for createDisposition: %q", d.Create)
	}
	return nil
}

// Ref names the table.
func (d *Destination) Ref() dialect.TableRef {
	return dialect.TableRef{Dataset: d.Table.TableReference.DatasetId, Table: d.Table.TableReference.TableId}
}

// settle brings the rows of sql, which reads what is staged, to the destination, all or none.
func (s *Store) settle(ctx context.Context, conn *engine.Conn, d *Destination, sql string) error {
	ref := d.Ref()
	old := s.cat.Lookup(ref)
	if old == nil && d.Create == CreateNever {
		_, err := s.cat.Table(ref)
		return err
	}
	if old != nil && old.Type != "TABLE" {
		return fault.Invalid("Cannot write to %s: it is a %s", s.tableName(ref), old.Type)
	}
	if old != nil && d.Write == WriteEmpty {
		rows, err := s.cat.Count(ctx, ref)
		if err != nil {
			return err
		}
		if rows > 0 {
			return fault.Duplicate("Table %s", s.tableName(ref))
		}
	}
	if old != nil && d.Write != WriteTruncate {
		return s.add(ctx, conn, old, d.Table.Schema, sql)
	}
	err := s.make(ctx, conn, d, old, sql)
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Reason == "duplicate" && old == nil && d.Write == WriteAppend {
		if old = s.cat.Lookup(ref); old != nil { // made meanwhile by another job
			return s.add(ctx, conn, old, d.Table.Schema, sql)
		}
	}
	return err
}

// make makes the table, or another in place of an old one, whose description and layout it
// keeps where it is given none.
func (s *Store) make(ctx context.Context, conn *engine.Conn, d *Destination, old *bq.Table, sql string) error {
	t := *d.Table
	reference := *d.Table.TableReference
	t.TableReference = &reference
	if old != nil {
		t.Labels, t.FriendlyName, t.ExpirationTime = old.Labels, old.FriendlyName, old.ExpirationTime
		if t.Description == "" {
			t.Description = old.Description
		}
		if t.TimePartitioning == nil {
			t.TimePartitioning = old.TimePartitioning
		}
		if t.Clustering == nil {
			t.Clustering = old.Clustering
		}
	}
	if err := s.checkProduced(ctx, conn, dialect.Statement{Kind: dialect.CreateTableSelect, Table: &t, Target: d.Ref(), SQL: sql}); err != nil {
		return err
	}
	_, err := s.cat.CreateTable(ctx, &t, sql, old != nil)
	return err
}

// add adds the rows to a table that is there. Their columns are its own, by name.
func (s *Store) add(ctx context.Context, conn *engine.Conn, t *bq.Table, given *bq.TableSchema, sql string) error {
	if given == nil {
		columns, err := conn.Describe(sql)
		if err != nil {
			return err
		}
		given = catalog.Schema(columns)
	}
	ref := dialect.TableRef{Dataset: t.TableReference.DatasetId, Table: t.TableReference.TableId}
	if err := s.fits(ref, t.Schema.Fields, given.Fields); err != nil {
		return err
	}
	names := make([]string, len(given.Fields))
	for i, f := range given.Fields {
		names[i] = engine.QuoteIdent(f.Name)
	}
	list := strings.Join(names, ", ")
	st := dialect.Statement{Kind: dialect.Insert, Target: ref, SQL: fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM (%s)", ref.SQL(), list, list, sql)}
	if _, err := s.queued(ctx, conn, st); err != nil {
		return err
	}
	s.cat.NoteModified(ref)
	return nil
}

// fits refuses columns that a table does not have, or has otherwise.
func (s *Store) fits(ref dialect.TableRef, has, given []*bq.TableFieldSchema) error {
	byName := map[string]*bq.TableFieldSchema{}
	for _, f := range has {
		byName[strings.ToLower(f.Name)] = f
	}
	for _, f := range given {
		was := byName[strings.ToLower(f.Name)]
		delete(byName, strings.ToLower(f.Name))
		mismatch := ""
		switch {
		case was == nil:
			mismatch = fmt.Sprintf("Cannot add fields (field: %s)", f.Name)
		case was.Type != f.Type:
			mismatch = fmt.Sprintf("Field %s has changed type from %s to %s", f.Name, was.Type, f.Type)
		case (was.Mode == "REPEATED") != (f.Mode == "REPEATED"):
			mismatch = fmt.Sprintf("Field %s has changed mode from %s to %s", f.Name, was.Mode, f.Mode)
		}
		if mismatch != "" {
			return fault.Invalid("Provided Schema does not match Table %s. %s", s.tableName(ref), mismatch)
		}
		if was.Type == "RECORD" {
			if err := s.fits(ref, was.Fields, f.Fields); err != nil {
				return err
			}
		}
	}
	for _, f := range byName {
		if f.Mode == "REQUIRED" {
			return fault.Invalid("Provided Schema does not match Table %s. Field %s is missing in new schema", s.tableName(ref), f.Name)
		}
	}
	return nil
}

// runInto runs a lone SELECT whose rows go to a destination, from which nothing is taken of
// them before all are known.
func (s *Store) runInto(ctx context.Context, conn *engine.Conn, sql string, d *Destination) (outcome Outcome, err error) {
	staged, err := staging.Query(ctx, s.db, conn, sql)
	if err != nil {
		return outcome, err
	}
	defer staged.Drop()
	outcome.Result, outcome.Schema, err = s.query(ctx, conn, "SELECT * FROM "+staged.SQL())
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Reason == "responseTooLarge" {
		outcome.Result, outcome.Unread, err = nil, f, nil // the rows are in the table
	}
	if err != nil {
		return outcome, err
	}
	return outcome, s.settle(ctx, conn, d, "SELECT * FROM "+staged.SQL())
}
