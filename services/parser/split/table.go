package split

import (
	"bytes"
	"io"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// Table splits a CSV file whose fields stand apart by any one byte; its header is the
// first record.
type Table struct{ rows }

// NewTable opens a CSV file. The delimiter 0 is the one of comma, semicolon, tab and
// vertical bar that stands most often in the first line; a first line such as sep=; names
// it and is no record. The error is that of Splitter.Next.
func NewTable(r io.Reader, delimiter byte, o Options) (*Table, error) {
	w, err := open(r, o)
	if err != nil {
		return nil, err
	}
	t := &Table{rows{w: w, delimiter: delimiter}}
	for len(w.pending()) < headSize && w.fill() == nil { // a fault will be told of again
	}
	first, rest, _ := bytes.Cut(w.pending(), []byte("\n"))
	if named := bytes.TrimRight(first, "\r"); len(named) == len("sep=;") && bytes.EqualFold(named[:4], []byte("sep=")) {
		w.consume(len(w.pending()) - len(rest))
		t.delimiter = named[4]
	} else if delimiter == 0 {
		t.delimiter = mostOf(first)
	}
	return t, nil
}

// Delimiter is the byte that the file's fields stand apart by.
func (t *Table) Delimiter() byte { return t.delimiter }

// mostOf gives the delimiter that stands most often in a line, outside of quotes.
func mostOf(line []byte) byte {
	var n [256]int
	quoted := false
	for _, c := range line {
		if c == '"' {
			quoted = !quoted
		}
		if !quoted {
			n[c]++
		}
	}
	most := byte(',')
	for _, c := range []byte(";\t|") {
		if n[c] > n[most] {
			most = c
		}
	}
	return most
}

// Groups gives the table's further rows so that those which follow one another with the
// same key are one record, with all bytes from the first row's to the last's. A row that
// cannot be read belongs to no group for sure: it refuses the group before it, which it
// may be a part of, and the one behind it, which may lack it. Rows of more than MaxRecord
// are refused in pieces.
func (t *Table) Groups(key func(row []byte) []byte) Splitter {
	t.w.recording = true
	return &groups{rows: &t.rows, key: key}
}

const messageTooBig = "the rows of one record are longer than 1 MiB"

type groups struct {
	rows   *rows
	key    func(row []byte) []byte
	of     []byte // key of the group at hand
	ahead  *Record
	tooBig bool // the row ahead belongs to the rows before it, which are too long together
	after  bool // the row before the one ahead could not be read
	end    error
}

// Next implements Splitter.
func (g *groups) Next() (Record, error) {
	if g.ahead == nil {
		if g.end != nil {
			return Record{}, g.end
		}
		first, err := g.rows.Next()
		if err != nil {
			return Record{}, err
		}
		g.ahead = &first
	}
	first := *g.ahead
	g.ahead = nil
	if first.Rule != "" {
		g.after = true
		return first, nil
	}
	return g.group(first), nil
}

// group reads the rows of the group that begins with the row just read.
func (g *groups) group(group Record) Record {
	w := g.rows.w
	g.of = append(g.of[:0], g.key(group.Data)...)
	w.recorded = append(w.recorded[:0], w.buf[w.start-int(w.offset-group.Offset):w.start]...)
	switch {
	case g.tooBig:
		group.Rule, group.Detail = rules.TooLarge, messageTooBig
	case g.after:
		group.Rule, group.Detail = rules.InvalidCSV, "the row before these could not be read, and may belong to them"
	}
	g.tooBig, g.after = false, false
	for {
		next, err := g.rows.Next()
		if err != nil {
			g.end = err
			break
		}
		length := next.Offset + next.Length - group.Offset
		if next.Rule == "" && !next.AfterHeader && length <= MaxRecord && bytes.Equal(g.key(next.Data), g.of) {
			group.Length = length
			continue
		}
		g.ahead = &next
		g.tooBig = next.Rule == "" && !next.AfterHeader && bytes.Equal(g.key(next.Data), g.of)
		switch {
		case group.Rule != "":
		case next.Rule != "":
			group.Rule, group.Detail = rules.InvalidCSV, "the row behind these cannot be read, and may belong to them: "+next.Detail
		case g.tooBig:
			group.Rule, group.Detail = rules.TooLarge, messageTooBig
		}
		break
	}
	group.Data = w.recorded[:group.Length]
	return group
}
