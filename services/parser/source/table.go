package source

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/services/parser/decode"
	"github.com/zackkki/ecomm_datapipeline/services/parser/split"
)

// table reads the rows of a CSV file into the places of a mapping.
type table struct {
	delimiter byte
	width     int   // columns of the header
	places    []int // by the mapping's column, its place in a row; -1: the file has none
	cells     []string
	while     int // carry_while's place among the mapping's columns; -1: none
}

// openTable reads the header and opens what follows.
func (r *reader) openTable(content io.Reader, reading decode.Reading, o split.Options) error {
	rows, err := split.NewTable(content, delimiters[r.plan.mapping.Delimiter], o)
	if err != nil {
		return err
	}
	r.records = rows
	header, err := rows.Next()
	switch {
	case errors.Is(err, io.EOF): // no header, and no record either
		return nil
	case err != nil:
		return err
	case header.Rule != "":
		return &split.FileError{Rule: rules.HeaderMismatch, Detail: "the header is no CSV row: " + header.Detail}
	}
	r.table = &table{delimiter: rows.Delimiter(), while: -1}
	if message := r.table.readHeader(r.plan, header.Data); message != "" {
		return &split.FileError{Rule: rules.HeaderMismatch, Detail: message}
	}
	if r.plan.kind.items {
		place := r.table.places[0] // the column that groups is the mapping's first
		var last []byte
		r.records = rows.Groups(func(row []byte) []byte {
			if key := cellAt(row, r.table.delimiter, place); len(key) > 0 {
				last = append(last[:0], key...)
			}
			return last // rows without it go on with the order before
		})
	} else if r.plan.mapping.CarryWhile != "" {
		r.table.while = 0
	}
	return r.openNative(reading)
}

// delimiters are the bytes that a mapping may name; 0 is whichever the header has.
var delimiters = map[string]byte{"": 0, "auto": 0, ",": ',', ";": ';', "|": '|', "\t": '\t', "tab": '\t'}

// readHeader finds the mapping's columns; the message says what is missing.
func (t *table) readHeader(p *plan, raw []byte) string {
	text, message := p.encoding.decode(raw)
	if message != "" || !utf8.Valid(text) {
		return "the header is not " + encodingName(p.encoding) + ": name the file's encoding in the source, such as encoding: windows-1252"
	}
	names, _, message := splitRow(string(text), t.delimiter, nil)
	if message != "" {
		return "the header is no CSV row: " + message
	}
	t.width, t.places = len(names), make([]int, len(p.columns))
	for slot, column := range p.columns {
		t.places[slot] = -1
		for place, name := range names {
			if !strings.EqualFold(strings.TrimSpace(name), column) {
				continue
			}
			if t.places[slot] >= 0 {
				return fmt.Sprintf("the header has the column %q twice", column)
			}
			t.places[slot] = place
		}
	}
	return t.missing(p, names)
}

// missing tells of a required field none of whose columns is there.
func (t *table) missing(p *plan, names []string) string {
	lacks := func(what string, columns []string) string {
		return fmt.Sprintf("the header lacks %s, which %s is read from; separated by %q it has %.500q", strings.Join(columns, " or "), what, t.delimiter, names)
	}
	has := func(places []origin) (bool, []string) {
		var columns []string
		for _, o := range places {
			if o.how == howValue || o.how == howFormula {
				return true, nil
			}
			for _, at := range o.refs {
				if t.places[at.slot] >= 0 {
					return true, nil
				}
				columns = append(columns, at.path)
			}
		}
		return false, columns
	}
	if p.kind.items && t.places[0] < 0 {
		return lacks("what the rows of an order have in common", p.columns[:1])
	}
	for _, f := range p.fields {
		if ok, columns := has(f.places); !ok && p.kind.requires(f.name) {
			return lacks(f.name, columns)
		}
	}
	for _, s := range p.sets {
		if ok, columns := has(s.fields[itemQuantity]); !ok {
			return lacks("quantity", columns)
		}
	}
	return ""
}

// requires tells whether a mapping must say where a field is.
func (k kindOf) requires(name string) bool {
	for _, f := range k.fields {
		if f.name == name {
			return f.required || name == "total_amount"
		}
	}
	return false
}

func encodingName(e *encodingOf) string {
	if e == nil {
		return "UTF-8"
	}
	return e.name
}

