package pubsubfront

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	// recordAfter is how long a chunk may be partly acknowledged, or be under
	// redelivery, before that is written down.
	recordAfter = time.Second

	progressStream  = "PROGRESS"
	progressSubject = "progress."
)

// record is the progress of a chunk as it is stored: a uvarint per message, 0 if
// the message is done and else 1 + the number of its deliveries.
type record []byte

func newRecord(c *chunk) record {
	b := make(record, 0, len(c.messages))
	for i := range c.messages {
		if m := &c.messages[i]; m.phase == phaseDone {
			b = binary.AppendUvarint(b, 0)
		} else {
			b = binary.AppendUvarint(b, 1+uint64(m.attempts))
		}
	}
	return b
}

// apply restores the progress of a chunk that was just read. A record that does
// not fit leaves messages fresh, which is always safe.
func (r record) apply(c *chunk) {
	for i := range c.messages {
		v, n := binary.Uvarint(r)
		if n <= 0 {
			return
		}
		r = r[n:]
		if v == 0 {
			c.messages[i].phase = phaseDone
			c.open--
		} else {
			c.messages[i].attempts = uint32(min(v-1, math.MaxUint32))
		}
	}
}

func (s *subscription) recordSubject(seq uint64) string {
	return progressSubject + s.key + "." + strconv.FormatUint(seq, 10)
}

// touch notes that a chunk's progress changed. Callers hold mu.
func (s *subscription) touch(c *chunk, now int64) {
	if !c.dirty {
		c.dirty, c.changed = true, now
		s.changed = append(s.changed, c)
	}
}

type progress struct {
	subject string
	record  record
}

// takeProgress takes out what has to be written and removed. Most chunks are
// done within the second and never recorded. Callers hold mu.
func (s *subscription) takeProgress(now int64) (writes []progress, removals []string) {
	n := 0
	for n < len(s.changed) && (s.changed[n].open == 0 || now-s.changed[n].changed >= int64(recordAfter)) {
		c := s.changed[n]
		n++
		c.dirty = false
		if c.open > 0 {
			c.recorded = true
			writes = append(writes, progress{s.recordSubject(c.seq), newRecord(c)})
		}
	}
	rest := copy(s.changed, s.changed[n:])
	clear(s.changed[rest:])
	s.changed = s.changed[:rest]
	for _, c := range s.finished {
		removals = append(removals, s.recordSubject(c.seq))
	}
	s.finished = nil
	return writes, removals
}

// storeProgress writes what takeProgress found. A record that cannot be written
// is only logged: the cost of its absence is a redelivery after a restart.
func (s *subscription) storeProgress(ctx context.Context, writes []progress, removals []string) {
	ctx, cancel := context.WithTimeout(ctx, apiTimeout)
	defer cancel()
	for _, p := range writes {
		if err := s.progress.put(ctx, p.subject, p.record); err != nil {
			s.engine.log.WarnContext(ctx, "recording progress failed", "subscription", s.name, "error", err)
		}
	}
	for _, subject := range removals {
		if err := s.progress.remove(ctx, subject); err != nil {
			s.engine.log.WarnContext(ctx, "removing a progress record failed", "subscription", s.name, "error", err)
		}
	}
}

// inQueue tells whether a record may be about a chunk that the queue holds. After a
// power cut a record may have outlived its chunk; the next chunk takes its place in the
// sequence, and must not be taken for delivered.
func inQueue(seq uint64, queue jetstream.StreamState) bool {
	return queue.FirstSeq <= seq && seq <= queue.LastSeq
}

// readProgress reads the records that an earlier process left, and removes those
// of chunks that are gone.
func (s *subscription) readProgress(ctx context.Context) error {
	info, err := s.stream.Info(ctx)
	if err != nil {
		return fmt.Errorf("look at stream %s: %w", queueName(s.key), err)
	}
	s.records = make(map[uint64]record)
	var stale []string
	err = s.progress.each(ctx, progressSubject+s.key+".*", func(subject string, value []byte) error {
		seq, err := strconv.ParseUint(subject[strings.LastIndexByte(subject, '.')+1:], 10, 64)
		if err != nil || !inQueue(seq, info.State) {
			stale = append(stale, subject)
			return nil
		}
		s.records[seq] = value
		return nil
	})
	if err != nil {
		return err
	}
	s.storeProgress(ctx, nil, stale)
	return nil
}
