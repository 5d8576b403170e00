package storagewrite

import (
	"context"
	"errors"
	"fmt"
	"sync"

	bq "google.golang.org/api/bigquery/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
)

const (
	// maxQueue bounds the requests that wait for a table's commit, and with
	// maxCells the memory of their batches.
	maxQueue = 64
	// maxGroup is the number of batches at which a commit takes no more.
	maxGroup = 64
	// maxIdle bounds the empty batches kept for reuse.
	maxIdle = 16
)

// appendJob is a decoded request on its way to the table.
type appendJob struct {
	// version is the table's definition that the rows were decoded for.
	version *bq.Table
	batches []*engine.Batch
	done    chan error
}

// table commits the appends to one table, one group at a time.
type table struct {
	ref    dialect.TableRef
	server *Server
	queue  chan *appendJob

	// writing guards the appender and the version that it was opened for.
	writing  sync.Mutex
	appender *engine.Appender
	opened   *bq.Table

	// mu guards what batches are made of: the shape of a version of the
	// table, and batches of that shape kept for reuse.
	mu      sync.Mutex
	shape   *engine.Shape
	version *bq.Table
	idle    []*engine.Batch
}

// table returns the table's committer and starts it if need be.
func (s *Server) table(ref dialect.TableRef) (*table, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, status.Error(codes.Unavailable, "the server is stopping")
	}
	t := s.tables[ref]
	if t == nil {
		t = &table{ref: ref, server: s, queue: make(chan *appendJob, maxQueue)}
		s.tables[ref] = t
		s.workers.Add(1)
		go t.work()
	}
	return t, nil
}

// enqueue hands a job to the committer; it waits while the queue is full.
func (t *table) enqueue(job *appendJob) (err error) {
	t.server.mu.Lock()
	closed := t.server.closed
	t.server.mu.Unlock()
	if closed {
		return status.Error(codes.Unavailable, "the server is stopping")
	}
	t.queue <- job
	return nil
}

// batch returns an empty batch for a version of the table.
func (t *table) batch(version *bq.Table) (*engine.Batch, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.version != version {
		shape, err := t.server.db.TableShape(t.ref.Dataset, t.ref.Table)
		if err != nil {
			return nil, fmt.Errorf("describe table %s.%s: %w", t.ref.Dataset, t.ref.Table, err)
		}
		t.forget()
		t.shape, t.version = shape, version
	}
	if n := len(t.idle); n > 0 {
		b := t.idle[n-1]
		t.idle = t.idle[:n-1]
		return b, nil
	}
	return t.shape.NewBatch(), nil
}

// forget frees the shape and the batches; the caller holds mu.
func (t *table) forget() {
	for _, b := range t.idle {
		b.Free()
	}
	if t.shape != nil {
		t.shape.Free()
	}
	t.idle, t.shape, t.version = nil, nil, nil
}

// recycle keeps a job's batches for reuse, as far as they fit the table as it
// is now.
func (t *table) recycle(job *appendJob) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, b := range job.batches {
		if t.version != job.version || len(t.idle) == maxIdle {
			b.Free()
			continue
		}
		b.Reset()
		t.idle = append(t.idle, b)
	}
	job.batches = nil
}

// work commits what is queued until the queue is closed.
func (t *table) work() {
	defer t.server.workers.Done()
	defer func() {
		t.release()
		t.mu.Lock()
		defer t.mu.Unlock()
		t.forget()
	}()
	var held *appendJob
	for {
		job := held
		held = nil
		if job == nil {
			next, more := <-t.queue
			if !more {
				return
			}
			job = next
		}
		group := []*appendJob{job}
		size := len(job.batches)
		for size < maxGroup && held == nil {
			select {
			case next, more := <-t.queue:
				if !more {
					size = maxGroup
				} else if next.version != job.version {
					held = next
				} else {
					group = append(group, next)
					size += len(next.batches)
				}
				continue
			default:
			}
			break
		}
		t.commit(group)
	}
}

var errChanged = errors.New("the table changed while the rows were on their way")

// commit appends a group in one transaction and answers its jobs.
func (t *table) commit(group []*appendJob) {
	t.writing.Lock()
	defer t.writing.Unlock()
	var batches []*engine.Batch
	for _, job := range group {
		batches = append(batches, job.batches...)
	}
	err := errChanged
	if t.server.cat.Lookup(t.ref) == group[0].version {
		if err = t.open(group[0].version); err == nil {
			err = t.server.cat.NoteStreamed(context.Background(), t.ref)
		}
		if err == nil {
			err = t.appender.Commit(context.Background(), batches)
		}
	}
	if err != nil {
		t.server.logger.Warn("append not committed", "dataset", t.ref.Dataset, "table", t.ref.Table, "error", err)
		t.close()
	}
	for _, job := range group {
		job.done <- err
		t.recycle(job)
	}
}

// open makes the appender fit a version of the table. Callers hold writing.
func (t *table) open(version *bq.Table) error {
	if t.appender != nil && t.opened == version {
		return nil
	}
	t.close()
	appender, err := t.server.db.NewAppender(t.ref.Dataset, t.ref.Table)
	if err != nil {
		return fmt.Errorf("open table %s.%s for appends: %w", t.ref.Dataset, t.ref.Table, err)
	}
	t.appender, t.opened = appender, version
	return nil
}

// release closes the appender, and with it its connection.
func (t *table) release() {
	t.writing.Lock()
	defer t.writing.Unlock()
	t.close()
}

// close is release for who holds writing.
func (t *table) close() {
	if t.appender != nil {
		t.appender.Close()
		t.appender = nil
	}
}
