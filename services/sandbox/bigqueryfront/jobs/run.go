package jobs

import (
	"context"
	"errors"
	"fmt"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/billing"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/catalog"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/faults"
)

// runJob runs a job to its end.
func (s *Store) runJob(job *Job) {
	ctx := job.ctx
	job.mu.Lock()
	job.outcome.Started = s.now()
	job.mu.Unlock()
	outcome, err := s.catchPanics(ctx, job)
	outcome.Started, outcome.Ended = job.outcome.Started, s.now()
	if err != nil {
		outcome.Err = fault.OfJob(err, s.tableName(outcome.Target))
		outcome.Result = nil
		s.logger.DebugContext(ctx, "job failed", "job_id", job.ID, "reason", outcome.Err.Reason, "error", err)
	}
	job.finish(outcome)
	s.keep(job, outcome.Result)
}

var errDefect = errors.New("The embedded BigQuery has a defect, which its log describes.")

// catchPanics is runText whose panics end the job instead of the process, in which
// everything else runs too; its goroutine has no request's handler above it that
// would see to that.
func (s *Store) catchPanics(ctx context.Context, job *Job) (_ Outcome, err error) {
	if s.options.Panics == nil {
		return s.runText(ctx, job)
	}
	defer func() {
		if cause := recover(); cause != nil {
			s.options.Panics(ctx, job.ID, cause)
			err = errDefect
		}
	}()
	return s.runText(ctx, job)
}

func (s *Store) tableName(ref dialect.TableRef) string {
	return fmt.Sprintf("%s:%s.%s", s.cat.Project(), ref.Dataset, ref.Table)
}

// runText translates the job's text, and runs or only plans it on a connection of its own.
func (s *Store) runText(ctx context.Context, job *Job) (Outcome, error) {
	r := job.Request
	if r.Load != nil {
		return s.runLoad(ctx, job)
	}
	statements, err := dialect.Translate(r.SQL, s.cat.Env(r.Dataset, r.Params))
	if err != nil {
		return Outcome{}, err
	}
	outcome := Outcome{StatementType: "SCRIPT", Target: statements[0].Target}
	if len(statements) == 1 {
		outcome.StatementType = string(statements[0].Kind)
	}
	if err := scriptRules(statements); err != nil {
		return outcome, err
	}
	if r.Into != nil && (len(statements) > 1 || statements[0].Kind != dialect.Select) {
		return outcome, fault.Invalid("Cannot set destination table in jobs with DML or DDL statements, or with scripts")
	}
	conn, err := s.db.Acquire(ctx)
	if err != nil {
		return outcome, err
	}
	returned := false
	defer func() {
		if !returned {
			conn.Taint() // a panic may have left a transaction open
		}
		conn.Release()
	}()
	if err := conn.NoteScans(ctx); err != nil {
		return outcome, err
	}
	if r.DryRun {
		outcome, err = s.dryRun(ctx, conn, statements, outcome)
	} else {
		outcome, err = s.runWithFaults(ctx, conn, job, statements, outcome)
	}
	returned = true
	return outcome, err
}

// runWithFaults runs the statements, and ends the job where a fault is planned for it.
func (s *Store) runWithFaults(ctx context.Context, conn *engine.Conn, job *Job, statements []dialect.Statement, outcome Outcome) (Outcome, error) {
	e := s.endingOf(job, statements)
	if err := sleep.For(ctx, e.Delay); err != nil {
		return outcome, err
	}
	if err := e.failure(faults.Begin); err != nil {
		return outcome, err
	}
	outcome, err := s.runStatements(ctx, conn, job, statements, outcome, e)
	if err == nil {
		err = e.failure(faults.After)
	}
	return outcome, err
}

// runStatements runs a lone statement, or several as a script.
func (s *Store) runStatements(ctx context.Context, conn *engine.Conn, job *Job, statements []dialect.Statement, outcome Outcome, e ending) (Outcome, error) {
	r := job.Request
	if len(statements) == 1 {
		if err := sleep.For(ctx, s.options.Latency); err != nil {
			return outcome, err
		}
		err := s.afford(ctx, conn, job, statements[0], billing.Bytes{})
		if err != nil {
			return outcome, err
		}
		if r.Into == nil {
			outcome, err = s.runStatement(ctx, conn, statements[0], nil)
		} else {
			outcome, err = s.runInto(ctx, conn, statements[0].SQL, r.Into)
			outcome.StatementType, outcome.Target = string(dialect.Select), r.Into.Ref()
		}
		if err == nil {
			outcome.Bytes = s.billed(ctx, conn, statements[0])
		}
		return outcome, err
	}
	return s.runScript(ctx, conn, job, statements, e)
}

