package loading

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/queryjob"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// waiting is a manifest whose file is not yet loaded; done takes its message's outcome.
type waiting struct {
	manifest    *pipelinev1.FileManifest
	traceparent string // of the file's trace
	since       time.Time
	complete    bool
	announced   bool      // announced again, or alarmed, because it stayed incomplete
	heldUntil   time.Time // not tried before, because its transaction would cost too much
	done        chan error
	alsoWaiting []*waiting // the same reading, delivered again meanwhile
}

// loop owns all waiting files: it finds out which are complete and loads them,
// one transaction at a time, until ctx is done.
func (s *Service) loop(ctx context.Context) {
	var (
		files = make(map[string]*waiting) // by parse_id
		look  = time.NewTimer(0)
		last  time.Time // start of the last transaction
	)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case file := <-s.arrivals:
			admit(files, file)
			if len(files) == 1 {
				look.Reset(0)
			}
			continue
		case <-look.C:
		}
		if len(files) == 0 {
			continue // the next arrival starts the clock again
		}
		s.findComplete(ctx, files)
		if ready := s.ready(files); len(ready) > 0 && s.now().Sub(last) >= s.config.TransactionInterval {
			last = s.now()
			s.loadAll(ctx, ready)
			for _, file := range ready {
				if !s.isHeld(file) {
					delete(files, file.manifest.GetParseId())
				}
			}
			look.Reset(0)
			continue
		}
		look.Reset(s.config.CompletenessInterval)
	}
}

// admit adds a file; a second delivery of the same manifest waits with the first.
func admit(files map[string]*waiting, file *waiting) {
	id := file.manifest.GetParseId()
	if first, ok := files[id]; ok {
		first.alsoWaiting = append(first.alsoWaiting, file)
		return
	}
	files[id] = file
}

func (w *waiting) revision() int64 { return topology.Revision(w.manifest.GetFile()) }

// settle gives the file's messages their outcome.
func (w *waiting) settle(err error) {
	w.done <- err
	for _, other := range w.alsoWaiting {
		other.done <- err
	}
}

// findComplete marks the files all of whose records have arrived.
func (s *Service) findComplete(ctx context.Context, files map[string]*waiting) {
	var unknown []*waiting
	for _, file := range files {
		switch {
		case file.complete:
		case file.manifest.GetRecords() == 0:
			file.complete = true
		default:
			unknown = append(unknown, file)
		}
	}
	if len(unknown) == 0 {
		return
	}
	counts, err := s.warehouse.present(ctx, manifestsOf(unknown), s.now())
	if err != nil {
		if ctx.Err() == nil {
			s.log.WarnContext(ctx, "completeness not known", "files", len(unknown), "error", err)
		}
		return
	}
	for _, file := range unknown {
		present, expected := counts[file.manifest.GetParseId()], file.manifest.GetRecords()
		file.complete = present >= expected
		if !file.complete && s.now().Sub(file.since) > s.config.IncompleteAfter {
			s.nudge(ctx, file, present)
		}
	}
}

// nudge has a file read once more that stays incomplete, and then raises an alarm.
func (s *Service) nudge(ctx context.Context, file *waiting, present int64) {
	log := s.log.With("file_id", file.manifest.GetFile().GetFileId(),
		"records", file.manifest.GetRecords(), "present", present)
	file.since = s.now()
	if file.announced {
		s.metrics.incomplete.Add(ctx, 1)
		log.ErrorContext(ctx, "file stays incomplete")
		return
	}
	landed := &pipelinev1.FileLanded{File: file.manifest.GetFile(), Announcement: 1}
	if err := s.filesLanded.PublishSync(ctx, landed, file.attributes()); err != nil {
		log.ErrorContext(ctx, "incomplete file not announced again", "error", err)
		return
	}
	file.announced = true
	log.WarnContext(ctx, "incomplete file announced again")
}

// ready picks the complete files for the next transaction, of each file the
// reading of the highest revision, in order of landing so that an earlier file's
// orders win. The readings left behind find the file in the ledger the next time.
func (s *Service) ready(files map[string]*waiting) []*waiting {
	read := make(map[string]int64) // highest revision of which a parser's reading waits
	for _, file := range files {
		id := file.manifest.GetFile().GetFileId()
		if !givenUp(file) {
			read[id] = max(read[id], file.revision())
		}
	}
	highest := make(map[string]*waiting)
	for _, file := range files {
		id := file.manifest.GetFile().GetFileId()
		if !file.complete || s.isHeld(file) || givenUp(file) && read[id] >= file.revision() {
			continue
		}
		if other := highest[id]; other == nil || file.revision() > other.revision() {
			highest[id] = file
		}
	}
	ready := slices.Collect(maps.Values(highest))
	slices.SortFunc(ready, func(a, b *waiting) int {
		fa, fb := a.manifest.GetFile(), b.manifest.GetFile()
		if c := fa.GetLandedAt().AsTime().Compare(fb.GetLandedAt().AsTime()); c != 0 {
			return c
		}
		if fa.GetFileId() < fb.GetFileId() {
			return -1
		}
		return 1
	})
	return ready[:min(len(ready), s.config.MaxFilesPerTransaction)]
}

