package daily

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
)

// appendCSV writes a report as RFC 4180 has it: a header, records that end in CR LF,
// quotes where a cell needs them. encoding/csv cannot do it: to end records in CR LF
// it changes the line breaks inside of cells.
//
// A text that a spreadsheet would take for a formula gets an apostrophe before it,
// which spreadsheets hide; a text that begins with one gets another, so that a reader
// who takes one leading apostrophe from each text has the original. Numbers and dates
// stay as they are, so that they are numbers and dates to a spreadsheet. NULL is an empty cell.
func appendCSV(buf *bytes.Buffer, date civil.Date, t *table) error {
	buf.WriteString("report_date")
	for _, name := range t.columns {
		buf.WriteByte(',')
		buf.WriteString(name)
	}
	buf.WriteString("\r\n")
	day := date.String()
	for n, row := range t.rows {
		buf.WriteString(day)
		for i, value := range row {
			text, err := exact(value)
			if err != nil {
				return fmt.Errorf("column %s of row %d: %w", t.columns[i], n, err)
			}
			buf.WriteByte(',')
			if _, isText := value.(string); isText {
				text = Harmless(text)
			}
			appendCell(buf, text, value)
		}
		buf.WriteString("\r\n")
	}
	return nil
}

// formulaStarts are the characters that make a spreadsheet read a cell as a formula,
// the full-width forms among them, and those that some programs skip before they
// look (owasp.org/www-community/attacks/CSV_Injection).
const formulaStarts = "=+-@\t\r\n＝＋－＠"

// Harmless is a text that no spreadsheet takes for a formula.
func Harmless(text string) string {
	first, _ := utf8.DecodeRuneInString(text)
	if text != "" && (first == '\'' || strings.ContainsRune(formulaStarts, first)) {
		return "'" + text
	}
	return text
}

// appendCell quotes a cell that needs it, and an empty text, to tell it from NULL.
func appendCell(buf *bytes.Buffer, text string, value bigquery.Value) {
	if text == "" && value != nil || strings.ContainsAny(text, "\",\r\n") || strings.TrimSpace(text) != text {
		buf.WriteByte('"')
		buf.WriteString(strings.ReplaceAll(text, `"`, `""`))
		buf.WriteByte('"')
		return
	}
	buf.WriteString(text)
}
