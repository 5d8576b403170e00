package split

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

const (
	// windowSize leaves room to read in large pieces behind a longest record.
	windowSize = MaxRecord + 256<<10
	// minRead is the room below which the window is moved before it is filled.
	minRead = 64 << 10
)

// window is the part of the file that is in memory.
type window struct {
	r          io.Reader
	buf        []byte
	start, end int    // buf[start:end] is read and not yet consumed
	recorded   []byte // what was consumed since it was last emptied, if recording
	recording  bool
	offset     int64 // of buf[start] in the file
	err        error // of the reader, given once everything before is consumed
	kept       []byte
}

func newWindow(r io.Reader) *window { return &window{r: r, buf: make([]byte, windowSize)} }

func (w *window) pending() []byte { return w.buf[w.start:w.end] }

func (w *window) consume(n int) {
	if w.recording && len(w.recorded) <= 2*MaxRecord {
		w.recorded = append(w.recorded, w.buf[w.start:w.start+n]...)
	}
	w.start += n
	w.offset += int64(n)
}

// fill reads more bytes behind the pending ones, which may move. There must be
// at most MaxRecord of those.
func (w *window) fill() error {
	if w.err != nil {
		return w.err
	}
	if len(w.buf)-w.end < minRead {
		w.end = copy(w.buf, w.pending())
		w.start = 0
	}
	// A reader may give nothing and no error, but not for ever.
	for range 100 {
		n, err := w.r.Read(w.buf[w.end:])
		w.end += n
		if w.err = err; n > 0 || err != nil {
			if n > 0 {
				return nil
			}
			return err
		}
	}
	w.err = io.ErrNoProgress
	return w.err
}

// boundary finds where a record ends.
type boundary interface {
	// reset begins a record.
	reset()
	// find looks at the record's next bytes and returns the index of the
	// separator that ends it, or -1.
	find(next []byte) int
}

// ending is how a record ended.
type ending int

const (
	separated ending = iota // by the separator, which is not consumed
	atEOF                   // by the end of the file
	brokenOff               // by a fault of the file
)

// cut reads the record that starts at the window's start and leaves the window
// at the byte behind it. A fault of the source, which may pass, is an error:
// the record's beginning must not be taken for a record.
func (w *window) cut(b boundary) (Record, ending, error) {
	b.reset()
	seen := 0
	for {
		if n := b.find(w.pending()[seen:]); n >= 0 && seen+n <= MaxRecord {
			r := Record{Data: w.pending()[:seen+n], Offset: w.offset, Length: int64(seen + n)}
			w.consume(seen + n)
			return r, separated, nil
		} else if n >= 0 || w.end-w.start > MaxRecord {
			b.reset()
			return w.cutTooLarge(b)
		}
		seen = w.end - w.start
		if err := w.fill(); err != nil {
			how, err := w.ended(err)
			if err != nil {
				return Record{}, how, err
			}
			r := Record{Data: w.pending(), Offset: w.offset, Length: int64(seen)}
			w.consume(seen)
			return r, how, nil
		}
	}
}

// ended classifies the window's error.
func (w *window) ended(err error) (ending, error) {
	var fault *FileError
	switch {
	case errors.Is(err, io.EOF):
		return atEOF, nil
	case errors.As(err, &fault):
		return brokenOff, nil
	}
	return brokenOff, err
}

// cutTooLarge passes over a record that the window cannot hold, keeping its first
// MaxRecord bytes, its length and its hash.
func (w *window) cutTooLarge(b boundary) (Record, ending, error) {
	r := Record{Offset: w.offset, Rule: rules.TooLarge, Detail: "the record is longer than 1 MiB"}
	hash := sha256.New()
	w.kept = append(w.kept[:0], w.pending()[:min(MaxRecord, w.end-w.start)]...)
	how := separated
	for {
		n := b.find(w.pending())
		piece := w.pending()
		if n >= 0 {
			piece = piece[:n]
		}
		hash.Write(piece)
		r.Length += int64(len(piece))
		w.consume(len(piece))
		if n >= 0 {
			break
		}
		if err := w.fill(); err != nil {
			if how, err = w.ended(err); err != nil {
				return Record{}, how, err
			}
			break
		}
	}
	r.Data = w.kept
	r.Sum = hex.EncodeToString(hash.Sum(nil))
	return r, how, nil
}

// set is a set of bytes below 64.
type set uint64

func setOf(members string) (s set) {
	for _, c := range []byte(members) {
		s |= 1 << c
	}
	return s
}

func (s set) has(c byte) bool { return c < 64 && s&(1<<c) != 0 }

// skip consumes bytes of the set and tells which byte follows; an error if none does.
func (w *window) skip(over set) (byte, error) {
	for {
		p := w.pending()
		for i, c := range p {
			if !over.has(c) {
				w.consume(i)
				return c, nil
			}
		}
		w.consume(len(p))
		if err := w.fill(); err != nil {
			return 0, err
		}
	}
}
