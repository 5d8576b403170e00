package split

import (
	"bytes"
	"io"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

const whiteSpace = " \t\r\n"

var whiteSpaceSet = setOf(whiteSpace)

// lines gives the lines of newline-delimited JSON that are not blank, without the
// white space around them.
type lines struct {
	w   *window
	end error // given by Next from now on
}

// lineEnd is the boundary of a line.
type lineEnd struct{}

func (lineEnd) reset() {}

func (lineEnd) find(next []byte) int { return bytes.IndexByte(next, '\n') }

func (l *lines) Next() (Record, error) {
	if l.end == nil {
		_, l.end = l.w.skip(whiteSpaceSet)
	}
	if l.end != nil {
		return Record{}, l.end
	}
	r, how, err := l.w.cut(lineEnd{})
	if err != nil {
		return Record{}, err
	}
	switch how {
	case atEOF:
		l.end = io.EOF
	case brokenOff:
		l.end = l.w.err
		r.refuse("the file breaks off inside the record")
	}
	if r.Rule != rules.TooLarge {
		r.Data = bytes.TrimRight(r.Data, whiteSpace)
		r.Length = int64(len(r.Data))
	}
	return r, nil
}