// read reads a record: one row, or the rows of an order.
func (t *table) read(r *reader, raw []byte) (rules.ID, string) {
	if !utf8.Valid(raw) {
		return rules.InvalidUTF8, "the row is not valid UTF-8; if the file has another encoding, its source must name it"
	}
	text := string(raw)
	for n := 1; ; n++ {
		var message string
		t.cells, text, message = splitRow(text, t.delimiter, t.cells[:0])
		switch {
		case message != "":
			return rules.InvalidCSV, message
		case len(t.cells) != t.width && !(len(t.cells) == 1 && strings.TrimSpace(t.cells[0]) == ""):
			return rules.InvalidCSV, fmt.Sprintf("row %d has %s, the header %d", n, plural.Of(len(t.cells), "column"), t.width)
		case len(t.cells) != t.width: // a blank line
		case !r.plan.kind.items:
			t.readRow(r)
		default:
			if message := t.readLine(r, n); message != "" {
				return rules.InvalidCSV, message
			}
		}
		if text == "" {
			return "", ""
		}
	}
}

// readRow reads the one row of a record.
func (t *table) readRow(r *reader) {
	for slot, place := range t.places {
		if place >= 0 {
			r.record[slot] = value{t.cells[place], str}.trimmed()
		}
	}
	if t.while >= 0 {
		if within := r.record[t.while].text; within != r.within {
			r.within = within
			clear(r.carried)
		}
	}
}

// readLine reads a row of an order. What is the order's own stands in its first row, or in
// all alike.
func (t *table) readLine(r *reader, n int) string {
	rows := &r.lists[0]
	rows.seen = true
	row := rows.add()
	cells := rows.cells[row*rows.width:]
	for slot, place := range t.places {
		if place < 0 {
			continue
		}
		cell := value{t.cells[place], str}.trimmed()
		cells[slot] = cell
		first := &r.record[slot]
		switch {
		case !r.plan.once[slot] || cell.text == "":
		case first.text == "":
			*first = cell
		case first.text != cell.text:
			// Not quoted: it may be about a person.
			return fmt.Sprintf("the rows of the order contradict each other: %s is another in row %d", r.plan.columns[slot], n)
		}
	}
	return ""
}

// splitRow splits the first row of a text into its fields (RFC 4180), which it appends to
// cells, and gives the text behind its line break.
func splitRow(text string, delimiter byte, cells []string) (_ []string, rest, message string) {
	for {
		if text != "" && text[0] == '"' {
			cell, behind, ok := unquote(text[1:])
			if !ok {
				return cells, "", "a quoted field does not end"
			}
			cells = append(cells, cell)
			behind = strings.TrimPrefix(behind, "\r")
			switch {
			case behind == "":
				return cells, "", ""
			case behind[0] == '\n':
				return cells, behind[1:], ""
			case behind[0] != delimiter:
				return cells, "", "something follows a quoted field"
			}
			text = behind[1:]
			continue
		}
		i := 0
		for i < len(text) && text[i] != delimiter && text[i] != '\n' {
			if text[i] == '"' {
				return cells, "", "a quote inside a field that does not begin with one"
			}
			i++
		}
		cell := text[:i]
		if i == len(text) || text[i] == '\n' {
			cells = append(cells, strings.TrimRight(cell, "\r"))
			return cells, text[min(i+1, len(text)):], ""
		}
		cells = append(cells, cell)
		text = text[i+1:]
	}
}

// unquote reads a quoted field from behind its opening quote.
func unquote(s string) (cell, rest string, ok bool) {
	from := 0
	for {
		i := strings.IndexByte(s[from:], '"')
		if i < 0 {
			return "", "", false
		}
		i += from
		if i+1 < len(s) && s[i+1] == '"' {
			from = i + 2
			continue
		}
		cell = s[:i]
		if from > 0 {
			cell = strings.ReplaceAll(cell, `""`, `"`)
		}
		return cell, s[i+1:], true
	}
}

// cellAt gives the bytes of one field of a row, which is well-formed.
func cellAt(row []byte, delimiter byte, place int) []byte {
	from, quoted := 0, false
	for i, c := range row {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted || c != delimiter:
		case place == 0:
			return row[from:i]
		default:
			place--
			from = i + 1
		}
	}
	if place > 0 {
		return nil
	}
	return row[from:]
}

// writeRow writes a native row of a catalog.
func (r *reader) writeRow() {
	for i := range r.plan.fields {
		f := &r.plan.fields[i]
		if i > 0 {
			r.out = append(r.out, ',')
		}
		at, ok := r.find(f.places, 0)
		if !ok {
			continue
		}
		switch f.as {
		case asText:
			if at.rule != "" {
				r.refuse(at.rule, f.name, at.why)
				continue
			}
			r.out = append(r.out, '"')
			r.out = append(r.out, strings.ReplaceAll(at.text, `"`, `""`)...)
			r.out = append(r.out, '"')
		default: // numbers and dates: JSON's spelling is CSV's
			from := len(r.out)
			r.out = r.write(r.out, f.as, f.name, at)
			if string(r.out[from:]) == "null" {
				r.out = r.out[:from]
			}
		}
	}
}
