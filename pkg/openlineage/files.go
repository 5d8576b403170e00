package openlineage

import (
	"context"
	"errors"
	"log/slog"
	"time"

	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// Checks knows what was found in files.
type Checks interface {
	// Findings gives the findings of each file, by its id. The files were completed at from or later.
	Findings(ctx context.Context, files []string, from time.Time) (map[string][]Finding, error)
}

// Files tells of completed files. Add may be called concurrently, and never waits.
type Files struct {
	events   *Events
	emitter  *Emitter
	checks   Checks
	queue    chan *pipelinev1.FileCompleted
	interval time.Duration
	timeout  time.Duration
	log      *slog.Logger
}

// maxBatch is the most files that are asked for at once.
const maxBatch = 500

// NewFiles has checks be asked, for at most timeout.
func NewFiles(cfg *Settings, events *Events, emitter *Emitter, checks Checks, timeout time.Duration, log *slog.Logger) *Files {
	return &Files{events, emitter, checks, make(chan *pipelinev1.FileCompleted, cfg.Queue), cfg.Interval, timeout, log}
}

// Add has a file be told of. A nil *Files tells of nothing.
func (f *Files) Add(ctx context.Context, done *pipelinev1.FileCompleted) {
	if f == nil {
		return
	}
	select {
	case f.queue <- done:
	default:
		for _, event := range f.events.File(done, nil) {
			f.emitter.lose(ctx, event, errors.New("too many files wait"))
		}
	}
}

// Run gathers files for an interval from the first on and tells of them, until ctx is done. Those that
// wait then are told without their findings.
func (f *Files) Run(ctx context.Context) {
	for {
		var batch []*pipelinev1.FileCompleted
		select {
		case first := <-f.queue:
			batch = append(batch, first)
		case <-ctx.Done():
			f.tell(ctx, f.waiting(nil))
			return
		}
		select {
		case <-time.After(f.interval):
		case <-ctx.Done():
		}
		f.tell(ctx, f.waiting(batch))
	}
}

// waiting adds files that wait already.
func (f *Files) waiting(batch []*pipelinev1.FileCompleted) []*pipelinev1.FileCompleted {
	for len(batch) < maxBatch {
		select {
		case next := <-f.queue:
			batch = append(batch, next)
		default:
			return batch
		}
	}
	return batch
}

func (f *Files) tell(ctx context.Context, batch []*pipelinev1.FileCompleted) {
	if len(batch) == 0 {
		return
	}
	findings := make(map[string][]Finding)
	if ctx.Err() == nil {
		var err error
		if findings, err = f.findings(ctx, batch); err != nil {
			f.log.WarnContext(ctx, "findings not known", "error", err) // the runs are told without them
		}
	}
	for _, done := range batch {
		f.emitter.Emit(ctx, f.events.File(done, findings[done.GetFile().GetFileId()])...)
	}
}

func (f *Files) findings(ctx context.Context, batch []*pipelinev1.FileCompleted) (map[string][]Finding, error) {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	ids, from := make([]string, len(batch)), batch[0].GetLoadedAt().AsTime()
	for i, done := range batch {
		ids[i] = done.GetFile().GetFileId()
		for _, at := range []time.Time{done.GetLoadedAt().AsTime(), done.GetFile().GetClaimedAt().AsTime()} {
			if at.Before(from) && done.GetFile().GetClaimedAt().IsValid() {
				from = at
			}
		}
	}
	return f.checks.Findings(ctx, ids, from)
}
