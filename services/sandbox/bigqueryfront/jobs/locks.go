package jobs

import (
	"context"
	"errors"
	"sync"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
)

// locks give transactions BigQuery's conflicts, which are per table where the
// database's are per row: while a transaction has changed or deleted rows of a
// table, another that tries to is cancelled, and a statement outside of
// transactions waits. So is a transaction that began before another's changes
// to the table were committed, since its snapshot lacks them. Reading and
// inserting need no lock.
// https://cloud.google.com/bigquery/docs/transactions#transaction_concurrency
type locks struct {
	mu      sync.Mutex
	clock   uint64 // of ends of transactions
	holders map[dialect.TableRef]*transaction
	changed map[dialect.TableRef]uint64 // when a change was last committed
	freed   chan struct{}               // closed and replaced when a table is free
	// queued counts the lone statements that wait for a table.
	queued map[dialect.TableRef]int
}

// transaction is a script's open transaction, or a lone statement.
type transaction struct {
	began   uint64
	tables  []dialect.TableRef // locked
	written []dialect.TableRef // tables in which it has changed or added rows
}

func newLocks() *locks {
	return &locks{holders: map[dialect.TableRef]*transaction{}, changed: map[dialect.TableRef]uint64{}, queued: map[dialect.TableRef]int{}, freed: make(chan struct{})}
}

func (l *locks) begin() *transaction {
	l.mu.Lock()
	defer l.mu.Unlock()
	return &transaction{began: l.clock}
}

// take locks a table for a transaction, and reports false if that is to be
// cancelled.
func (l *locks) take(tx *transaction, ref dialect.TableRef) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if holder := l.holders[ref]; holder != nil {
		return holder == tx
	}
	if l.changed[ref] > tx.began {
		return false
	}
	l.hold(tx, ref)
	return true
}

// maxQueued is how many lone statements may wait for a table. BigQuery queues 20 behind
// two that run; the second waits here too.
// https://cloud.google.com/bigquery/quotas#data-manipulation-language-statements
const maxQueued = 1 + 20

// errQueueFull tells that too many statements wait for a table.
var errQueueFull = errors.New("too many statements wait for the table")

// await locks a table for a lone statement as soon as it is free.
func (l *locks) await(ctx context.Context, ref dialect.TableRef) (*transaction, error) {
	waiting := false
	for {
		l.mu.Lock()
		if l.holders[ref] == nil {
			defer l.mu.Unlock()
			tx := &transaction{began: l.clock}
			l.hold(tx, ref)
			return tx, nil
		}
		if !waiting && l.queued[ref] == maxQueued {
			l.mu.Unlock()
			return nil, errQueueFull
		}
		if !waiting {
			waiting = true
			l.queued[ref]++
			defer l.leave(ref)
		}
		freed := l.freed
		l.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// leave ends a statement's wait.
func (l *locks) leave(ref dialect.TableRef) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.queued[ref]--; l.queued[ref] == 0 {
		delete(l.queued, ref)
	}
}

func (l *locks) hold(tx *transaction, ref dialect.TableRef) {
	l.holders[ref] = tx
	tx.tables = append(tx.tables, ref)
}

// end frees what a transaction holds, after its commit or rollback.
func (l *locks) end(tx *transaction, committed bool) {
	if len(tx.tables) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clock++
	for _, ref := range tx.tables {
		delete(l.holders, ref)
		if committed {
			l.changed[ref] = l.clock
		}
	}
	tx.tables = nil
	close(l.freed)
	l.freed = make(chan struct{})
}

// mutates says whether a statement changes or deletes rows of a permanent table.
func mutates(st dialect.Statement) bool {
	if st.Target.Dataset == "" {
		return false // temporary tables are the script's own
	}
	switch st.Kind {
	case dialect.Update, dialect.Delete, dialect.Truncate:
		return true
	case dialect.Merge:
		return !st.InsertOnly
	}
	return false
}
