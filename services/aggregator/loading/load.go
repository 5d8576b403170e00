package loading

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/protobuf/proto"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// From the loop to BigQuery: each round of the loop calls load, which calls itself for halves
// and for what it quarantines; load calls transact, which calls transactOnce as often as it takes;
// and that calls prepare, which reads what the transaction must know, and then startJob and awaitJob.

// load loads files and settles their messages, except those that it holds or that wait
// for another round. If they fail together for a reason that will not pass, halves are
// tried, so that only a culprit fails, and so that files too many to be paid for at once
// are loaded one half after the other. The first transaction of a round must await its turn.
func (s *Service) load(ctx context.Context, files []*waiting, first bool) {
	b := newBatch(files)
	err := s.transact(ctx, b, first)
	switch failed := failureOf(err); {
	case failed == none:
		if first {
			s.next = s.next.Add(s.courtesy())
		}
		s.announceLoaded(ctx, b)
	case ctx.Err() != nil: // Handle returns the messages to Pub/Sub
	case failed == early:
		s.awaitAnother(err)
	case len(files) == 0:
		s.unrepaired = false // until the next file finds it
		s.log.ErrorContext(ctx, "facts not repaired", "error", err)
	case len(files) > 1 && (failed == slow || failed == manyDays):
		s.suspect(ctx, files, err)
		s.next = s.now()
	case len(files) > 1:
		s.log.WarnContext(ctx, "transaction is bisected", "files", len(files), "error", err)
		half := len(files) / 2
		s.load(ctx, files[:half], false)
		s.load(ctx, files[half:], false)
	case failed == slow || failed == overBudget:
		s.hold(ctx, files[0], err)
		s.next = s.now()
	default:
		s.quarantine(ctx, files[0], err)
	}
}

// transact calls transactOnce until the transaction succeeds or fails for good, or another one has
// come before the first of a round. load decides what becomes of the files then.
func (s *Service) transact(ctx context.Context, b *batch, first bool) error {
	pause := messaging.NewBackoff()
	for {
		s.beat.Beat()
		err := s.transactOnce(ctx, b, first)
		failed := failureOf(err)
		switch {
		case failed == early && !first: // at once
		case failed != passing:
			return err
		case ctx.Err() == nil:
			wait := pause.NextBackOff()
			s.log.WarnContext(ctx, "transaction will be tried again", "files", len(b.files), "pause", wait, "error", err)
			_ = sleep.For(ctx, wait)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// transactOnce is one try of transact: prepare, startJob, awaitJob. A transaction under way is
// finished even if the process is to end. One that takes longer than that is BigQuery's to finish;
// the messages, delivered again, find out.
func (s *Service) transactOnce(ctx context.Context, b *batch, first bool) error {
	draining, stop := service.Drain(ctx)
	defer stop()
	start := s.now()
	p, err := s.prepare(ctx, draining, b, first, start)
	var job *bigquery.Job
	if err == nil {
		job, err = s.star.startJob(draining, b, p)
	}
	s.beat.Beat()
	if failureOf(err) == early {
		return err
	}
	traced, span := s.tracer.StartLinked(draining, "load transaction", b.traceparents())
	var billed int64
	if err == nil {
		billed, err = s.star.awaitJob(traced, b, job)
	}
	s.beat.Beat()
	span.Finish(err)
	s.metrics.transacted(traced, len(b.files), start, s.now().Sub(start), billed, err)
	if err == nil {
		s.seen, s.own = p.epoch+1, p.epoch+1
		s.unrepaired = p.unrepaired
		s.countFindings(traced, start)
	}
	return err
}

// prepare finds out what the transaction must know, and whether it may begin. Files that
// another process has loaded meanwhile are settled; the first transaction of a round is then
// put off, because the others may be fewer than could be loaded. It asks until draining ends,
// and begins nothing when ctx has ended.
func (s *Service) prepare(ctx, draining context.Context, b *batch, first bool, now time.Time) (*plan, error) {
	p, err := s.star.plan(draining, b, now)
	s.beat.Beat()
	if err == nil && s.seen != p.epoch && len(b.files) > 0 {
		err = s.settleKnown(draining, b, p.epoch, first)
	}
	if err == nil && first {
		err = s.awaitTurn(ctx, p)
	}
	if err == nil {
		err = ctx.Err() // none is begun any more
	}
	return p, err
}

// quarantine enters a file into the ledger that cannot be loaded. If even that
// fails, the fault is not the file's but the warehouse's, such as a table that is
// missing: an alarm is raised and the file is tried again until somebody mends it.
func (s *Service) quarantine(ctx context.Context, file *waiting, cause error) {
	failed := proto.CloneOf(file.manifest)
	rule, detail := culprit(cause)
	// A file that is quarantined for another reason may be found not to add up as well.
	isNews := rule == rules.LedgerImbalance && failed.GetReason() != string(rule)
	if failed.GetVerdict() == pipelinev1.Verdict_VERDICT_QUARANTINED && !isNews {
		s.metrics.blocked.Add(ctx, 1)
		s.log.ErrorContext(ctx, "warehouse refuses every file", "file_id", file.id(), "error", cause)
		file.settle(cause)
		return
	}
	failed.Verdict = pipelinev1.Verdict_VERDICT_QUARANTINED
	if rule == rules.LedgerImbalance {
		detail = fmt.Sprintf("its manifest announces %s; the ledger counts those that arrived", plural.Of(failed.GetRecords(), "record"))
	}
	failed.Reason, failed.ReasonDetail = string(rule), detail
	s.log.ErrorContext(ctx, "file quarantined", "file_id", file.id(), "reason", failed.GetReason(), "error", cause)
	file.manifest = failed
	s.load(ctx, []*waiting{file}, false)
}
