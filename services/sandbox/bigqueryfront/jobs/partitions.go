package jobs

import (
	"context"
	"fmt"
	"strconv"
	"sync"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/catalog"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
)

// BigQuery's limits of partitioned tables
// (cloud.google.com/bigquery/quotas#partitioned_tables). The first is of a job, and each
// statement of a script is one; here it is of what a transaction has changed in a table
// up to the statement. Truncating a table and streaming to it do not count towards them.
const (
	maxModified   = 4000  // partitions that a job may change
	maxPartitions = 10000 // partitions that a table may have
)

// tooManyPartitions is in BigQuery's words for a job that changes too many, as its users
// report them; for a table that would have too many, its documents have none.
func tooManyPartitions(allowed, produced int64) error {
	return fault.Query("Too many partitions produced by query, allowed %d, query produces at least %d partitions", allowed, produced)
}

// partitions are upper bounds of how many partitions tables have, so that not every
// statement must count them: a row opens one at most.
type partitions struct {
	mu   sync.Mutex
	most map[dialect.TableRef]int64
}

// grow notes rows that a table gets, and tells whether it may have too many partitions now.
func (p *partitions) grow(ref dialect.TableRef, rows int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	most, known := p.most[ref]
	if known {
		p.most[ref] = most + rows
	}
	return !known || most+rows > maxPartitions
}

func (p *partitions) set(ref dialect.TableRef, n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.most[ref] = n
}

// checkPartitions refuses what a statement, within its open transaction, has done to more
// partitions than BigQuery lets it.
func (s *Store) checkPartitions(ctx context.Context, conn *engine.Conn, st dialect.Statement, done *bq.DmlStatistics) error {
	in := catalog.Partition(s.cat.Lookup(st.Target))
	if st.Target.Dataset == "" || st.Kind == dialect.Truncate || in == "" {
		return nil
	}
	changed := done.UpdatedRowCount + done.DeletedRowCount
	grown := s.partitions.grow(st.Target, done.InsertedRowCount)
	many := done.InsertedRowCount+changed > maxModified // as each row is in one partition at most
	if !many && !grown {
		return nil
	}
	now, err := count(ctx, conn, in, st.Target.SQL())
	if err != nil {
		return err
	}
	s.partitions.set(st.Target, now)
	if now > maxPartitions {
		return tooManyPartitions(maxPartitions, now)
	}
	if !many || now <= maxModified && changed == 0 {
		return nil
	}
	modified, err := s.modified(ctx, conn, in, st.Target)
	if err == nil && modified > maxModified {
		err = tooManyPartitions(maxModified, modified)
	}
	return err
}

// checkProduced refuses to make a table of rows in too many partitions.
func (s *Store) checkProduced(ctx context.Context, conn *engine.Conn, st dialect.Statement) error {
	in := catalog.Partition(st.Table)
	if in == "" {
		return nil
	}
	n, err := count(ctx, conn, in, "("+st.SQL+")")
	if err == nil && n > maxModified {
		err = tooManyPartitions(maxModified, n)
	}
	s.partitions.set(st.Target, n)
	return err
}

// count counts the partitions of rows.
func count(ctx context.Context, conn *engine.Conn, in, from string) (n int64, err error) {
	err = conn.Query(ctx, "SELECT count(DISTINCT "+in+") FROM "+from, func(rows *engine.Rows) error {
		if _, err := rows.Next(); err != nil {
			return err
		}
		text, _ := rows.Text(0)
		n, err = strconv.ParseInt(text, 10, 64)
		return err
	})
	return n, err
}

// modified counts the partitions whose rows are others in a connection's transaction than
// they are for everybody else.
func (s *Store) modified(ctx context.Context, conn *engine.Conn, in string, ref dialect.TableRef) (int64, error) {
	others, err := s.db.Acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer others.Release()
	before, err := contents(ctx, others, in, ref)
	if err != nil {
		return 0, err
	}
	now, err := contents(ctx, conn, in, ref)
	if err != nil {
		return 0, err
	}
	var n int64
	for name, rows := range now {
		if before[name] != rows {
			n++
		}
		delete(before, name)
	}
	return n + int64(len(before)), nil
}

// contents gives for each partition what tells its rows from others.
func contents(ctx context.Context, conn *engine.Conn, in string, ref dialect.TableRef) (map[string]string, error) {
	found := make(map[string]string)
	statement := fmt.Sprintf("SELECT %s, count(*) || ' ' || CAST(sum(CAST(hash(row__) AS HUGEINT)) AS VARCHAR) FROM %s AS row__ GROUP BY 1", in, ref.SQL())
	err := conn.Query(ctx, statement, func(rows *engine.Rows) error {
		for {
			ok, err := rows.Next()
			if !ok || err != nil {
				return err
			}
			name, _ := rows.Text(0)
			found[name], _ = rows.Text(1)
		}
	})
	return found, err
}
