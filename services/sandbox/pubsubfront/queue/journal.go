package queue

import (
	"context"
	"encoding/binary"
	"log/slog"
	"maps"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/store"
)

const (
	// recordAfter is how long a chunk may be partly acknowledged, or be under
	// redelivery, before that is written down.
	recordAfter = time.Second

	// ProgressKind is the kind of the table that keeps progress.
	ProgressKind = "progress"
)

func progressSubject(key string, seq uint64) string {
	return ProgressKind + "." + key + "." + strconv.FormatUint(seq, 10)
}

func progressSubjects(key string) string { return ProgressKind + "." + key + ".*" }

// journal writes down the progress of chunks that stay partly done, for the next process.
// read and write need no lock; the others expect the queue's mu to be held.
type journal struct {
	table    *store.Table
	key      string
	log      *slog.Logger
	changed  []*chunk          // chunks whose progress may need recording
	finished []uint64          // recorded chunks that are done
	records  map[uint64]record // progress found at the start
}

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

// resume gives a chunk that was just read the progress that was recorded of it.
func (j *journal) resume(c *chunk) {
	rec, recorded := j.records[c.seq]
	if recorded {
		delete(j.records, c.seq)
		c.recorded = true
		rec.apply(c)
	}
}

// forget drops what was found at the start of chunks up to a number.
func (j *journal) forget(last uint64) {
	maps.DeleteFunc(j.records, func(seq uint64, _ record) bool { return seq <= last })
}

// touch notes that a chunk's progress changed.
func (j *journal) touch(c *chunk, now int64) {
	if !c.dirty {
		c.dirty, c.changed = true, now
		j.changed = append(j.changed, c)
	}
}

// finish notes that a chunk is done.
func (j *journal) finish(c *chunk) {
	if c.recorded {
		j.finished = append(j.finished, c.seq)
	}
}

// next is when there will be something to write.
func (j *journal) next() int64 {
	switch {
	case len(j.finished) > 0:
		return 0
	case len(j.changed) > 0:
		return j.changed[0].changed + int64(recordAfter)
	}
	return math.MaxInt64
}

// entries are what has to be written to the table and removed from it.
type entries struct {
	writes   []entry
	removals []string
}

type entry struct {
	subject string
	record  record
}

// take takes out what is due. Most chunks are done within the second and never recorded.
func (j *journal) take(now int64) (due entries) {
	n := 0
	for n < len(j.changed) && (j.changed[n].open == 0 || now-j.changed[n].changed >= int64(recordAfter)) {
		c := j.changed[n]
		n++
		c.dirty = false
		if c.open > 0 {
			c.recorded = true
			due.writes = append(due.writes, entry{progressSubject(j.key, c.seq), newRecord(c)})
		}
	}
	rest := copy(j.changed, j.changed[n:])
	clear(j.changed[rest:])
	j.changed = j.changed[:rest]
	for _, seq := range j.finished {
		due.removals = append(due.removals, progressSubject(j.key, seq))
	}
	j.finished = nil
	return due
}

// takeAll takes out everything, due or not.
func (j *journal) takeAll() entries { return j.take(math.MaxInt64) }

// write writes what take found. A record that cannot be written
// is only logged: the cost of its absence is a redelivery after a restart.
func (j *journal) write(ctx context.Context, due entries) {
	ctx, cancel := context.WithTimeout(ctx, store.RequestTimeout)
	defer cancel()
	for _, e := range due.writes {
		if err := j.table.Put(ctx, e.subject, e.record); err != nil {
			j.log.WarnContext(ctx, "recording progress failed", "error", err)
		}
	}
	for _, subject := range due.removals {
		if err := j.table.Remove(ctx, subject); err != nil {
			j.log.WarnContext(ctx, "removing a progress record failed", "error", err)
		}
	}
}

// read reads the records that an earlier process left, and removes those
// of chunks that are gone. After a power cut a record may have outlived its chunk; the
// next chunk takes its place in the sequence, and must not be taken for delivered.
func (j *journal) read(ctx context.Context, stream *store.Queue) error {
	state, err := stream.State(ctx)
	if err != nil {
		return err
	}
	j.records = make(map[uint64]record)
	var stale entries
	err = j.table.Each(ctx, progressSubjects(j.key), func(subject string, value []byte) error {
		seq, err := strconv.ParseUint(subject[strings.LastIndexByte(subject, '.')+1:], 10, 64)
		if err != nil || !state.Holds(seq) {
			stale.removals = append(stale.removals, subject)
			return nil
		}
		j.records[seq] = value
		return nil
	})
	if err != nil {
		return err
	}
	j.write(ctx, stale)
	return nil
}
