package split

import (
	"bytes"
	"io"
	"unicode/utf8"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// rows gives the rows of a CSV file (RFC 4180), the header included, which is given once however often
// it stands there, since tables are put together with their headers. A quoted
// field may hold line breaks. Quotes that do not match cost one line: the next
// row starts behind it.
//
// To find out that they do not match may take a look at the next MaxRecord bytes,
// for a single line. A file made to need that on every line would keep a parser busy
// for hours; hence the bytes looked at in vain are counted, and where they are too
// many for what has been read, a row ends with its line.
type rows struct {
	w         *window
	delimiter byte

	header []byte // the first row

	row  row
	vain int64 // bytes looked at in vain
	end  error // given by Next from now on
}

// Bytes that may be looked at in vain: some, for a file's beginning, and so many times
// the bytes that have been read.
const (
	vainAtFirst = 64 << 20
	vainTimes   = 4
)

func (s *rows) Next() (Record, error) {
	repeated := false
	for s.end == nil {
		if _, err := s.w.skipMarked(lineBreaks); err != nil {
			s.end = err
			break
		}
		r, err := s.cut()
		if err != nil {
			return Record{}, err
		}
		if r.Rule != rules.TooLarge && s.isBlank(r.Data) {
			continue
		}
		switch {
		case s.header == nil:
			s.header = bytes.Clone(r.Data)
		case r.Rule == "" && repeats(r.Data, s.header):
			repeated = true
			continue
		}
		r.AfterHeader = repeated
		return r, nil
	}
	return Record{}, s.end
}

// isBlank tells a row of nothing from one with a value: spreadsheets save the rows below a
// table, too, as delimiters alone.
func (s *rows) isBlank(row []byte) bool {
	for _, c := range row {
		if c != ' ' && c != '\t' && c != s.delimiter {
			return false
		}
	}
	return true
}

// repeats says whether a row is the header once more. What is not UTF-8 is compared byte
// by byte: to fold it takes all such bytes for the same.
func repeats(row, header []byte) bool {
	return len(row) == len(header) &&
		(bytes.Equal(row, header) || bytes.EqualFold(row, header) && utf8.Valid(row) && utf8.Valid(header))
}

// cut reads one row. It looks ahead before it consumes, so that it can fall back
// to the first line.
func (s *rows) cut() (Record, error) {
	s.row = row{delimiter: s.delimiter, oneLine: s.vain > vainAtFirst+vainTimes*s.w.offset}
	seen := 0
	for {
		n := s.row.find(s.w.pending()[seen:])
		switch {
		case s.row.broken:
			return s.firstLine("the row's quotes do not match", seen+s.row.brokenAt)
		case n >= 0 && seen+n <= MaxRecord:
			r := Record{Data: s.w.pending()[:seen+n], Offset: s.w.offset, Length: int64(seen + n)}
			s.w.consume(seen + n)
			return r, nil
		case n >= 0 || s.w.end-s.w.start > MaxRecord:
			return s.firstLine("the row runs over more than 1 MiB", MaxRecord)
		}
		seen = s.w.end - s.w.start
		if err := s.w.fill(); err != nil {
			how, err := s.w.ended(err)
			switch {
			case err != nil:
				return Record{}, err
			case s.row.state == inQuotes:
				return s.firstLine("a quoted field does not end", seen)
			case how == brokenOff:
				return s.firstLine("the file breaks off inside the row", seen)
			}
			s.end = io.EOF
			r := Record{Data: s.w.pending(), Offset: s.w.offset, Length: int64(seen)}
			s.w.consume(seen)
			return r, nil
		}
	}
}

// firstLine gives the line that the window starts with as a refused row, after a look
// at so many bytes, and counts no more of them than the window must hold.
func (s *rows) firstLine(detail string, seen int) (Record, error) {
	s.vain += int64(min(seen, MaxRecord))
	r, how, err := s.w.cut(rowEnd{})
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

// rowEnd is the boundary of a row without quotes: any line break, a carriage return alone
// included, which old tools write, and tools that were given \r\n and make \r\r\n of it.
type rowEnd struct{}

func (rowEnd) reset() {}

func (rowEnd) find(next []byte) int { return bytes.IndexAny(next, "\r\n") }

// States of a row.
const (
	fieldStart = iota
	inField
	inQuotes
	quoteSeen // inside a quoted field, behind a quote: its end or an escaped quote
)

// row is the boundary of a row.
type row struct {
	delimiter byte

	state    int
	oneLine  bool // its quoted fields hold no line breaks
	broken   bool // something follows a quoted field, or a line break must not be in it
	brokenAt int  // where that is, in the bytes given to find last
}

func (b *row) breakAt(i int) int {
	b.broken, b.brokenAt = true, i
	return -1
}

func (b *row) find(next []byte) int {
	for i := 0; i < len(next); i++ {
		c := next[i]
		switch b.state {
		case fieldStart, inField:
			switch {
			case c == '\n', c == '\r':
				return i
			case c == b.delimiter:
				b.state = fieldStart
			case c == '"' && b.state == fieldStart:
				b.state = inQuotes
			default:
				b.state = inField
			}
		case inQuotes:
			n := bytes.IndexByte(next[i:], '"')
			if b.oneLine {
				if line := (rowEnd{}).find(next[i:]); line >= 0 && (n < 0 || line < n) {
					return b.breakAt(i + line)
				}
			}
			if n < 0 {
				return -1
			}
			i += n
			b.state = quoteSeen
		case quoteSeen:
			switch c {
			case '"':
				b.state = inQuotes
			case b.delimiter:
				b.state = fieldStart
			case '\n', '\r':
				return i
			default:
				return b.breakAt(i)
			}
		}
	}
	return -1
}
