package records

import (
	"bytes"
	"fmt"
	"io"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/cell"
)

// CSV says how a file's columns are written, as a load job's configuration does.
type CSV struct {
	Columns   []*cell.Column
	Delimiter byte
	// Quote encloses fields, and stands doubled within one; 0: nothing does.
	Quote byte
	// Null is the text of a NULL where it is not in quotes.
	Null string
	// Skip is the number of lines before the first row.
	Skip int64
	// Jagged rows lack columns at the end; IgnoreUnknown leaves out columns too many;
	// QuotedNewlines lets a field in quotes hold line ends.
	Jagged, IgnoreUnknown, QuotedNewlines bool
}

type csvReader struct {
	CSV
	lines   *lines
	started bool
	fields  []field
}

type field struct {
	text   []byte
	quoted bool
}

// NewCSV reads a file of CSV.
func NewCSV(from io.Reader, options CSV) Reader {
	return &csvReader{CSV: options, lines: newLines(from)}
}

// Next implements Reader.
func (c *csvReader) Next() ([]cell.Value, error) {
	for !c.started || c.Skip > 0 {
		line, err := c.lines.next()
		if err != nil {
			return nil, err
		}
		if !c.started {
			c.started = true
			line = bytes.TrimPrefix(line, byteOrderMark)
		}
		if c.Skip == 0 {
			return c.row(line)
		}
		c.Skip--
	}
	line, err := c.lines.next()
	if err != nil {
		return nil, err
	}
	return c.row(line)
}

// row reads the row that begins with a line.
func (c *csvReader) row(line []byte) ([]cell.Value, error) {
	for len(bytes.TrimRight(line, "\r\n")) == 0 { // an empty line is no row
		var err error
		if line, err = c.lines.next(); err != nil {
			return nil, err
		}
	}
	if err := c.split(line); err != nil {
		return nil, err
	}
	if len(c.fields) > len(c.Columns) && !c.IgnoreUnknown {
		return nil, &Fault{Message: fmt.Sprintf("Error while reading data: Too many values in row. Found %d column(s) while expected %d.", len(c.fields), len(c.Columns))}
	}
	if len(c.fields) < len(c.Columns) && !c.Jagged {
		return nil, &Fault{Message: fmt.Sprintf("Error while reading data: CSV table references column position %d, but line contains only %d columns.", len(c.Columns)-1, len(c.fields))}
	}
	values := make([]cell.Value, len(c.Columns))
	for i, column := range c.Columns {
		v := cell.Value{Null: true}
		if i < len(c.fields) {
			var err error
			if v, err = c.value(column, c.fields[i]); err != nil {
				return nil, &Fault{Field: column.Name, Message: err.Error()}
			}
		}
		if v.Null && column.Required {
			return nil, &Fault{Field: column.Name, Message: fmt.Sprintf("Missing required field: %s.", column.Name)}
		}
		values[i] = v
	}
	return values, nil
}

func (c *csvReader) value(column *cell.Column, f field) (cell.Value, error) {
	switch {
	case !f.quoted && string(f.text) == c.Null:
		return cell.Value{Null: true}, nil
	case column.Kind == cell.String, column.Kind == cell.Bytes, column.Kind == cell.JSON:
		return cell.Parse(column.Kind, bytes.Clone(f.text))
	}
	return parseText(column.Kind, string(bytes.TrimSpace(f.text)))
}

// split takes a row apart, with the lines that follow where a field in quotes holds their ends.
func (c *csvReader) split(line []byte) error {
	c.fields = c.fields[:0]
	rest := line
	for {
		var f field
		if c.Quote != 0 && len(rest) > 0 && rest[0] == c.Quote {
			var err error
			if f.text, rest, err = c.quoted(rest[1:]); err != nil {
				return err
			}
			f.quoted = true
		} else {
			end := bytes.IndexByte(rest, c.Delimiter)
			if end < 0 {
				end = len(bytes.TrimRight(rest, "\r\n"))
			}
			f.text, rest = rest[:end], rest[end:]
		}
		c.fields = append(c.fields, f)
		if len(rest) == 0 || rest[0] != c.Delimiter {
			return nil
		}
		rest = rest[1:]
	}
}

// quoted takes a field behind its opening quote, and returns what follows the closing one.
func (c *csvReader) quoted(rest []byte) (text, after []byte, err error) {
	for {
		end := bytes.IndexByte(rest, c.Quote)
		if end < 0 {
			text = append(text, rest...)
			if !c.QuotedNewlines || len(text) > maxRow {
				return nil, nil, &Fault{Message: "Error while reading data: Missing close quote character (\"), or a line end in quotes without allowQuotedNewlines."}
			}
			if rest, err = c.lines.next(); err != nil {
				return nil, nil, &Fault{Message: "Error while reading data: Missing close quote character (\")."}
			}
			continue
		}
		text, rest = append(text, rest[:end]...), rest[end+1:]
		if len(rest) > 0 && rest[0] == c.Quote {
			text, rest = append(text, c.Quote), rest[1:]
			continue
		}
		if trimmed := bytes.TrimRight(rest, "\r\n"); len(trimmed) > 0 && trimmed[0] != c.Delimiter {
			return nil, nil, &Fault{Message: "Error while reading data: Data between close quote character (\") and field separator."}
		}
		return text, rest, nil
	}
}
