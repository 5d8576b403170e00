package split

import (
	"bytes"
	"errors"
	"io"
)

// array gives the elements of a JSON array, from behind its opening bracket. It only
// follows quotes and brackets: an element is what stands between two commas outside of
// all of them, whatever it is, so that a fault within an element, or between two, costs
// no other element. Only quotes or brackets without a partner swallow what follows.
type array struct {
	w       *window
	element element
	some    bool // an element was given
	closed  bool // the array's end was seen
}

// next gives the next element; ok is false where the array ends.
func (a *array) next() (r Record, ok bool, err error) {
	if a.closed {
		return Record{}, false, nil
	}
	c, err := a.w.skipMarked(whiteSpaceSet)
	if errors.Is(err, io.EOF) {
		// It may lack anything, which is said by one empty record.
		a.closed = true
		r := Record{Offset: a.w.offset}
		r.refuse("the file ends inside the array")
		return r, true, nil
	}
	if err != nil {
		return Record{}, false, err
	}
	if c == ']' && !a.some {
		a.w.consume(1)
		a.closed = true
		return Record{}, false, nil
	}
	r, how, err := a.w.cut(&a.element)
	if err != nil {
		return Record{}, false, err
	}
	a.some = true
	switch how {
	case separated:
		a.closed = a.w.pending()[0] == ']'
		a.w.consume(1)
	case atEOF:
		a.closed = true
		r.refuse("the file ends inside the array")
	case brokenOff:
		a.closed = true
		r.refuse("the file breaks off inside the record")
	}
	if r.Rule == "" {
		r.Data = bytes.TrimRight(r.Data, whiteSpace)
		r.Length = int64(len(r.Data))
		if r.Length == 0 {
			r.refuse("an element of the array is empty")
		}
	}
	return r, true, nil
}

// element is the boundary of an array's element.
type element struct {
	depth  int
	quoted bool // inside a string
	escape bool // behind a backslash
}

func (e *element) reset() { *e = element{} }

func (e *element) find(next []byte) int {
	depth, quoted := e.depth, e.quoted
	i := 0
	if e.escape && len(next) > 0 {
		e.escape = false
		i = 1
	}
	for ; i < len(next); i++ {
		if quoted {
			for i < len(next) && next[i] != '"' && next[i] != '\\' {
				i++
			}
			switch {
			case i == len(next):
			case next[i] == '"':
				quoted = false
			default:
				i++ // over the escaped byte
				e.escape = i == len(next)
			}
			continue
		}
		for i < len(next) && !structural[next[i]] {
			i++
		}
		if i == len(next) {
			break
		}
		switch next[i] {
		case '"':
			quoted = true
		case '{', '[':
			depth++
		case '}':
			depth = max(depth-1, 0)
		default: // a comma or a closing bracket
			if depth == 0 {
				return i
			}
			if next[i] == ']' {
				depth--
			}
		}
	}
	e.depth, e.quoted = depth, quoted
	return -1
}

// structural are the bytes that matter outside of strings.
var structural = [256]bool{'"': true, '{': true, '}': true, '[': true, ']': true, ',': true}
