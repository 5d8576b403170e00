package daily

import (
	"bufio"
	"fmt"
	"strings"
	"unicode/utf8"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
)

// csvFile writes a report as RFC 4180 has it: a header, records that end in CR LF,
// quotes where a cell needs them. encoding/csv cannot do it: to end records in CR LF
// it changes the line breaks inside of cells.
//
// A text that a spreadsheet would take for a formula gets an apostrophe before it,
// which spreadsheets hide; a text that begins with one gets another, so that a reader
// who takes one leading apostrophe from each text has the original. Numbers and dates
// stay as they are, so that they are numbers and dates to a spreadsheet. NULL is an empty cell.
type csvFile struct {
	out     *bufio.Writer // keeps the first error for its Flush
	day     string
	columns []string
	rows    int64
}

func newCSV(out *bufio.Writer, date civil.Date) *csvFile {
	return &csvFile{out: out, day: date.String()}
}

// head writes the header.
func (f *csvFile) head(columns []string) {
	f.columns = columns
	f.out.WriteString("report_date")
	for _, name := range columns {
		f.out.WriteByte(',')
		f.out.WriteString(name)
	}
	f.out.WriteString("\r\n")
}

// add writes a row.
func (f *csvFile) add(row []bigquery.Value) error {
	f.out.WriteString(f.day)
	for i, value := range row {
		text, err := exact(value)
		if err != nil {
			return fmt.Errorf("column %s of row %d: %w", f.columns[i], f.rows, err)
		}
		f.out.WriteByte(',')
		if _, isText := value.(string); isText {
			text = Harmless(text)
		}
		f.cell(text, value)
	}
	f.rows++
	_, err := f.out.WriteString("\r\n")
	return err
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

// cell quotes a cell that needs it, and an empty text, to tell it from NULL.
func (f *csvFile) cell(text string, value bigquery.Value) {
	if text == "" && value != nil || strings.ContainsAny(text, "\",\r\n") || strings.TrimSpace(text) != text {
		f.out.WriteByte('"')
		f.out.WriteString(strings.ReplaceAll(text, `"`, `""`))
		f.out.WriteByte('"')
		return
	}
	f.out.WriteString(text)
}
