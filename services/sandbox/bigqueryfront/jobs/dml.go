package jobs

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/catalog"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
)

func sum(a, b *bq.DmlStatistics) *bq.DmlStatistics {
	if a == nil {
		a = &bq.DmlStatistics{}
	}
	return &bq.DmlStatistics{
		InsertedRowCount: a.InsertedRowCount + b.InsertedRowCount,
		UpdatedRowCount:  a.UpdatedRowCount + b.UpdatedRowCount,
		DeletedRowCount:  a.DeletedRowCount + b.DeletedRowCount,
	}
}

// dml runs a statement that changes rows, within the open transaction, if it is none of
// those that need none.
func (s *Store) dml(ctx context.Context, conn *engine.Conn, st dialect.Statement) (*bq.DmlStatistics, error) {
	stats, err := s.change(ctx, conn, st)
	if err == nil {
		err = conn.Aside(func() error { return s.checkPartitions(ctx, conn, st, stats) })
	}
	return stats, err
}

func (s *Store) change(ctx context.Context, conn *engine.Conn, st dialect.Statement) (*bq.DmlStatistics, error) {
	if st.Guard != "" {
		err := conn.Query(ctx, st.Guard, func(rows *engine.Rows) error {
			found, err := rows.Next()
			if found {
				return fault.Query("UPDATE/MERGE must match at most one source row for each target row")
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	stats := &bq.DmlStatistics{}
	if st.Kind == dialect.Merge {
		return stats, conn.Query(ctx, st.SQL, func(rows *engine.Rows) error { return countActions(rows, stats) })
	}
	n, err := conn.Exec(ctx, st.SQL)
	switch st.Kind {
	case dialect.Insert:
		stats.InsertedRowCount = n
	case dialect.Update:
		stats.UpdatedRowCount = n
	default:
		stats.DeletedRowCount = n
	}
	return stats, err
}

func countActions(rows *engine.Rows, stats *bq.DmlStatistics) error {
	for {
		ok, err := rows.Next()
		if !ok || err != nil {
			return err
		}
		switch action, _ := rows.Text(0); action {
		case "INSERT":
			stats.InsertedRowCount++
		case "UPDATE":
			stats.UpdatedRowCount++
		default:
			stats.DeletedRowCount++
		}
	}
}

// maxAttempts bounds how often a statement outside a transaction is tried:
// BigQuery queues such statements, so a conflict is not the caller's to see.
const maxAttempts = 50

// admit refuses what a transaction may not change.
func (s *Store) admit(tx *transaction, st dialect.Statement) error {
	if !mutates(st) {
		return nil
	}
	if s.cat.RecentlyStreamed(st.Target) {
		return s.buffered(st)
	}
	if !s.locks.take(tx, st.Target) {
		return fault.Conflict(s.tableName(st.Target))
	}
	return nil
}

func (s *Store) buffered(st dialect.Statement) error {
	return fault.Query("UPDATE or DELETE statement over table %s.%s.%s would affect rows in the streaming buffer, which is not supported",
		s.cat.Project(), st.Target.Dataset, st.Target.Table)
}

// queued runs a statement in a transaction of its own, when its table is free.
func (s *Store) queued(ctx context.Context, conn *engine.Conn, st dialect.Statement) (_ *bq.DmlStatistics, err error) {
	if mutates(st) {
		if s.cat.Buffered(st.Target) {
			return nil, s.buffered(st)
		}
		tx, err := s.locks.await(ctx, st.Target)
		if errors.Is(err, errQueueFull) {
			return nil, fault.QueueFull(s.tableName(st.Target))
		}
		if err != nil {
			return nil, err
		}
		defer func() { s.locks.end(tx, true) }()
	}
	for attempt := 1; ; attempt++ {
		stats, err := s.transact(ctx, conn, st)
		e, ok := errors.AsType[*engine.Error](err)
		if !ok || e.Class != engine.ClassConflict || attempt == maxAttempts {
			return stats, err
		}
		if err := sleep.For(ctx, time.Duration(1+rand.IntN(10*min(attempt, 10)))*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

func (s *Store) transact(ctx context.Context, conn *engine.Conn, st dialect.Statement) (*bq.DmlStatistics, error) {
	if st.Guard == "" && st.Kind != dialect.Merge && catalog.Partition(s.cat.Lookup(st.Target)) == "" {
		return s.dml(ctx, conn, st)
	}
	var stats *bq.DmlStatistics
	err := conn.Transact(ctx, func() (err error) {
		stats, err = s.dml(ctx, conn, st)
		return err
	})
	if err != nil {
		return nil, err
	}
	return stats, nil
}