// scriptRules refuses what BigQuery refuses before anything runs.
func scriptRules(statements []dialect.Statement) error {
	in := false
	for _, st := range statements {
		switch st.Kind {
		case dialect.Begin:
			if in {
				return fault.Query("Transaction is already in progress at [%d:%d]", st.Line, st.Column)
			}
			in = true
		case dialect.Commit, dialect.Rollback:
			if !in {
				return fault.Query("There is no active transaction at [%d:%d]", st.Line, st.Column)
			}
			in = false
		case dialect.CreateTable, dialect.CreateTableSelect, dialect.CreateView, dialect.CreateSchema, dialect.AlterTable,
			dialect.DropTable, dialect.DropView, dialect.DropSchema:
			if in && !st.Temp {
				return fault.Query("DDL statements other than those of temporary entities are not supported inside a transaction at [%d:%d]", st.Line, st.Column)
			}
			if st.Temp && len(statements) == 1 {
				return fault.Query("Use of CREATE TEMPORARY TABLE requires a script or session")
			}
		}
	}
	return nil
}

// dryRun plans a lone statement; of a script only the text is checked.
func (s *Store) dryRun(ctx context.Context, conn *engine.Conn, statements []dialect.Statement, outcome Outcome) (Outcome, error) {
	s.meter.Forget() // what would be billed is all that is asked for
	if len(statements) > 1 {
		for _, st := range statements {
			most, _, err := s.meter.AtMost(ctx, conn, st)
			if err != nil {
				return outcome, err
			}
			outcome.Bytes.Add(most)
		}
		return outcome, nil
	}
	st := statements[0]
	if st.SQL == "" {
		return outcome, nil
	}
	columns, err := conn.Describe(st.SQL)
	if err != nil {
		return outcome, err
	}
	if st.Kind == dialect.Select {
		outcome.Schema = catalog.Schema(columns)
	}
	outcome.Bytes, err = s.planned(ctx, conn, st)
	return outcome, err
}

// runScript runs statements on one connection; temporary tables vanish with it.
func (s *Store) runScript(ctx context.Context, conn *engine.Conn, job *Job, statements []dialect.Statement, e ending) (Outcome, error) {
	conn.Taint()
	parent := Outcome{StatementType: "SCRIPT"}
	var tx *transaction // nil outside of one
	var selected *Job   // the last SELECT's
	defer func() {
		if tx != nil {
			// BigQuery rolls back what a script leaves open, by its end or by a failure.
			conn.Rollback()
			s.locks.end(tx, false)
		}
	}()
	for i, st := range statements {
		child := s.newJob(fmt.Sprintf("script_job_%s_%d", job.ID, i), job.Location, job, Request{SQL: st.Source, Dataset: job.Request.Dataset})
		started := s.now()
		if st.Kind == dialect.Begin {
			tx = s.locks.begin() // before the database's, whose snapshot must not be older
		}
		outcome := Outcome{StatementType: string(st.Kind), Target: st.Target}
		err := sleep.For(ctx, s.options.Latency)
		if err == nil && i == e.index {
			err = e.failure(faults.Middle, faults.Commit)
		}
		if err == nil {
			err = s.afford(ctx, conn, job, st, parent.Bytes)
		}
		if err == nil {
			outcome, err = s.runStatement(ctx, conn, st, tx)
		}
		outcome.Started, outcome.Ended = started, s.now()
		if err == nil {
			outcome.Bytes = s.billed(ctx, conn, st)
			parent.Bytes.Add(outcome.Bytes)
		}
		if err != nil {
			f := fault.OfJob(err, s.tableName(st.Target))
			outcome.Err = f
			err = &fault.Fault{Status: f.Status, Reason: f.Reason,
				Message: fmt.Sprintf("Query error: %s at [%d:%d]", f.Message, st.Line, st.Column)}
		}
		if st.Kind == dialect.Select && err == nil {
			parent.Result, parent.Schema = outcome.Result, outcome.Schema
		}
		if outcome.DML != nil {
			parent.DML = sum(parent.DML, outcome.DML)
		}
		result := outcome
		outcome.Result = nil
		s.adopt(job, child, outcome)
		if st.Kind == dialect.Select && err == nil {
			handResult(selected, child, result)
			selected = child
		}
		if err != nil {
			return parent, err
		}
		if st.Kind == dialect.Commit {
			s.cat.NoteModified(tx.written...)
		}
		if st.Kind == dialect.Commit || st.Kind == dialect.Rollback {
			s.locks.end(tx, st.Kind == dialect.Commit)
			tx = nil
		}
		if outcome.DML != nil {
			if _, err := conn.Exec(ctx, fmt.Sprintf("SET VARIABLE %s = CAST(%d AS BIGINT)", dialect.RowCountVariable, outcome.AffectedRows())); err != nil {
				return parent, err
			}
		}
	}
	return parent, nil
}

