package decode

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// Header maps a kind's columns to their places in the rows of one file. Columns
// may stand in any order, and there may be others, which are kept as unknown fields.
type Header struct {
	width   int
	known   []int // places of the kind's columns; -1 of an optional one that the file has not
	extra   []extraColumn
	unnamed []int // places of columns without a name, which are left out
}

type extraColumn struct {
	name  string
	place int
}

// ParseHeader reads a header row, which may lack the optional ones of the columns; the error says
// how it does not match.
func ParseHeader(raw []byte, columns []string, optional ...int) (*Header, error) {
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
		if name == "" { // such as the index that pandas writes, or behind a last comma
			h.unnamed = append(h.unnamed, place)
			continue
		}
		if i := slices.IndexFunc(columns, func(c string) bool { return strings.EqualFold(c, name) }); i >= 0 {
			name = columns[i]
			h.known[i] = place
		} else {
			h.extra = append(h.extra, extraColumn{name, place})
		}
		if seen[name] {
			return nil, fmt.Errorf("column %d has a name that stands twice: %q", place+1, name)
		}
		seen[name] = true
	}
	for i, place := range h.known {
		if place < 0 && !slices.Contains(optional, i) {
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
		t.faults.refuse(rules.InvalidUTF8, "", "the row is not valid UTF-8")
		return false
	}
	var message string
	if t.cells, message = splitRow(raw, t.cells[:0]); message != "" {
		t.faults.refuse(rules.InvalidCSV, "", message)
		return false
	}
	t.fit()
	if len(t.cells) != t.header.width {
		t.faults.refuse(rules.InvalidCSV, "",
			fmt.Sprintf("the row has %s, the header %d", plural.Of(len(t.cells), "column"), t.header.width))
		return false
	}
	return true
}

// fit lets a row have a last comma that the header has not, or the other way round.
func (t *table) fit() {
	width, n := t.header.width, len(t.cells)
	switch {
	case n == width+1 && t.cells[width] == "":
		t.cells = t.cells[:width]
	case n == width-1 && slices.Contains(t.header.unnamed, n):
		t.cells = append(t.cells, "")
	}
}

// cell gives the text in the i-th of the kind's columns; empty if the file has no such column.
func (t *table) cell(i, most int) string {
	place := t.header.known[i]
	if place < 0 {
		return ""
	}
	text := t.cells[place]
	if message := checkText(text, most); message != "" {
		t.refuseCell(rules.InvalidText, i, message, text, "")
	}
	return text
}

// value gives an id, a number or a date: a text without the white space at its ends.
func (t *table) value(i int) string { return t.trim(t.cell(i, maxID)) }

// given is the text of an optional column; one of white space alone says nothing.
func given(text string) string {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return text
}

// readInactive reads whether a row is active, which it is if the source does not say.
func (t *table) readInactive(i int) bool {
	text := t.value(i)
	switch strings.ToLower(text) {
	case "", "true", "yes", "1":
	case "false", "no", "0":
		return true
	default:
		t.refuseCell(rules.WrongType, i, messageActive, text, "write true or false, yes or no, 1 or 0, or read the file by a source that says what its words mean (map)")
	}
	return false
}

// require refuses an empty text; true if it is none.
func (t *table) require(i int, text string) bool {
	if text == "" {
		t.faults.refuse(rules.MissingField, t.columns[i], "the field is required")
	}
	return text != ""
}

// refuseCell records a fault of a column's text, which is quoted unless it is about a person.
func (t *table) refuseCell(rule rules.ID, i int, wrong, text, remedy string) {
	if isPersonal(t.columns[i]) {
		text = ""
	} else {
		text = quote(text)
	}
	t.faults.refuse(rule, t.columns[i], sentence(wrong, text, remedy))
}

// keepUnknown keeps the other columns as a JSON object. What stands in one without a name is
// left out: nobody could say what it means.
func (t *table) keepUnknown() {
	for _, place := range t.header.unnamed {
		if t.cells[place] != "" {
			t.warned |= warnUnnamedColumn
		}
	}
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
