package split

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// Documents splits a file of JSON whose records stand in documents, at one of several
// places, each given by the names that lead to it, such as "orders" for {"orders":[...]}: an
// array's elements, or one object. The first place that the first document has is that of
// all. A file whose first value has none of them is one of the records themselves: it is
// split as Orders does, but records may also run over many lines. The error is that of
// Splitter.Next.
//
// A document may be of any size: what stands around the records is passed over and not
// held.
func Documents(r io.Reader, places [][]string, o Options) (Splitter, error) {
	w, err := open(r, o)
	if err != nil {
		return nil, err
	}
	return begin(w, places)
}

// document gives the records of wrapped documents; without names those of the file, which
// may run over many lines.
type document struct {
	w       *window
	names   []string
	level   int // names that lead to the open object; outside of all: -1
	array   array
	inArray bool
	refused bool // the array's last record
	key     bytes.Buffer
	end     error // given by Next from now on
}

const outside = -1

// begin looks at the first value to tell how the file is to be split.
func begin(w *window, places [][]string) (Splitter, error) {
	v := &values{w: w}
	if c, err := v.skip(); err != nil || c != '{' {
		return v, nil // the error is that of the reading, which comes to it
	}
	for most := 4 << 10; ; most *= 2 {
		var fault error
		for len(w.pending()) < min(most, MaxRecord+1) && fault == nil {
			fault = w.fill()
		}
		first := w.pending()
		whole := valueLength(first)
		if whole >= 0 {
			first = first[:whole]
		}
		for _, names := range places {
			if len(names) > 0 && hasPlace(first, names) {
				return &document{w: w, names: names, level: outside}, nil
			}
		}
		line := bytes.IndexByte(first, '\n')
		switch {
		case whole >= 0 && line >= 0:
			return &document{w: w, level: outside}, nil
		case whole >= 0 || line >= 0 && !opens(first[:line]):
			return v, nil
		case len(first) > MaxRecord && len(places) > 0 && len(places[0]) > 0:
			return &document{w: w, names: places[0], level: outside}, nil
		case len(first) > MaxRecord:
			return v, nil
		case fault != nil:
			_, err := w.ended(fault)
			return v, err
		}
	}
}

// opens tells whether a line ends as one does of a value that goes on.
func opens(line []byte) bool {
	line = bytes.TrimRight(line, whiteSpace)
	return bytes.IndexByte([]byte("[{,:"), line[len(line)-1]) >= 0
}

// hasPlace tells whether the text holds the beginning of an array or object at the place.
func hasPlace(text []byte, names []string) bool {
	look := &document{w: &window{buf: text, end: len(text), err: io.EOF}, names: names, level: outside}
	for {
		found, refused, err := look.step()
		if found || refused || err != nil {
			return found
		}
	}
}

// Next implements Splitter.
func (d *document) Next() (Record, error) {
	for d.end == nil {
		if d.inArray {
			r, ok, err := d.array.next()
			if ok || err != nil {
				d.refused = r.Rule != ""
				return r, err
			}
			d.inArray = false
		}
		found, refused, err := d.step()
		switch {
		case errors.Is(err, io.EOF) && d.level != outside && !d.refused: // else the last record told of it
			d.end = io.EOF
			r := Record{Offset: d.w.offset}
			r.refuse("the file ends inside the document that holds the records")
			return r, nil
		case err != nil:
			d.end = err
		case refused:
			r, _, err := d.w.cut(lineEnd{})
			r.refuse("the document that holds the records is not well-formed here")
			d.level = outside
			return r, err
		case found && d.w.pending()[0] == '[':
			d.w.consume(1)
			d.array, d.inArray = array{w: d.w}, true
		case found:
			var object objectEnd
			r, how, err := d.w.cut(&object)
			if how != separated && !object.done {
				r.refuse("the file ends inside the record")
			}
			return r, err
		}
	}
	return Record{}, d.end
}

// step goes on by one token or value. It tells whether an array or object at the place
// follows, or something that does not belong there.
func (d *document) step() (found, refused bool, err error) {
	v := values{w: d.w}
	c, err := v.skip()
	switch {
	case err != nil:
		return false, false, err
	case d.level == outside && (c == '[' || c == '{' && len(d.names) == 0):
		return true, false, nil
	case d.level == outside && c == '{':
		d.w.consume(1)
		d.level = 0
		return false, false, nil
	case d.level == outside:
		return false, true, nil
	case c == '}':
		d.w.consume(1)
		d.level--
		return false, false, nil
	case c == ',':
		d.w.consume(1)
		return false, false, nil
	case c != '"':
		return false, true, nil
	}
	return d.member()
}

// member goes over the next member of the open object, or into it.
func (d *document) member() (found, refused bool, err error) {
	d.key.Reset()
	if err := d.w.pass(&d.key); err != nil {
		return false, false, err
	}
	c, err := d.w.skip(whiteSpaceSet)
	if err != nil || c != ':' {
		return false, true, err
	}
	d.w.consume(1)
	if c, err = d.w.skip(whiteSpaceSet); err != nil {
		return false, false, err
	}
	if (c == '{' || c == '[') && d.isKey(d.names[d.level]) {
		if d.level == len(d.names)-1 {
			return true, false, nil
		}
		if c == '{' {
			d.w.consume(1)
			d.level++
			return false, false, nil
		}
	}
	return false, false, d.w.pass(nil)
}

func (d *document) isKey(name string) bool {
	key := d.key.Bytes()
	if bytes.IndexByte(key, '\\') < 0 {
		return len(key) == len(name)+2 && string(key[1:len(key)-1]) == name
	}
	var text string
	return json.Unmarshal(key, &text) == nil && text == name
}

// pass goes over the value that the window starts with, by its quotes and brackets, and
// keeps what fits a record if it is asked to.
func (w *window) pass(keep *bytes.Buffer) error {
	var v valueEnd
	for {
		n, done := v.find(w.pending())
		if keep != nil && keep.Len() < MaxRecord {
			keep.Write(w.pending()[:n])
		}
		w.consume(n)
		if done {
			return nil
		}
		if err := w.fill(); err != nil {
			return err
		}
	}
}

// valueEnd finds the end of a value, piece by piece.
type valueEnd struct {
	quoted, escape, bare bool
	depth                int
}

// find gives how many of the next bytes belong to the value, and whether it ends there.
func (v *valueEnd) find(next []byte) (int, bool) {
	for i, c := range next {
		switch {
		case v.escape:
			v.escape = false
		case v.quoted:
			v.escape = c == '\\'
			if v.quoted = c != '"'; !v.quoted && v.depth == 0 {
				return i + 1, true
			}
		case v.bare:
			if c == ',' || c == '}' || c == ']' || whiteSpaceSet.has(c) {
				return i, true
			}
		case c == '"':
			v.quoted = true
		case c == '{' || c == '[':
			v.depth++
		case c == '}' || c == ']':
			if v.depth--; v.depth <= 0 {
				return i + 1, true
			}
		case v.depth == 0:
			v.bare = true
		}
	}
	return len(next), false
}

// objectEnd is the boundary of an object that no comma need follow.
type objectEnd struct {
	v    valueEnd
	done bool
}

func (o *objectEnd) reset() { *o = objectEnd{} }

func (o *objectEnd) find(next []byte) int {
	if o.done && len(next) > 0 {
		return 0
	}
	n, done := o.v.find(next)
	if o.done = done; done && n < len(next) {
		return n
	}
	return -1
}