func (s *Store) adopt(parent, child *Job, outcome Outcome) {
	child.finish(outcome)
	parent.mu.Lock()
	parent.children = append(parent.children, child)
	parent.mu.Unlock()
	s.mu.Lock()
	s.remember(child)
	s.mu.Unlock()
}

// runStatement runs one statement, in the open transaction if there is one.
func (s *Store) runStatement(ctx context.Context, conn *engine.Conn, st dialect.Statement, tx *transaction) (Outcome, error) {
	outcome := Outcome{StatementType: string(st.Kind), Target: st.Target}
	var err error
	switch st.Kind {
	case dialect.Select:
		outcome.Result, outcome.Schema, err = s.query(ctx, conn, st.SQL)
	case dialect.Insert, dialect.Update, dialect.Delete, dialect.Merge, dialect.Truncate:
		if tx == nil {
			outcome.DML, err = s.queued(ctx, conn, st)
		} else if err = s.admit(tx, st); err == nil {
			outcome.DML, err = s.dml(ctx, conn, st)
		}
		if err == nil && st.Target.Dataset != "" {
			if tx == nil {
				s.cat.NoteModified(st.Target)
			} else {
				tx.written = append(tx.written, st.Target)
			}
		}
	case dialect.Assert:
		err = s.assert(ctx, conn, st)
	case dialect.Begin:
		err = conn.Begin(ctx)
	case dialect.Commit:
		err = conn.Commit(ctx)
	case dialect.Rollback:
		conn.Rollback()
	default:
		if st.Kind == dialect.CreateTableSelect {
			if err := conn.Aside(func() error { return s.checkProduced(ctx, conn, st) }); err != nil {
				return outcome, err
			}
		}
		if st.SQL != "" && (st.Temp || st.Table == nil) {
			_, err = conn.Exec(ctx, st.SQL)
		} else {
			err = s.define(ctx, st)
		}
	}
	return outcome, err
}

func (s *Store) query(ctx context.Context, conn *engine.Conn, sql string) (*Result, *bq.TableSchema, error) {
	result := &Result{}
	var schema *bq.TableSchema
	err := conn.Query(ctx, sql, func(rows *engine.Rows) error {
		schema = catalog.Schema(rows.Columns)
		for {
			ok, err := rows.Next()
			if !ok || err != nil {
				return err
			}
			if len(result.ends) > 0 {
				result.buf = append(result.buf, ',')
			}
			if result.buf, err = rows.AppendRow(result.buf); err != nil {
				return err
			}
			result.ends = append(result.ends, len(result.buf))
			if len(result.buf) > maxResult {
				return fault.TooLarge("Response too large to return: more than %d bytes", maxResult)
			}
		}
	})
	return result, schema, err
}

func (s *Store) assert(ctx context.Context, conn *engine.Conn, st dialect.Statement) error {
	return conn.Query(ctx, st.SQL, func(rows *engine.Rows) error {
		if _, err := rows.Next(); err != nil {
			return err
		}
		if held, _ := rows.Text(0); held == "true" {
			return nil
		}
		if st.Message == "" {
			return fault.Query("Assertion failed")
		}
		return fault.Query("Assertion failed: %s", st.Message)
	})
}
