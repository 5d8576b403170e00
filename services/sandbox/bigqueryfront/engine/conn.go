package engine

import (
	"context"
	"errors"
	"strings"
	"time"

	bindings "github.com/duckdb/duckdb-go-bindings"
	"github.com/duckdb/duckdb-go/v2/mapping"
)

// Conn is one connection: one transaction at a time, one statement at a time.
type Conn struct {
	db            *DB
	raw           mapping.Connection
	pooled        bool
	inTransaction bool // one that Begin opened
	// tainted connections hold state (temporary tables, variables) that must
	// not be seen by the next holder.
	tainted bool
	// profiled says that DuckDB notes what statements read; noting, that it is added to scans.
	profiled, noting bool
	scans            []Scan
}

// Taint marks the connection as unfit for reuse.
func (c *Conn) Taint() { c.tainted = true }

// Release gives the connection back to the pool.
func (c *Conn) Release() {
	c.noting, c.scans = false, nil
	if !c.pooled {
		c.db.disconnect(c)
		return
	}
	c.db.mu.Lock()
	reuse := !c.tainted && c.db.usable() == nil
	if reuse {
		c.db.idle = append(c.db.idle, c)
	}
	c.db.mu.Unlock()
	if !reuse {
		c.db.disconnect(c)
	}
	<-c.db.slots
}

// Exec runs one statement and drops its rows; it returns the number of rows
// changed.
func (c *Conn) Exec(ctx context.Context, statement string) (int64, error) {
	var changed int64
	err := c.run(ctx, statement, false, func(res *mapping.Result) error {
		changed = int64(mapping.RowsChanged(res))
		return nil
	})
	return changed, err
}

// Query runs one statement and hands its result to read, chunk by chunk.
func (c *Conn) Query(ctx context.Context, statement string, read func(*Rows) error) error {
	return c.run(ctx, statement, true, func(res *mapping.Result) error {
		rows, err := newRows(res)
		if err != nil {
			return err
		}
		defer rows.close()
		return read(rows)
	})
}

// Describe plans a statement without running it and returns its columns.
func (c *Conn) Describe(statement string) ([]Column, error) {
	stmt, err := c.prepare(statement)
	if err != nil {
		c.db.note(err)
		return nil, err
	}
	defer mapping.DestroyPrepare(&stmt)
	n := mapping.PreparedStatementColumnCount(stmt)
	columns := make([]Column, 0, n)
	for i := mapping.IdxT(0); i < n; i++ {
		logical := mapping.PreparedStatementColumnLogicalType(stmt, i)
		t, err := typeOf(logical)
		mapping.DestroyLogicalType(&logical)
		if err != nil {
			return nil, err
		}
		columns = append(columns, Column{Name: mapping.PreparedStatementColumnName(stmt, i), Type: t})
	}
	return columns, nil
}

func (c *Conn) prepare(statement string) (mapping.PreparedStatement, error) {
	var stmt mapping.PreparedStatement
	if strings.IndexByte(statement, 0) >= 0 {
		// The C interface would silently read up to the zero byte.
		return stmt, &Error{Class: ClassQuery, Message: "a statement may not contain a zero byte"}
	}
	if mapping.Prepare(c.raw, statement, &stmt) == mapping.StateError {
		err := newError(mapping.PrepareError(stmt))
		mapping.DestroyPrepare(&stmt)
		return stmt, err
	}
	return stmt, nil
}

func noRows(*mapping.Result) error { return nil }

// run runs a statement, in a transaction of its own if none is open. DuckDB would plan it
// in one transaction and run it in another, by what the tables held when it was planned:
// a table that got its first rows in between would be read as empty.
func (c *Conn) run(ctx context.Context, statement string, stream bool, use func(*mapping.Result) error) error {
	if c.inTransaction {
		return c.statement(ctx, statement, stream, use)
	}
	return c.Transact(ctx, func() error { return c.statement(ctx, statement, stream, use) })
}

func (c *Conn) statement(ctx context.Context, statement string, stream bool, use func(*mapping.Result) error) (err error) {
	defer func() { c.db.note(err) }()
	if err := ctx.Err(); err != nil {
		return err
	}
	stmt, err := c.prepare(statement)
	if err != nil {
		return err
	}
	defer mapping.DestroyPrepare(&stmt)
	defer c.watch(ctx)()
	var res mapping.Result
	state, message := execute(stmt, stream, &res)
	defer mapping.DestroyResult(&res)
	if state == mapping.StateError {
		return c.failure(ctx, message)
	}
	if err := use(&res); err != nil {
		if e, ok := errors.AsType[*Error](err); ok && e.Class == ClassInterrupted && ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	if c.noting {
		c.noteScans()
	}
	return nil
}

// While another thread has all of a statement's work, this one looks again after an idle
// time that doubles from the first to the last.
const firstIdle, lastIdle = 20 * time.Microsecond, time.Millisecond

// execute runs a prepared statement; message is the error's. It works on the statement task by
// task, as DuckDB's own call would, but sleeps when other threads have all of them: that call
// asks for tasks again and again meanwhile, which takes a core from everything else here.
func execute(stmt mapping.PreparedStatement, stream bool, res *mapping.Result) (_ mapping.State, message string) {
	pend := mapping.PendingPrepared
	if stream {
		pend = bindings.PendingPreparedStreaming
	}
	var pending mapping.PendingResult
	state := pend(stmt, &pending)
	defer mapping.DestroyPending(&pending)
	if state == mapping.StateError {
		return state, mapping.PendingError(pending)
	}
	for idle := firstIdle; ; {
		switch mapping.PendingExecuteTask(pending) {
		case mapping.PendingStateResultReady:
			state = mapping.ExecutePending(pending, res)
			return state, mapping.ResultError(res)
		case mapping.PendingStateError:
			return mapping.StateError, mapping.PendingError(pending)
		case mapping.PendingStateNoTasksAvailable:
			time.Sleep(idle)
			idle = min(2*idle, lastIdle)
		default:
			idle = firstIdle
		}
	}
}

// interruptEvery is how often a statement that must stop is told so: one that
// has not begun yet forgets an interrupt.
const interruptEvery = 20 * time.Millisecond

// watch interrupts the connection's statement once ctx ends, until the function
// that it returns is called. That waits for the last interrupt: a later one
// would hit the connection's next statement.
func (c *Conn) watch(ctx context.Context) (stop func()) {
	ended, watched := make(chan struct{}), make(chan struct{})
	unregister := context.AfterFunc(ctx, func() {
		defer close(watched)
		ticker := time.NewTicker(interruptEvery)
		defer ticker.Stop()
		for {
			mapping.Interrupt(c.raw)
			select {
			case <-ended:
				return
			case <-ticker.C:
			}
		}
	})
	return func() {
		close(ended)
		if !unregister() {
			<-watched
			c.tainted = true
		}
	}
}

func (c *Conn) failure(ctx context.Context, message string) error {
	err := newError(message)
	if err.Class == ClassInterrupted && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
