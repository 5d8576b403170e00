package split

import (
	"bytes"
	"io"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// array gives the elements of a JSON array. It only follows quotes and brackets:
// an element is what stands between two commas outside of all of them, whatever
// it is, so that a fault within an element, or between two, costs no other
// element. Only quotes or brackets without a partner swallow what follows.
type array struct {
	w       *window
	element element
	some    bool  // an element was given
	closed  bool  // the array's end was seen
	end     error // given by Next from now on
}

// newArray starts behind the opening bracket.
func newArray(w *window) *array { return &array{w: w} }

func (a *array) Next() (Record, error) {
	for a.end == nil {
		c, err := a.w.skip(whiteSpaceSet)
		if err != nil {
			return a.finish(err)
		}
		if a.closed {
			return a.tail()
		}
		if c == ']' && !a.some {
			a.closed = true
			a.w.consume(1)
			continue
		}
		r, how, err := a.w.cut(&a.element)
		if err != nil {
			return Record{}, err
		}
		a.some = true
		switch how {
		case separated:
			a.closed = a.w.pending()[0] == ']'
			a.w.consume(1)
		case atEOF:
			a.end = io.EOF
			r.refuse("the file ends inside the array")
		case brokenOff:
			a.end = a.w.err
			r.refuse("the file breaks off inside the record")
		}
		if r.Rule == "" {
			r.Data = bytes.TrimRight(r.Data, whiteSpace)
			r.Length = int64(len(r.Data))
			if r.Length == 0 {
				r.refuse("an element of the array is empty")
			}
		}
		return r, nil
	}
	return Record{}, a.end
}

// finish ends the file where no byte follows. An array that was not closed may
// lack anything, which is said by one empty record.
func (a *array) finish(err error) (Record, error) {
	a.end = err
	if err != io.EOF || a.closed {
		return Record{}, err
	}
	r := Record{Offset: a.w.offset}
	r.refuse("the file ends inside the array")
	return r, nil
}

// tail gives what follows the array as one record.
func (a *array) tail() (Record, error) {
	r, how, err := a.w.cut(never{})
	if err != nil {
		return Record{}, err
	}
	if a.end = io.EOF; how == brokenOff {
		a.end = a.w.err
	}
	r.refuse("something follows the array")
	return r, nil
}

// refuse marks the record as broken JSON unless it is refused already.
func (r *Record) refuse(detail string) {
	if r.Rule == "" {
		r.Rule, r.Detail = rules.MalformedJSON, detail
	}
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

// never is the boundary of what runs to the end of the file.
type never struct{}

func (never) reset() {}

func (never) find([]byte) int { return -1 }
