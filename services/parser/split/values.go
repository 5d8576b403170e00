package split

import (
	"bytes"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

const whiteSpace = " \t\r\n"

var whiteSpaceSet = setOf(whiteSpace)

var byteOrderMark = []byte("\xef\xbb\xbf")

// values gives the records of a file of JSON: the lines that are not blank, the elements
// of arrays, and the objects that follow one another on a line, in any order. Nothing
// ends it but the end of the file, so that what stands behind an array, such as a second
// one of a file that was put together from several, is read like what stood before.
//
// A line that begins with a bracket is an array if the bracket is closed on that line. Only
// in a file that begins with an array over many lines, and where the line ends as one does
// that goes on, with a comma or an opening bracket, may it be closed on a later one: a
// bracket in a damaged line of a file of lines must not swallow the lines behind it.
type values struct {
	w       *window
	array   array
	inArray bool
	begun   bool // the first value was seen
	byLines bool // and it ends on its line

	lineEnd int64 // offset of the line's break, if it lies ahead
	noBreak int64 // offset up to which there is none
	end     error // given by Next from now on
}

func (v *values) Next() (Record, error) {
	for v.end == nil {
		if v.inArray {
			r, ok, err := v.array.next()
			if ok || err != nil {
				return r, err
			}
			v.inArray = false
		}
		c, err := v.skip()
		if err != nil {
			v.end = err
			break
		}
		n, how, err := v.line()
		if err != nil {
			return Record{}, err
		}
		if v.inArray = c == '[' && v.opensArray(n); v.inArray {
			v.w.consume(1)
			v.array = array{w: v.w}
			continue
		}
		if !v.begun {
			v.begun, v.byLines = true, true
		}
		return v.cut(c, n, how)
	}
	return Record{}, v.end
}

// skip passes over white space and byte order marks and tells which byte follows.
func (v *values) skip() (byte, error) { return v.w.skipMarked(whiteSpaceSet) }

// skipMarked passes over the bytes of a set and byte order marks and tells which byte
// follows. The marks stand where files that had one each were put together.
func (w *window) skipMarked(s set) (byte, error) {
	for {
		c, err := w.skip(s)
		if err != nil || c != byteOrderMark[0] {
			return c, err
		}
		for len(w.pending()) < len(byteOrderMark) {
			if w.fill() != nil {
				return c, nil // the record that begins here tells of it
			}
		}
		if !bytes.HasPrefix(w.pending(), byteOrderMark) {
			return c, nil
		}
		w.consume(len(byteOrderMark))
	}
}

// line gives the length of the line that the window starts with, or -1 if that is more
// than MaxRecord, and what ends it. What was searched for one value of the line is not
// searched again for the next.
func (v *values) line() (n int, how ending, err error) {
	if v.lineEnd <= v.w.offset {
		seen := max(0, int(v.noBreak-v.w.offset))
		for {
			pending := v.w.pending()
			if i := bytes.IndexByte(pending[min(seen, len(pending)):], '\n'); i >= 0 {
				v.lineEnd = v.w.offset + int64(seen+i)
				break
			}
			seen = len(pending)
			v.noBreak = v.w.offset + int64(seen)
			if seen > MaxRecord {
				return -1, separated, nil
			}
			if err := v.w.fill(); err != nil {
				how, err := v.w.ended(err)
				return seen, how, err
			}
		}
	}
	if n = int(v.lineEnd - v.w.offset); n > MaxRecord {
		n = -1
	}
	return n, separated, nil
}

// opensArray tells whether a bracket at the begin of a line of n bytes opens an array.
func (v *values) opensArray(n int) bool {
	closes := n >= 0 && valueLength(v.w.pending()[:n]) >= 0
	if !v.begun {
		v.begun, v.byLines = true, closes
		return true
	}
	if !v.byLines || closes || n < 0 {
		return true
	}
	line := bytes.TrimRight(v.w.pending()[:n], whiteSpace)
	return bytes.IndexByte([]byte("[{,"), line[len(line)-1]) >= 0
}

// cut gives the record at the window's start: the line's first value if others follow
// it, else the line.
func (v *values) cut(c byte, n int, how ending) (Record, error) {
	if c == '{' && (n < 0 || severalValues(v.w.pending()[:n])) {
		most := n
		if n < 0 {
			most = MaxRecord
		}
		if length := valueLength(v.w.pending()[:most]); length >= 0 && length != n {
			r := Record{Data: v.w.pending()[:length], Offset: v.w.offset, Length: int64(length)}
			v.w.consume(length)
			return r, nil
		}
	}
	if n < 0 {
		r, how, err := v.w.cut(lineEnd{})
		if how == brokenOff {
			r.refuse("the file breaks off inside the record")
		}
		return r, err
	}
	r := Record{Data: v.w.pending()[:n], Offset: v.w.offset}
	v.w.consume(n)
	if how == brokenOff {
		r.refuse("the file breaks off inside the record")
	}
	r.Data = bytes.TrimRight(r.Data, whiteSpace)
	r.Length = int64(len(r.Data))
	return r, nil
}

// lineEnd is the boundary of a line.
type lineEnd struct{}

func (lineEnd) reset() {}

func (lineEnd) find(next []byte) int { return bytes.IndexByte(next, '\n') }

// severalValues tells whether an object may follow another one on the line: it looks for
// a brace that opens behind one that closes, which well-formed JSON has in texts only. It
// is asked for every line, and hops from brace to brace.
func severalValues(line []byte) bool {
	for at := 1; at < len(line); at++ {
		i := bytes.IndexByte(line[at:], '{')
		if i < 0 {
			return false
		}
		at += i
		before := at - 1
		for before > 0 && whiteSpaceSet.has(line[before]) {
			before--
		}
		if line[before] == '}' {
			return true
		}
	}
	return false
}

// valueLength is the length of the object or array that text begins with, by its quotes
// and brackets alone; -1 if it does not end there.
func valueLength(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case !structural[c]:
		case c == '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case c == '{', c == '[':
			depth++
		case c == '}', c == ']':
			if depth--; depth <= 0 {
				return i + 1
			}
		}
	}
	return -1
}

// refuse marks the record as broken JSON unless it is refused already.
func (r *Record) refuse(detail string) {
	if r.Rule == "" {
		r.Rule, r.Detail = rules.MalformedJSON, detail
	}
}
