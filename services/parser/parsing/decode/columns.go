package decode

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// Header maps a kind's columns to their places in the rows of one file. Columns
// may stand in any order, and there may be others, which are kept as unknown fields.
type Header struct {
	width int
	known []int // places of the kind's columns
	extra []extraColumn
}

type extraColumn struct {
	name  string
	place int
}

// ParseHeader reads a header row; the error says how it does not match.
func ParseHeader(raw []byte, columns []string) (*Header, error) {
	names, message := splitRow(raw, nil)
	if message != "" {
		return nil, fmt.Errorf("the header is no CSV row: %s", message)
	}
	if !utf8.Valid(raw) {
		return nil, fmt.Errorf("the header is not valid UTF-8")
	}
	h := &Header{width: len(names), known: make([]int, len(columns))}
	for i := range h.known {
		h.known[i] = -1
	}
	seen := make(map[string]bool, len(names))
	for place, name := range names {
		name = strings.TrimSpace(name)
		if message := checkText(name, maxID); message != "" {
			return nil, fmt.Errorf("the name of column %d: %s", place+1, message)
		}
		if i := slices.IndexFunc(columns, func(c string) bool { return strings.EqualFold(c, name) }); i >= 0 {
			name = columns[i]
			h.known[i] = place
		} else {
			h.extra = append(h.extra, extraColumn{name, place})
		}
		if name == "" || seen[name] {
			return nil, fmt.Errorf("column %d has no name or one that stands twice: %q", place+1, name)
		}
		seen[name] = true
	}
	for i, place := range h.known {
		if place < 0 {
			return nil, fmt.Errorf("the header lacks the column %s", columns[i])
		}
	}
	slices.SortFunc(h.extra, func(a, b extraColumn) int { return strings.Compare(a.name, b.name) })
	return h, nil
}

// table is what the decoders of CSV rows share.
type table struct {
	record
	header  *Header
	columns []string
	cells   []string
	unknown fields
	json    []byte
}

// read splits a row and checks what does not depend on a column's meaning. The
// cells of the kind's columns are then given by cell.
func (t *table) read(raw []byte) bool {
	t.reset()
	t.unknown.reset()
	if !utf8.Valid(raw) {
		t.refuse(rules.InvalidUTF8, "", "the row is not valid UTF-8")
		return false
	}
	var message string
	if t.cells, message = splitRow(raw, t.cells[:0]); message != "" {
		t.refuse(rules.InvalidCSV, "", message)
		return false
	}
	if len(t.cells) != t.header.width {
		t.refuse(rules.InvalidCSV, "",
			fmt.Sprintf("the row has %d columns, the header %d", len(t.cells), t.header.width))
		return false
	}
	return true
}

// cell gives the text in the i-th of the kind's columns.
func (t *table) cell(i, most int) string {
	text := t.cells[t.header.known[i]]
	if message := checkText(text, most); message != "" {
		t.refuse(rules.InvalidText, t.columns[i], message)
	}
	return text
}

// required gives a text that must not be empty.
func (t *table) required(i, most int) string {
	text := t.cell(i, most)
	if text == "" {
		t.refuse(rules.MissingField, t.columns[i], "the field is required")
	}
	return text
}

// keepUnknown keeps the other columns as a JSON object.
func (t *table) keepUnknown() {
	for _, column := range t.header.extra {
		if text := t.cells[column.place]; text != "" {
			t.unknown.text(column.name, text)
		}
	}
	if len(t.unknown.list) > 0 {
		t.json = t.unknown.append(t.json[:0])
		t.source.UnknownFields = string(t.json)
	}
}

// splitRow splits a row into its fields (RFC 4180), which it appends to cells;
// the message tells what is wrong. The row is without its line break.
func splitRow(raw []byte, cells []string) ([]string, string) {
	row := string(raw)
	for {
		if !strings.HasPrefix(row, `"`) {
			cell, rest, more := strings.Cut(row, ",")
			if strings.IndexByte(cell, '"') >= 0 {
				return cells, "a quote inside a field that does not begin with one"
			}
			if strings.IndexByte(cell, '\r') >= 0 {
				return cells, "a carriage return outside of quotes"
			}
			if cells = append(cells, cell); !more {
				return cells, ""
			}
			row = rest
			continue
		}
		cell, rest, ok := quoted(row[1:])
		if !ok {
			return cells, "a quoted field does not end"
		}
		if cells = append(cells, cell); rest == "" {
			return cells, ""
		}
		if rest[0] != ',' {
			return cells, "something follows a quoted field"
		}
		row = rest[1:]
	}
}

// quoted reads a quoted field from behind its opening quote.
func quoted(s string) (cell, rest string, ok bool) {
	escaped := false
	for i := 0; i < len(s); i++ {
		if s[i] != '"' {
			continue
		}
		if i+1 < len(s) && s[i+1] == '"' {
			escaped = true
			i++
			continue
		}
		cell = s[:i]
		if escaped {
			cell = strings.ReplaceAll(cell, `""`, `"`)
		}
		return cell, s[i+1:], true
	}
	return "", "", false
}