// givenUp tells that the watcher spoke for a file that no parser finished.
func givenUp(file *waiting) bool {
	return file.manifest.GetReason() == string(rules.ParserFailed)
}

// holdPause is how long a file waits whose transaction would cost too much. What it
// reads may shrink, as partitions expire; a raised limit comes with a new process.
const holdPause = time.Hour

func (s *Service) isHeld(file *waiting) bool { return s.now().Before(file.heldUntil) }

// hold leaves a file waiting, with an alarm: it is not the file's fault that loading
// it costs more than MAX_BYTES_BILLED, and only a person can say whether it may.
func (s *Service) hold(ctx context.Context, file *waiting, cause error) {
	file.heldUntil = s.now().Add(holdPause)
	s.metrics.overBudget.Add(ctx, 1)
	s.log.ErrorContext(ctx, "file held: its transaction would bill more than MAX_BYTES_BILLED",
		"file_id", file.manifest.GetFile().GetFileId(), "max_bytes_billed", s.config.MaxBytesBilled, "error", cause)
}

// loadAll loads files and settles their messages, except those that it holds. If they
// fail together for a reason that will not pass, halves are tried, so that only a
// culprit fails, and so that files too many to be paid for at once are loaded in turn.
func (s *Service) loadAll(ctx context.Context, files []*waiting) {
	err := s.transact(ctx, files)
	switch {
	case err == nil:
		draining, stop := service.Drain(ctx)
		defer stop()
		s.announceAll(draining, files)
	case ctx.Err() != nil:
		return // Handle returns the messages to Pub/Sub
	case len(files) > 1:
		s.log.WarnContext(ctx, "transaction is bisected", "files", len(files), "error", err)
		half := len(files) / 2
		s.loadAll(ctx, files[:half])
		s.loadAll(ctx, files[half:])
	case queryjob.OverBudget(err):
		s.hold(ctx, files[0], err)
	default:
		s.quarantine(ctx, files[0], err)
	}
}

// transact runs the transaction until it succeeds or fails for good.
func (s *Service) transact(ctx context.Context, files []*waiting) error {
	manifests, pause := manifestsOf(files), messaging.NewBackoff()
	for {
		start := s.now()
		ctx, span := s.tracer.StartLinked(ctx, "load transaction", traceparentsOf(files))
		// A transaction under way is finished even if the process is to end. One that takes
		// longer than that is BigQuery's to finish; the messages, delivered again, find out.
		draining, stop := service.Drain(ctx)
		billed, err := s.warehouse.load(draining, manifests, start)
		span.Finish(err)
		s.metrics.transacted(ctx, len(manifests), start, s.now().Sub(start), billed, err)
		if err == nil {
			s.countFindings(draining, start)
		}
		stop()
		if err == nil || isPermanent(err) || queryjob.OverBudget(err) || ctx.Err() != nil {
			return err
		}
		wait := pause.NextBackOff()
		s.log.WarnContext(ctx, "transaction will be tried again", "files", len(manifests), "pause", wait, "error", err)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
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
		s.log.ErrorContext(ctx, "warehouse refuses every file", "file_id", file.manifest.GetFile().GetFileId(), "error", cause)
		file.settle(cause)
		return
	}
	failed.Verdict = pipelinev1.Verdict_VERDICT_QUARANTINED
	if rule == rules.LedgerImbalance {
		detail = fmt.Sprintf("its manifest announces %d records; in the ledger are those that arrived", failed.GetRecords())
	}
	failed.Reason, failed.ReasonDetail = string(rule), detail
	s.log.ErrorContext(ctx, "file quarantined", "file_id", failed.GetFile().GetFileId(), "reason", failed.GetReason(), "error", cause)
	file.manifest = failed
	s.loadAll(ctx, []*waiting{file})
}

func traceparentsOf(files []*waiting) []string {
	traceparents := make([]string, len(files))
	for i, file := range files {
		traceparents[i] = file.traceparent
	}
	return traceparents
}

func manifestsOf(files []*waiting) []*pipelinev1.FileManifest {
	manifests := make([]*pipelinev1.FileManifest, len(files))
	for i, file := range files {
		manifests[i] = file.manifest
	}
	return manifests
}
