package engine

import (
	"context"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// Appender appends batches to one table over a connection of its own. It may
// not be used concurrently.
type Appender struct {
	conn     *Conn
	appender mapping.Appender
}

// NewAppender opens an appender for a table, whose columns must not change
// while it is open.
func (db *DB) NewAppender(schema, table string) (*Appender, error) {
	conn, err := db.connect()
	if err != nil {
		return nil, err
	}
	a := &Appender{conn: conn}
	if mapping.AppenderCreateExt(conn.raw, "", schema, table, &a.appender) == mapping.StateError {
		err := a.failure()
		mapping.AppenderDestroy(&a.appender)
		conn.Release()
		return nil, err
	}
	return a, nil
}

func (a *Appender) failure() error {
	data := mapping.AppenderErrorData(a.appender)
	defer mapping.DestroyErrorData(&data)
	err := newError(mapping.ErrorDataMessage(data))
	a.conn.db.note(err)
	return err
}

// Commit appends the batches in one transaction. When it returns nil the rows
// are in the write-ahead log on disk; otherwise none was appended, and the
// appender must be closed.
func (a *Appender) Commit(ctx context.Context, batches []*Batch) error {
	if err := a.conn.Transact(ctx, func() error { return a.append(batches) }); err != nil {
		return opError("append", err)
	}
	return nil
}

func (a *Appender) append(batches []*Batch) error {
	for _, b := range batches {
		b.seal()
		if mapping.AppendDataChunk(a.appender, b.chunk) == mapping.StateError {
			return a.failure()
		}
	}
	if mapping.AppenderFlush(a.appender) == mapping.StateError {
		return a.failure()
	}
	return nil
}

// Close closes the appender; rows not committed are gone.
func (a *Appender) Close() {
	mapping.AppenderClear(a.appender)
	mapping.AppenderDestroy(&a.appender)
	a.conn.Release()
}

// Shape is the types of a table's columns, from which batches are made. It may
// be used concurrently.
type Shape struct{ types []mapping.LogicalType }

// TableShape returns the shape of a table as it is now.
func (db *DB) TableShape(schema, table string) (*Shape, error) {
	a, err := db.NewAppender(schema, table)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	s := &Shape{types: make([]mapping.LogicalType, mapping.AppenderColumnCount(a.appender))}
	for i := range s.types {
		s.types[i] = mapping.AppenderColumnType(a.appender, mapping.IdxT(i))
	}
	return s, nil
}

// NewBatch returns an empty batch of rows of the table.
func (s *Shape) NewBatch() *Batch { return newBatch(s.types) }

// Free returns the shape's memory.
func (s *Shape) Free() {
	for i := range s.types {
		mapping.DestroyLogicalType(&s.types[i])
	}
}
