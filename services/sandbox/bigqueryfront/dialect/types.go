package dialect

import (
	"strconv"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
)

// scalarTypes maps the names of types, with their synonyms, to those of the
// REST API's schemas.
var scalarTypes = map[string]string{
	"STRING": "STRING", "BYTES": "BYTES", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN", "BOOLEAN": "BOOLEAN",
	"INT64": "INTEGER", "INT": "INTEGER", "SMALLINT": "INTEGER", "INTEGER": "INTEGER", "BIGINT": "INTEGER",
	"TINYINT": "INTEGER", "BYTEINT": "INTEGER", "NUMERIC": "NUMERIC", "DECIMAL": "NUMERIC",
	"DATE": "DATE", "DATETIME": "DATETIME", "TIME": "TIME", "TIMESTAMP": "TIMESTAMP", "JSON": "JSON",
}

var duckTypes = map[string]string{
	"STRING": "VARCHAR", "BYTES": "BLOB", "FLOAT": "DOUBLE", "BOOLEAN": "BOOLEAN", "INTEGER": "BIGINT",
	"NUMERIC": "DECIMAL(38,9)", "DATE": "DATE", "DATETIME": "TIMESTAMP", "TIME": "TIME",
	"TIMESTAMP": "TIMESTAMPTZ", "JSON": "JSON",
	// Names that only the REST API's parameter types and schemas use.
	"FLOAT64": "DOUBLE", "INT64": "BIGINT", "BOOL": "BOOLEAN",
}

// columnType takes a type. Its parameters (lengths, precisions) are refused:
// nothing would enforce them.
func (p *parser) columnType() *bq.TableFieldSchema {
	p.enter()
	defer p.leave()
	t := p.cur()
	field := &bq.TableFieldSchema{Mode: "NULLABLE"}
	switch {
	case p.accept("ARRAY"):
		p.expect("<")
		field = p.columnType()
		if field.Mode == "REPEATED" {
			p.fail(t.Pos, "Arrays of arrays are not supported")
		}
		field.Mode = "REPEATED"
		p.closeAngle()
		return field
	case p.accept("STRUCT"):
		field.Type = "RECORD"
		p.expect("<")
		for p.err == nil {
			child := &bq.TableFieldSchema{}
			// A field's name may be left out: STRUCT<INT64>.
			if p.ahead(1).Kind == lexer.Identifier || p.ahead(1).Kind == lexer.Quoted {
				child.Name = p.fieldName()
			} else {
				child.Name = "_field_" + strconv.Itoa(len(field.Fields)+1)
			}
			name := child.Name
			child = p.columnType()
			child.Name = name
			p.columnAttributes(child)
			field.Fields = append(field.Fields, child)
			if !p.accept(",") {
				break
			}
		}
		p.closeAngle()
		return field
	}
	kind, ok := scalarTypes[t.Upper]
	if t.Kind != lexer.Identifier || !ok {
		p.fail(t.Pos, "Type not found: %s", p.src[t.Pos:t.End])
		return field
	}
	p.advance()
	field.Type = kind
	if p.is("(") {
		p.refuse(p.cur().Pos, "parameterized type "+t.Upper)
	}
	return field
}

// closeAngle takes one >, which may be the first half of >>.
func (p *parser) closeAngle() {
	if p.is(">>") {
		p.tokens[p.at].Text = ">"
		p.tokens[p.at].Pos++
		return
	}
	p.expect(">")
}

// columnAttributes takes NOT NULL and OPTIONS(description = ...).
func (p *parser) columnAttributes(field *bq.TableFieldSchema) {
	if p.is("DEFAULT") || p.is("COLLATE") || p.is("PRIMARY") || p.is("REFERENCES") {
		p.refuse(p.cur().Pos, "column attribute "+p.cur().Upper)
	}
	if p.accept("NOT", "NULL") {
		if field.Mode == "REPEATED" {
			p.fail(p.cur().Pos, "NOT NULL cannot be applied to an ARRAY")
		}
		field.Mode = "REQUIRED"
	}
	for name, value := range p.options() {
		if name != "description" {
			p.refuse(p.cur().Pos, "column option "+name)
		}
		field.Description = value
	}
}

// options takes an optional OPTIONS(name = value, ...); values are strings,
// numbers, booleans or NULL.
func (p *parser) options() map[string]string {
	if !p.accept("OPTIONS") {
		return nil
	}
	options := map[string]string{}
	p.expect("(")
	for p.err == nil && !p.is(")") {
		name := strings.ToLower(p.name())
		p.expect("=")
		t := p.advance()
		switch {
		case t.Kind == lexer.String || t.Kind == lexer.Integer || t.Kind == lexer.Float:
			options[name] = t.Text
		case t.Upper == "NULL":
			options[name] = ""
		case t.Upper == "TRUE" || t.Upper == "FALSE":
			options[name] = strings.ToLower(t.Upper)
		default:
			p.refuse(t.Pos, "value of option "+name)
		}
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	return options
}

// DuckType writes the type of a column for DuckDB.
func DuckType(field *bq.TableFieldSchema) string {
	name := duckTypes[strings.ToUpper(field.Type)]
	if len(field.Fields) > 0 {
		children := make([]string, len(field.Fields))
		for i, f := range field.Fields {
			children[i] = quote(f.Name) + " " + DuckType(f)
		}
		name = "STRUCT(" + strings.Join(children, ", ") + ")"
	}
	if strings.EqualFold(field.Mode, "REPEATED") {
		name += "[]"
	}
	return name
}

// ValidType reports whether the type of a column is one that is served.
func ValidType(field *bq.TableFieldSchema) bool {
	kind := strings.ToUpper(field.Type)
	if kind == "RECORD" || kind == "STRUCT" {
		for _, f := range field.Fields {
			if f == nil || !ValidType(f) {
				return false
			}
		}
		return len(field.Fields) > 0
	}
	return duckTypes[kind] != "" && len(field.Fields) == 0
}
