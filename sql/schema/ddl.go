package schema

import (
	"slices"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
)

// maxDepth is how deep BigQuery lets RECORDs nest.
const maxDepth = 15

// maxClustering is how many clustering columns BigQuery allows.
const maxClustering = 4

// parseDDL reads the one statement of src:
//
//	CREATE TABLE name (column, ...)
//	  [PARTITION BY date_column | TIMESTAMP_TRUNC(timestamp_column, DAY)]
//	  [CLUSTER BY column, ...] [OPTIONS (...)]
//	CREATE VIEW name [(column [OPTIONS (...)], ...)] [OPTIONS (...)] AS query
func parseDDL(src string) (Table, error) {
	text, tokens, err := lexer.Statement(src)
	if err != nil {
		return Table{}, err
	}
	p := &ddlParser{src: text, tokens: tokens}
	if err := p.expect("CREATE"); err != nil {
		return Table{}, err
	}
	var t Table
	switch {
	case p.accept("TABLE"):
		t, err = p.table()
	case p.accept("VIEW"):
		t, err = p.view()
	default:
		err = p.unexpected("TABLE or VIEW")
	}
	t.DDL = text
	return t, err
}

func (p *ddlParser) table() (Table, error) {
	var t Table
	var err error
	if t.Name, err = p.name("the table's name"); err != nil {
		return t, err
	}
	if t.Columns, err = p.columns("(", ")", 0); err != nil {
		return t, err
	}
	if err := p.partition(&t); err != nil {
		return t, err
	}
	if err := p.clustering(&t); err != nil {
		return t, err
	}
	at := p.offset()
	found, err := p.options("description", "partition_expiration_days")
	if err != nil {
		return t, err
	}
	t.Description = found.description
	t.PartitionExpirationDays = found.expirationDays
	if t.PartitionExpirationDays > 0 && t.PartitionColumn == "" {
		return t, lexer.ErrorAt(p.src, at, "partition_expiration_days without PARTITION BY")
	}
	if p.next < len(p.tokens) {
		return t, p.unexpected("the end of the statement")
	}
	return t, nil
}

func (p *ddlParser) view() (Table, error) {
	var t Table
	var err error
	if t.Name, err = p.name("the view's name"); err != nil {
		return t, err
	}
	if t.ViewColumns, err = p.viewColumns(); err != nil {
		return t, err
	}
	found, err := p.options("description")
	if err != nil {
		return t, err
	}
	t.Description = found.description
	if err := p.expect("AS"); err != nil {
		return t, err
	}
	if p.next == len(p.tokens) {
		return t, p.unexpected("the view's query")
	}
	t.ViewQuery = p.src[p.tokens[p.next].Pos:]
	return t, nil
}

// viewColumns reads the names and descriptions of a view's columns, if they stand there.
func (p *ddlParser) viewColumns() ([]Column, error) {
	if !p.accept("(") {
		return nil, nil
	}
	var columns []Column
	for {
		name, err := p.name("a column's name")
		if err != nil {
			return nil, err
		}
		found, err := p.options("description")
		if err != nil {
			return nil, err
		}
		columns = append(columns, Column{Name: name, Description: found.description})
		if p.accept(")") {
			return columns, nil
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
}

// columns reads a list of columns or fields between two brackets.
func (p *ddlParser) columns(open, end string, depth int) ([]Column, error) {
	if depth > maxDepth {
		return nil, lexer.ErrorAt(p.src, p.offset(), "RECORDs nest deeper than %d", maxDepth)
	}
	if err := p.expect(open); err != nil {
		return nil, err
	}
	var columns []Column
	for {
		at := p.offset()
		column, err := p.column(depth)
		if err != nil {
			return nil, err
		}
		same := func(c Column) bool { return strings.EqualFold(c.Name, column.Name) }
		if slices.ContainsFunc(columns, same) {
			return nil, lexer.ErrorAt(p.src, at, "column %s stands twice", column.Name)
		}
		columns = append(columns, column)
		if p.accept(end) {
			return columns, nil
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
}

func (p *ddlParser) column(depth int) (Column, error) {
	var c Column
	var err error
	if c.Name, err = p.name("a column's name"); err != nil {
		return c, err
	}
	c.Mode = "NULLABLE"
	if p.accept("ARRAY") {
		c.Mode = "REPEATED"
		if err := p.expect("<"); err != nil {
			return c, err
		}
	}
	if err := p.columnType(&c, depth); err != nil {
		return c, err
	}
	if c.Mode == "REPEATED" {
		if err := p.expect(">"); err != nil {
			return c, err
		}
	}
	if at := p.offset(); p.accept("NOT") {
		if err := p.expect("NULL"); err != nil {
			return c, err
		}
		if c.Mode == "REPEATED" {
			return c, lexer.ErrorAt(p.src, at, "column %s: an ARRAY is never NULL and takes no NOT NULL", c.Name)
		}
		c.Mode = "REQUIRED"
	}
	found, err := p.options("description")
	c.Description = found.description
	return c, err
}

func (p *ddlParser) columnType(c *Column, depth int) error {
	if p.accept("STRUCT") {
		c.Type = "RECORD"
		var err error
		c.Fields, err = p.columns("<", ">", depth+1)
		return err
	}
	if p.next == len(p.tokens) || p.tokens[p.next].Kind != lexer.Identifier {
		return p.unexpected("a type")
	}
	switch name := p.tokens[p.next].Upper; name {
	case "STRING", "INT64", "NUMERIC", "TIMESTAMP", "DATE", "BOOL", "BYTES", "JSON", "FLOAT64":
		c.Type = name
		p.next++
		return nil
	default:
		return p.unexpected("STRING, INT64, NUMERIC, TIMESTAMP, DATE, BOOL, BYTES, JSON, FLOAT64, STRUCT or ARRAY of these")
	}
}

func (p *ddlParser) partition(t *Table) error {
	if !p.accept("PARTITION") {
		return nil
	}
	if err := p.expect("BY"); err != nil {
		return err
	}
	want := "DATE"
	truncated := p.accept("TIMESTAMP_TRUNC")
	if truncated {
		want = "TIMESTAMP"
		if err := p.expect("("); err != nil {
			return err
		}
	}
	at := p.offset()
	name, err := p.name("the partition column")
	if err != nil {
		return err
	}
	column := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	if column < 0 || t.Columns[column].Type != want || t.Columns[column].Mode == "REPEATED" {
		return lexer.ErrorAt(p.src, at, "cannot partition by %s: no column of type %s", name, want)
	}
	t.PartitionColumn = name
	if !truncated {
		return nil
	}
	for _, word := range []string{",", "DAY", ")"} {
		if err := p.expect(word); err != nil {
			return err
		}
	}
	return nil
}

func (p *ddlParser) clustering(t *Table) error {
	if !p.accept("CLUSTER") {
		return nil
	}
	if err := p.expect("BY"); err != nil {
		return err
	}
	for {
		at := p.offset()
		name, err := p.name("a clustering column")
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == name && c.Type != "RECORD" && c.Mode != "REPEATED" }) {
			return lexer.ErrorAt(p.src, at, "cannot cluster by %s: no plain column of that name", name)
		}
		if t.Clustering = append(t.Clustering, name); len(t.Clustering) > maxClustering {
			return lexer.ErrorAt(p.src, at, "more than %d clustering columns", maxClustering)
		}
		if !p.accept(",") {
			return nil
		}
	}
}
