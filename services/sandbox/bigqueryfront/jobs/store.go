package jobs

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"sync"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/billing"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/catalog"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
)

// What is kept of past jobs.
const (
	maxJobs        = 5000
	maxResultBytes = 512 << 20
)

// Store runs and remembers jobs. It may be used concurrently.
type Store struct {
	db     *engine.DB
	cat    *catalog.Catalog
	now    func() time.Time
	logger *slog.Logger
	ctx    context.Context
	stop   context.CancelFunc
	wg     sync.WaitGroup
	locks  *locks

	options    Options
	partitions partitions
	meter      *billing.Meter

	mu       sync.Mutex
	jobs     map[string]*Job
	requests map[string]*Job
	// order holds the jobs by age, the oldest first; requestIDs those of
	// jobs that came with one.
	order      []*Job
	requestIDs map[*Job]string
	bytes      int
}

// PanicHandler is told that a job panicked, in the job's goroutine and with the
// stack of the panic still below it.
type PanicHandler func(ctx context.Context, jobID string, cause any)

// Options are what a store does beside running jobs.
type Options struct {
	// Panics is told of a job that panics, which then ends with internalError; when
	// it is nil, the process ends.
	Panics PanicHandler
	// Faults are what befalls jobs; nil: nothing.
	Faults Faults
	// Latency passes before each statement, as a child job takes some on BigQuery.
	Latency time.Duration
}

// NewStore returns a store without jobs.
func NewStore(db *engine.DB, cat *catalog.Catalog, now func() time.Time, logger *slog.Logger, options Options) *Store {
	ctx, stop := context.WithCancel(context.Background())
	return &Store{db: db, cat: cat, now: now, logger: logger, options: options, partitions: partitions{most: map[dialect.TableRef]int64{}}, meter: billing.New(cat),
		ctx: ctx, stop: stop, locks: newLocks(),
		jobs: map[string]*Job{}, requests: map[string]*Job{}, requestIDs: map[*Job]string{}}
}

// Close cancels what runs and waits for it.
func (s *Store) Close() {
	s.stop()
	s.wg.Wait()
}

// Start begins a job. An empty id is replaced by a fresh one; one that is taken
// is refused. A request id that was seen before returns the job it began.
func (s *Store) Start(id, requestID, location string, request Request) (*Job, error) {
	if id == "" {
		id = "job_" + token()
	}
	if !validID(id) {
		return nil, fault.Invalid("Invalid job ID %q", id)
	}
	if location == "" {
		location = "US"
	}
	job := s.newJob(id, location, nil, request)
	if request.DryRun {
		// A dry run has no id that could be asked for.
		s.runJob(job)
		return job, nil
	}
	s.mu.Lock()
	if s.ctx.Err() != nil {
		s.mu.Unlock()
		return nil, fault.Of(context.Canceled, "")
	}
	if known := s.requests[requestID]; requestID != "" && known != nil {
		s.mu.Unlock()
		return known, nil
	}
	if s.jobs[id] != nil {
		s.mu.Unlock()
		return nil, fault.Duplicate("Job %s:%s.%s", s.cat.Project(), location, id)
	}
	s.remember(job)
	if requestID != "" {
		s.requests[requestID] = job
		s.requestIDs[job] = requestID
	}
	s.wg.Add(1)
	s.mu.Unlock()
	go func() {
		defer s.wg.Done()
		s.runJob(job)
	}()
	return job, nil
}

func (s *Store) newJob(id, location string, parent *Job, request Request) *Job {
	job := &Job{ID: id, Location: location, Parent: parent, Request: request, Created: s.now(), done: make(chan struct{})}
	job.ctx, job.cancel = context.WithCancel(s.ctx)
	if request.Timeout > 0 {
		job.ctx, job.cancel = context.WithTimeout(s.ctx, request.Timeout)
	}
	return job
}

// Get returns a job.
func (s *Store) Get(id string) (*Job, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if job := s.jobs[id]; job != nil {
		return job, nil
	}
	return nil, fault.NotFound("Job %s:%s", s.cat.Project(), id)
}

// List returns the jobs, the newest first: those of a script's statements when
// its id is given, else those without a parent.
func (s *Store) List(parent string) []*Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*Job
	for i := len(s.order) - 1; i >= 0; i-- {
		job := s.order[i]
		if parent == "" && job.Parent == nil || job.Parent != nil && job.Parent.ID == parent {
			list = append(list, job)
		}
	}
	return list
}

// Delete forgets a job.
func (s *Store) Delete(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	job := s.jobs[id]
	if job == nil {
		return fault.NotFound("Job %s:%s", s.cat.Project(), id)
	}
	delete(s.jobs, id)
	return nil
}

// remember keeps a job; the caller holds the lock.
func (s *Store) remember(job *Job) {
	s.jobs[job.ID] = job
	s.order = append(s.order, job)
}

// keep accounts for a job's result and drops the oldest ended jobs that exceed
// what is kept.
func (s *Store) keep(job *Job, result *Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if result != nil {
		s.bytes += result.size()
	}
	for len(s.order) > 1 && (len(s.order) > maxJobs || s.bytes > maxResultBytes) {
		oldest := s.order[0]
		outcome, finished := oldest.Outcome()
		if !finished || oldest == job {
			return
		}
		if outcome.Result != nil && oldest.Parent == nil {
			s.bytes -= outcome.Result.size()
		}
		s.order = s.order[1:]
		delete(s.jobs, oldest.ID)
		delete(s.requests, s.requestIDs[oldest])
		delete(s.requestIDs, oldest)
	}
}

func token() string {
	var b [12]byte
	// rand.Read never fails, by its contract.
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
