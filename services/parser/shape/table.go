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
	if len(names) < 2 {
		if yamlKey.MatchString(line) || line == "---" {
			return "the file is YAML; send a CSV file with a header"
		}
		return excel
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

// Encoding tells which encoding a text that is not UTF-8 most likely has; empty if it is
// UTF-8.
func Encoding(text []byte) string {
	name := EncodingName(text)
	if name == "" {
		return ""
	}
	if name == dosName { // which no source can name
		return "it looks like " + name + "; send UTF-8 (iconv -f " + name + " -t UTF-8 FILE > NEW)"
	}
	return fmt.Sprintf("it looks like "+name+utf8Ahead, name)
}

const dosName = "cp850"

// EncodingName gives the likely name of a bytewise encoding, by the bytes that are letters
// in one and controls or signs in the other; empty if the text is UTF-8.
func EncodingName(text []byte) string {
	high := 0
	dos := 0 // letters of Western Europe in code page 850, which are rare signs in the others
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			high++
			switch c := text[i]; {
			case c == 0x81 || c == 0x84 || c == 0x94 || c == 0x8e || c == 0x99 || c == 0x9a || c == 0x82:
				if i > 0 && isLetter(text[i-1]) && i+1 < len(text) && isLetter(text[i+1]) {
					dos++
				}
			}
		}
		i += n
	}
	switch {
	case high == 0:
		return ""
	case dos*2 > high:
		return dosName
	}
	return "windows-1252" // Latin-1 is a part of it
}
