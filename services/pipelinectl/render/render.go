// Package render writes query results for a person or for another program.
// Amounts are written exactly, as decimal text: also in JSON, where they are
// strings, because readers of JSON numbers round.
package render

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"cloud.google.com/go/bigquery"
)

// Result is a query's rows and their columns, which are known once the first
// row was asked for.
type Result struct {
	Rows   iter.Seq2[[]bigquery.Value, error]
	Schema func() bigquery.Schema
}

// The formats that Write knows.
const (
	Table = "table"
	JSON  = "json"
	CSV   = "csv"
)

// Formats are their names.
var Formats = []string{Table, JSON, CSV}

// Write writes the result in a format and gives the number of rows.
func Write(w io.Writer, format string, r Result) (int, error) {
	switch format {
	case Table:
		return r.table(w)
	case JSON:
		return r.json(w)
	case CSV:
		return r.csv(w)
	}
	return 0, fmt.Errorf("unknown format %q; known are %s", format, strings.Join(Formats, ", "))
}

// each visits the rows. visit may keep the row.
func (r Result) each(visit func([]bigquery.Value) error) (int, error) {
	n := 0
	for row, err := range r.Rows {
		if err == nil {
			err = visit(row)
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (r Result) header() []string {
	var names []string
	for _, f := range r.Schema() {
		names = append(names, f.Name)
	}
	return names
}

// maxTableRows bounds what is held to align a table's columns.
const maxTableRows = 10_000

func (r Result) table(w io.Writer) (int, error) {
	var cells [][]string
	n, err := r.each(func(row []bigquery.Value) error {
		if len(cells) == maxTableRows {
			return fmt.Errorf("more than %d rows; add a LIMIT or use another format", maxTableRows)
		}
		cells = append(cells, texts(row))
		return nil
	})
	if err != nil {
		return n, err
	}
	header := r.header()
	widths := make([]int, len(header))
	for _, row := range append([][]string{header}, cells...) {
		for i, c := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	rules := make([]string, len(header))
	for i, width := range widths {
		rules[i] = strings.Repeat("-", width)
	}
	right := numeric(r.Schema())
	var out strings.Builder
	writeLine(&out, header, widths, right)
	writeLine(&out, rules, widths, make([]bool, len(header)))
	for _, row := range cells {
		writeLine(&out, row, widths, right)
	}
	_, err = io.WriteString(w, out.String())
	return n, err
}

// numeric tells which columns are aligned to the right.
func numeric(schema bigquery.Schema) []bool {
	right := make([]bool, len(schema))
	for i, f := range schema {
		switch f.Type {
		case bigquery.IntegerFieldType, bigquery.NumericFieldType, bigquery.BigNumericFieldType, bigquery.FloatFieldType:
			right[i] = !f.Repeated
		}
	}
	return right
}

func writeLine(out *strings.Builder, cells []string, widths []int, right []bool) {
	line := ""
	for i, c := range cells {
		pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c))
		if right[i] {
			line += pad + c
		} else {
			line += c + pad
		}
		line += "  "
	}
	out.WriteString(strings.TrimRight(line, " ") + "\n")
}

func (r Result) json(w io.Writer) (int, error) {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return r.each(func(row []bigquery.Value) error { return encoder.Encode(object(r.Schema(), row)) })
}

func (r Result) csv(w io.Writer) (int, error) {
	out := csv.NewWriter(w)
	started := false
	start := func() error {
		if started {
			return nil
		}
		started = true
		return out.Write(r.header())
	}
	n, err := r.each(func(row []bigquery.Value) error { return errors.Join(start(), out.Write(csvCells(row))) })
	err = errors.Join(err, start())
	out.Flush()
	return n, errors.Join(err, out.Error())
}

// csvCells leaves texts as they are, since CSV can quote them, and NULL empty.
func csvCells(row []bigquery.Value) []string {
	cells := texts(row)
	for i, v := range row {
		switch v := v.(type) {
		case nil:
			cells[i] = ""
		case string:
			cells[i] = v
		}
	}
	return cells
}

func texts(row []bigquery.Value) []string {
	cells := make([]string, len(row))
	for i, v := range row {
		cells[i] = Text(v)
	}
	return cells
}
