package loading

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"
)

// ready picks the complete files for the next transaction, of each file the
// reading of the highest revision, in order of landing so that an earlier file's
// orders win. The readings left behind find the file in the ledger the next time. Files
// that were too many for one transaction take turns with the rest, a part at a time: one
// that is slow must not hold up those behind it.
func (s *Service) ready(files map[string]*waiting) []*waiting {
	read := make(map[string]int64) // highest revision that has a parser's reading waiting
	for _, file := range files {
		if !givenUp(file) {
			read[file.id()] = max(read[file.id()], file.revision())
		}
	}
	highest := make(map[string]*waiting)
	for _, file := range files {
		if !file.complete || s.isHeld(file) || givenUp(file) && read[file.id()] >= file.revision() {
			continue
		}
		if other := highest[file.id()]; other == nil || file.revision() > other.revision() {
			highest[file.id()] = file
		}
	}
	var suspects, others []*waiting
	for _, file := range slices.SortedFunc(maps.Values(highest), byLanding) {
		if file.atMost > 0 {
			suspects = append(suspects, file)
		} else {
			others = append(others, file)
		}
	}
	if len(others) == 0 || len(suspects) > 0 && s.suspectsNext {
		return s.atOnce(suspects)
	}
	return s.atOnce(others)
}

func byLanding(a, b *waiting) int {
	landed := func(file *waiting) time.Time { return file.manifest.GetFile().GetLandedAt().AsTime() }
	return cmp.Or(landed(a).Compare(landed(b)), strings.Compare(a.id(), b.id()))
}

// atOnce takes as many of the files, from the first on, as one transaction may have.
func (s *Service) atOnce(files []*waiting) []*waiting {
	days, hours := make(map[int32]bool), make(map[int32]bool)
	most := s.config.MaxFilesPerTransaction
	for i, file := range files {
		if file.atMost > 0 {
			most = min(most, file.atMost)
		}
		for _, day := range file.manifest.GetOrderDates() {
			days[day] = true
		}
		for _, day := range hourDays(file.manifest) {
			hours[day] = true
		}
		if i > 0 && (i >= most || max(len(days), len(hours)) > s.config.MaxDaysPerTransaction) {
			return files[:i]
		}
	}
	return files
}

// suspect has files that were too much for one transaction tried in halves.
func (s *Service) suspect(ctx context.Context, files []*waiting, cause error) {
	s.log.WarnContext(ctx, "transaction was too much, its files are loaded in smaller ones", "files", len(files), "error", cause)
	for _, file := range files {
		file.atMost = len(files) / 2
	}
	s.suspectsNext = false
}

// holdPause is how long a file waits whose transaction would cost too much. What it reads
// may shrink, as partitions expire; a raised limit comes with a new process.
const holdPause = time.Hour

func (s *Service) isHeld(file *waiting) bool { return s.now().Before(file.heldUntil) }

// hold leaves a file waiting, with an alarm: it is not the file's fault that loading
// it costs more than MAX_BYTES_BILLED, or takes longer than TRANSACTION_TIMEOUT, and only
// a person can say whether it may.
func (s *Service) hold(ctx context.Context, file *waiting, cause error) {
	file.heldUntil = s.now().Add(holdPause)
	log := s.log.With("file_id", file.id(), "error", cause)
	if failureOf(cause) == slow {
		file.tooSlow = cause
		s.metrics.overTime.Add(ctx, 1)
		log.ErrorContext(ctx, "file held: its transaction takes longer than TRANSACTION_TIMEOUT", "transaction_timeout", s.config.TransactionTimeout)
		return
	}
	s.metrics.overBudget.Add(ctx, 1)
	log.ErrorContext(ctx, "file held: its transaction would bill more than MAX_BYTES_BILLED", "max_bytes_billed", s.config.MaxBytesBilled)
}

// holdOn raises the alarm anew about files that are too slow. This process tries none of
// them again, because all others would wait for as long as that takes.
func (s *Service) holdOn(ctx context.Context, files map[string]*waiting) {
	for _, file := range files {
		if file.tooSlow != nil && !s.isHeld(file) {
			s.hold(ctx, file, file.tooSlow)
		}
	}
}
