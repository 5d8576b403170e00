package shape

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/zackkki/ecomm_datapipeline/services/parser/vocabulary"
)

// Columns reads the header of a table: the byte that stands between its columns, of those
// that do, and their names. There is one column or none if the text is no table.
func Columns(text []byte) (delimiter byte, names []string) {
	text = trimmedHead(text)
	line, rest, _ := bytes.Cut(text, []byte("\n"))
	if sep := bytes.TrimRight(line, "\r"); len(sep) == 5 && bytes.EqualFold(sep[:4], []byte("sep=")) {
		delimiter, text = sep[4], rest
	}
	if bytes.IndexByte(text, '\n') < 0 && len(text) > 16<<10 {
		return 0, nil
	}
	var best []string
	named := delimiter
	for _, c := range []byte(",;\t|") {
		if named != 0 && c != named {
			continue
		}
		r := csv.NewReader(bytes.NewReader(text))
		r.Comma, r.LazyQuotes, r.FieldsPerRecord = rune(c), true, -1
		if row, err := r.Read(); err == nil && len(row) > len(best) {
			delimiter, best = c, row
		}
	}
	for i := range best {
		best[i] = strings.TrimSpace(best[i])
	}
	return delimiter, best
}

// Table tells what is wrong with the beginning of a file of native products or customers,
// whose header did not do: the columns are those that the kind has, words what they are
// called elsewhere. It is empty if there is nothing to be said.
func Table(kind string, head []byte, columns []string, words vocabulary.Words) string {
	text := trimmedHead(head)
	if len(text) == 0 {
		return ""
	}
	if text[0] == '{' || text[0] == '[' {
		if holdsOrders(text) {
			return "the file is JSON and holds orders: land it in landing/orders/ (upload --kind orders)"
		}
		return "the file is JSON, and " + kind + " come as CSV with a header (jq -r with @csv makes one); or " + suggest
	}
	if !utf8.Valid(firstLine(text)) {
		return Encoding(firstLine(text))
	}
	line := string(bytes.TrimSpace(firstLine(text)))
	if sqlWord.MatchString(line) || strings.HasPrefix(line, "-- ") || strings.HasPrefix(line, "/*!") {
		return "the file is an SQL dump; write the table's rows as CSV"
	}
	if logLine.MatchString(line) {
		return "the file is lines of a log; send a CSV file with a header"
	}
	delimiter, names := Columns(text)
	excel := ""
	if strings.HasPrefix(strings.ToLower(line), "sep=") {
		excel = "its first line, " + plainName([]byte(line)) + ", is Excel's and no header; take it out, or " + suggest
	}
	if n := headerBelow(text, columns); n > 0 && excel == "" {
		return fmt.Sprintf("the header is row %d: take out what stands before it", n)
	}
	if len(names) < 2 {
		switch {
		case yamlKey.MatchString(line) || line == "---":
			return "the file is YAML; send a CSV file with a header"
		case len(names) == 1 && strings.HasPrefix(line, `"`) && strings.ContainsAny(names[0], ",;\t"):
			return "each row as a whole stands in quotes, so that it is one column; take the quotes around the rows out"
		}
		return excel
	}
	if other := otherKind(kind, names); other != "" {
		return other
	}
	var parts []string
	if excel != "" {
		parts = append(parts, excel)
	}
	if delimiter != ',' {
		part := "the file is " + separatedBy(delimiter) + ", not by commas"
		if hasDecimalCommas(text, delimiter) {
			part += ", and has decimal commas"
		}
		parts = append(parts, part+"; write it with commas, or "+suggest)
	}
	if part := naming(kind, names, columns, words); part != "" {
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}

// otherKind tells of a header that has the columns of another kind of file.
func otherKind(kind string, names []string) string {
	other := catalogOf(names)
	if has(names, "order_id") {
		other = "orders"
	}
	switch other {
	case "", kind:
		return ""
	case "orders":
		return "the file has the columns of orders, not " + kind + ": land it in the folder of a source (landing/orders/order-lines-csv/ reads rows of lines)"
	}
	return "the file has the columns of " + other + ", not " + kind + ": land it in landing/" + other + "/ (upload --kind " + other + ")"
}

// catalogOf gives the kind of catalog whose native columns a header has; empty if it is none.
func catalogOf(names []string) string {
	switch {
	case has(names, "order_id"):
		return ""
	case has(names, "product_id", "product_name", "price"):
		return "products"
	case has(names, "customer_id", "name", "email"):
		return "customers"
	}
	return ""
}

// has tells whether a header has all of the columns.
func has(names []string, columns ...string) bool {
	for _, column := range columns {
		if !slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, column) }) {
			return false
		}
	}
	return true
}

// holdsOrders tells whether a JSON text is of orders, by the names of its first objects.
func holdsOrders(text []byte) bool {
	v := Look(text)
	if v.IsRecord(vocabulary.Orders) && slices.Contains(v.Keys, "order_id") {
		return true
	}
	return slices.ContainsFunc(v.Places, func(p Place) bool { return p.Array && slices.Contains(p.Keys, "order_id") })
}

// headerBelow gives the number of the row, of the first ones, that has the first of the columns
// and another; 0 if there is none.
func headerBelow(text []byte, columns []string) int {
	for n := 1; n <= 10 && len(text) > 0; n++ {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte("\n"))
		_, names := Columns(line)
		if n > 1 && has(names, columns[0]) && slices.ContainsFunc(columns[1:], func(c string) bool { return has(names, c) }) {
			return n
		}
	}
	return 0
}

// naming tells which of a header's names may stand for the columns that it lacks.
func naming(kind string, names, columns []string, words vocabulary.Words) string {
	if isData(names) {
		return fmt.Sprintf("the first row looks like data, so that the header is missing: put %s before it", strings.Join(columns, ","))
	}
	var pairs []string
	for _, column := range columns {
		if slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, column) }) {
			continue
		}
		best, least := "", len(words[column])
		for _, name := range names {
			if slices.ContainsFunc(columns, func(c string) bool { return strings.EqualFold(c, name) }) {
				continue
			}
			if rank := words.Rank(column, vocabulary.Plain(name)); rank >= 0 && rank < least {
				best, least = name, rank
			}
		}
		if best != "" {
			pairs = append(pairs, plainName([]byte(best))+" for "+column)
		}
	}
	if len(pairs) == 0 {
		return ""
	}
	return "it may have " + strings.Join(pairs, ", ") + ": rename them, or " + suggest
}

var dataCell = regexp.MustCompile(`^[-+]?\d+([.,]\d+)?$|^\d{4}-\d\d-\d\d|@`)

// isData tells whether a row has values that no header has.
func isData(names []string) bool {
	n := 0
	for _, name := range names {
		if dataCell.MatchString(name) {
			n++
		}
	}
	return n > 0 && n*4 >= len(names)
}

var decimalComma = regexp.MustCompile(`^"?-?[\d.]*\d,\d{1,4}"?$`)

func hasDecimalCommas(text []byte, delimiter byte) bool {
	_, rest, _ := bytes.Cut(text, []byte("\n"))
	for cell := range bytes.SplitSeq(rest[:min(len(rest), 4<<10)], []byte{delimiter}) {
		for part := range bytes.SplitSeq(cell, []byte("\n")) {
			if decimalComma.Match(bytes.TrimSpace(part)) {
				return true
			}
		}
	}
	return false
}

func firstLine(text []byte) []byte {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return line
}
