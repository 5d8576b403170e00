package dialect

import (
	"fmt"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
)

// path takes a dotted name, in which backticks may enclose all or part and a
// project's dashes may stand bare.
func (p *parser) path() []string {
	var parts []string
	for {
		t := p.cur()
		if t.Kind == lexer.Quoted {
			parts = append(parts, strings.Split(t.Text, ".")...)
			p.advance()
		} else if t.Kind == lexer.Identifier && (len(parts) > 0 || !reserved[t.Upper]) {
			name := p.advance().Text
			for len(parts) == 0 && p.is("-") && p.cur().Pos == t.End && p.ahead(1).Pos == p.cur().End {
				p.advance()
				t = p.advance()
				if t.Kind != lexer.Identifier && t.Kind != lexer.Integer {
					p.unexpected()
				}
				name += "-" + t.Text
			}
			parts = append(parts, name)
		} else {
			p.unexpected()
			return []string{""}
		}
		if !p.accept(".") {
			return parts
		}
	}
}

// resolve turns a path into a table's name; temporary tables come first.
func (p *parser) resolve(parts []string, pos int) TableRef {
	ref := TableRef{Dataset: p.env.Dataset, Table: parts[len(parts)-1]}
	switch len(parts) {
	case 1:
		if p.temps[strings.ToLower(ref.Table)] {
			return TableRef{Table: ref.Table}
		}
		if ref.Dataset == "" {
			p.fail(pos, "Table %q must be qualified with a dataset (e.g. dataset.table)", ref.Table)
		}
	case 2:
		ref.Dataset = parts[0]
		if ref.Dataset == "_SESSION" {
			ref.Dataset = ""
		}
	case 3:
		ref.Dataset = parts[1]
		if parts[0] != p.env.Project {
			p.missing(parts[0], ref)
		}
	default:
		p.fail(pos, "Invalid table name: `%s`", strings.Join(parts, "."))
	}
	return ref
}

func (p *parser) missing(project string, ref TableRef) {
	if p.err == nil {
		p.fail(0, "")
		p.err = &Error{NotFound: true, Message: fmt.Sprintf("Not found: Table %s:%s.%s was not found", project, ref.Dataset, ref.Table)}
	}
}

// existing resolves a table that must exist, and notes its use.
func (p *parser) existing(parts []string, pos int) TableRef {
	ref := p.resolve(parts, pos)
	known := p.created[ref]
	if ref.Dataset == "" {
		known = p.temps[strings.ToLower(ref.Table)]
	}
	if p.err == nil && !known && p.env.Table(ref) == nil {
		p.missing(p.env.Project, ref)
	}
	p.refs = append(p.refs, ref)
	return ref
}

// SQL writes the table's name for DuckDB.
func (r TableRef) SQL() string {
	if r.Dataset == "" {
		return "temp." + quote(r.Table)
	}
	return quote(r.Dataset) + "." + quote(r.Table)
}

// informationSchema recognises dataset.INFORMATION_SCHEMA.view; the view's rows
// are kept by the catalogue in tables of the schema MetaSchema.
func (p *parser) informationSchema(parts []string, pos int) (string, bool) {
	i := len(parts) - 2
	if i < 0 || !strings.EqualFold(parts[i], "INFORMATION_SCHEMA") {
		return "", false
	}
	dataset := p.env.Dataset
	if i > 0 {
		dataset = parts[i-1]
	}
	view := strings.ToUpper(parts[i+1])
	if view != "TABLES" && view != "COLUMNS" {
		p.refuse(pos, "INFORMATION_SCHEMA."+view)
	}
	return fmt.Sprintf("(SELECT * FROM %s.%s WHERE table_schema = %s)",
		quote(MetaSchema), quote("information_schema_"+strings.ToLower(view)), literal(dataset)), true
}

// MetaSchema is the schema of DuckDB in which the front keeps what BigQuery
// knows about tables and DuckDB does not.
const MetaSchema = "_bigquery"
