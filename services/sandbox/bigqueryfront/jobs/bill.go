package jobs

import (
	"context"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/billing"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
)

// afford refuses what would bring a job's bill above its limit. BigQuery estimates a
// statement before it runs it, and charges nothing for one that it refuses.
func (r *Request) afford(bill int64) error {
	if r.MaxBytesBilled > 0 && bill > r.MaxBytesBilled {
		return fault.TooExpensive(r.MaxBytesBilled, bill)
	}
	return nil
}

// afford refuses a statement that would bring a job's bill above its limit; before are the bytes
// of the statements before it.
func (s *Store) afford(ctx context.Context, conn *engine.Conn, job *Job, st dialect.Statement, before billing.Bytes) error {
	if job.Request.MaxBytesBilled == 0 || len(st.Refs) == 0 {
		return nil
	}
	bytes, known, err := s.meter.AtMost(ctx, conn, st)
	if err == nil && (!known || job.Request.afford(bytes.Over(before)) != nil) && st.SQL != "" {
		bytes, err = s.planned(ctx, conn, st)
	}
	if err != nil {
		return err
	}
	return job.Request.afford(bytes.Over(before))
}

// billed is what a statement that has run is billed. It is done, whether that can be told or not.
func (s *Store) billed(ctx context.Context, conn *engine.Conn, st dialect.Statement) billing.Bytes {
	scans := conn.TakeScans()
	if s.meter.Lacks(st, scans) {
		if planned, err := conn.Plan(ctx, st.SQL); err == nil {
			scans = planned
		}
	}
	bytes, err := s.meter.Of(ctx, conn, st, scans)
	if err != nil && ctx.Err() == nil {
		s.logger.ErrorContext(ctx, "what a statement is billed cannot be told", "statement", st.Source, "error", err)
	}
	return bytes
}

// planned is what a statement would be billed.
func (s *Store) planned(ctx context.Context, conn *engine.Conn, st dialect.Statement) (billing.Bytes, error) {
	scans, err := conn.Plan(ctx, st.SQL)
	if err != nil {
		return billing.Bytes{}, err
	}
	return s.meter.Of(ctx, conn, st, scans)
}
