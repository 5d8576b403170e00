package split

import (
	"bytes"
	"io"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// rows gives the rows of a CSV file (RFC 4180), the header included. A quoted
// field may hold line breaks. Quotes that do not match cost one line: the next
// row starts behind it.
type rows struct {
	w   *window
	row row
	end error // given by Next from now on
}

func (s *rows) Next() (Record, error) {
	for s.end == nil {
		if _, err := s.w.skip(lineBreaks); err != nil {
			s.end = err
			break
		}
		r, err := s.cut()
		if err != nil {
			return Record{}, err
		}
		if r.Rule != rules.TooLarge {
			r.Data = bytes.TrimSuffix(r.Data, []byte("\r"))
			r.Length = int64(len(r.Data))
		}
		if r.Rule == rules.TooLarge || len(bytes.Trim(r.Data, " \t")) > 0 {
			return r, nil
		}
	}
	return Record{}, s.end
}

// cut reads one row. It looks ahead before it consumes, so that it can fall back
// to the first line.
func (s *rows) cut() (Record, error) {
	s.row.reset()
	seen := 0
	for {
		n := s.row.find(s.w.pending()[seen:])
		switch {
		case s.row.broken:
			return s.firstLine("the row's quotes do not match")
		case n >= 0 && seen+n <= MaxRecord:
			r := Record{Data: s.w.pending()[:seen+n], Offset: s.w.offset, Length: int64(seen + n)}
			s.w.consume(seen + n)
			return r, nil
		case n >= 0 || s.w.end-s.w.start > MaxRecord:
			return s.firstLine("the row runs over more than 1 MiB")
		}
		seen = s.w.end - s.w.start
		if err := s.w.fill(); err != nil {
			how, err := s.w.ended(err)
			switch {
			case err != nil:
				return Record{}, err
			case s.row.state == inQuotes:
				return s.firstLine("a quoted field does not end")
			case how == brokenOff:
				return s.firstLine("the file breaks off inside the row")
			}
			s.end = io.EOF
			r := Record{Data: s.w.pending(), Offset: s.w.offset, Length: int64(seen)}
			s.w.consume(seen)
			return r, nil
		}
	}
}

// firstLine gives the line that the window starts with as a refused row.
func (s *rows) firstLine(detail string) (Record, error) {
	r, how, err := s.w.cut(lineEnd{})
	if err != nil {
		return Record{}, err
	}
	if how != separated {
		s.end = s.w.err
	}
	if r.Rule == "" {
		r.Rule, r.Detail = rules.InvalidCSV, detail
	}
	return r, nil
}

var lineBreaks = setOf("\r\n")

// States of a row.
const (
	fieldStart = iota
	inField
	inQuotes
	quoteSeen // inside a quoted field, behind a quote: its end or an escaped quote
)

// row is the boundary of a row.
type row struct {
	state  int
	broken bool // something follows a quoted field
}

func (b *row) reset() { *b = row{} }

func (b *row) find(next []byte) int {
	for i := 0; i < len(next); i++ {
		c := next[i]
		switch b.state {
		case fieldStart, inField:
			switch {
			case c == '\n':
				return i
			case c == ',':
				b.state = fieldStart
			case c == '"' && b.state == fieldStart:
				b.state = inQuotes
			default:
				b.state = inField
			}
		case inQuotes:
			n := bytes.IndexByte(next[i:], '"')
			if n < 0 {
				return -1
			}
			i += n
			b.state = quoteSeen
		case quoteSeen:
			switch c {
			case '"':
				b.state = inQuotes
			case ',':
				b.state = fieldStart
			case '\n':
				return i
			case '\r': // before a line break; the row's reader refuses others
			default:
				b.broken = true
				return -1
			}
		}
	}
	return -1
}
