package dialect

import (
	"fmt"
	"strconv"
	"strings"

	bq "google.golang.org/api/bigquery/v2"
)

// create takes CREATE [OR REPLACE] [TEMP] TABLE | VIEW | SCHEMA.
func (p *parser) create() Statement {
	p.expect("CREATE")
	s := Statement{Table: &bq.Table{}}
	s.OrReplace = p.accept("OR", "REPLACE")
	s.Temp = p.accept("TEMP") || p.accept("TEMPORARY")
	t := p.cur()
	switch {
	case p.accept("TABLE"):
		p.createTable(&s)
	case p.accept("VIEW") && !s.Temp:
		p.createView(&s)
	case p.accept("SCHEMA") && !s.Temp:
		s.Kind = CreateSchema
		s.IfNotExists = p.accept("IF", "NOT", "EXISTS")
		s.Target.Dataset = p.schemaName()
		p.options()
	default:
		p.refuse(t.Pos, "CREATE "+p.src[t.Pos:t.End])
	}
	return s
}

func (p *parser) schemaName() string {
	t := p.cur()
	parts := p.path()
	if len(parts) > 2 || len(parts) == 2 && parts[0] != p.env.Project {
		p.fail(t.Pos, "Invalid dataset name: `%s`", strings.Join(parts, "."))
	}
	return parts[len(parts)-1]
}

func (p *parser) createTable(s *Statement) {
	s.Kind = CreateTable
	s.IfNotExists = p.accept("IF", "NOT", "EXISTS")
	t := p.cur()
	parts := p.path()
	if s.Temp {
		s.Target = TableRef{Table: parts[len(parts)-1]}
	} else {
		s.Target = p.resolve(parts, t.Pos)
	}
	if p.accept("(") {
		s.Table.Schema = &bq.TableSchema{}
		for p.err == nil && !p.is(")") {
			if p.is("PRIMARY") || p.is("FOREIGN") || p.is("CONSTRAINT") {
				p.refuse(p.cur().Pos, "table constraints")
			}
			s.Table.Schema.Fields = append(s.Table.Schema.Fields, p.columnDefinition())
			if !p.accept(",") {
				break
			}
		}
		p.expect(")")
	}
	if p.is("LIKE") || p.is("COPY") || p.is("CLONE") || p.is("DEFAULT") {
		p.refuse(p.cur().Pos, "CREATE TABLE ... "+p.cur().Upper)
	}
	p.tableClauses(s)
	if p.accept("AS") {
		if s.Table.Schema != nil {
			p.refuse(p.cur().Pos, "CREATE TABLE with columns AS a query")
		}
		s.Kind = CreateTableSelect
		s.SQL = p.query()
	} else if s.Table.Schema == nil {
		p.fail(t.Pos, "CREATE TABLE requires columns or a query")
	}
	if p.err != nil {
		return
	}
	if s.Temp {
		p.createTemp(s)
	} else {
		p.created[s.Target] = true
	}
}

// createTemp writes the whole statement: no catalogue knows temporary tables.
func (p *parser) createTemp(s *Statement) {
	verb := "CREATE TEMP TABLE "
	if s.OrReplace {
		verb = "CREATE OR REPLACE TEMP TABLE "
	}
	if s.IfNotExists {
		verb += "IF NOT EXISTS "
	}
	if s.Kind == CreateTableSelect {
		s.SQL = verb + quote(s.Target.Table) + " AS " + s.SQL
	} else {
		s.SQL = verb + quote(s.Target.Table) + " " + ColumnsSQL(s.Table.Schema.Fields)
	}
	p.temps[strings.ToLower(s.Target.Table)] = true
}

// ColumnsSQL writes the columns of a table for DuckDB. Arrays are never NULL in
// BigQuery: one that is left out is empty.
func ColumnsSQL(fields []*bq.TableFieldSchema) string {
	columns := make([]string, len(fields))
	for i, f := range fields {
		columns[i] = quote(f.Name) + " " + DuckType(f)
		switch strings.ToUpper(f.Mode) {
		case "REQUIRED":
			columns[i] += " NOT NULL"
		case "REPEATED":
			columns[i] += " DEFAULT []"
		}
	}
	return "(" + strings.Join(columns, ", ") + ")"
}

func (p *parser) columnDefinition() *bq.TableFieldSchema {
	name := p.fieldName()
	field := p.columnType()
	field.Name = name
	p.columnAttributes(field)
	return field
}

// tableClauses takes PARTITION BY, CLUSTER BY and OPTIONS, which DuckDB has no
// use for and which are kept as metadata.
func (p *parser) tableClauses(s *Statement) {
	if p.accept("PARTITION", "BY") {
		s.Table.TimePartitioning = p.partitioning()
	}
	if p.accept("CLUSTER", "BY") {
		s.Table.Clustering = &bq.Clustering{Fields: []string{p.name()}}
		for p.accept(",") {
			s.Table.Clustering.Fields = append(s.Table.Clustering.Fields, p.name())
		}
	}
	p.tableOptions(s.Table)
}

func (p *parser) partitioning() *bq.TimePartitioning {
	t := p.cur()
	if isName(t) && p.ahead(1).Text != "(" {
		p.advance()
		if strings.HasPrefix(strings.ToUpper(t.Text), "_PARTITION") {
			p.refuse(t.Pos, "partitioning by ingestion time")
		}
		return &bq.TimePartitioning{Type: "DAY", Field: t.Text}
	}
	p.advance()
	p.expect("(")
	partitioning := &bq.TimePartitioning{Type: "DAY", Field: p.name()}
	switch {
	case t.Upper == "DATE":
	case strings.HasSuffix(t.Upper, "_TRUNC") && p.accept(","):
		partitioning.Type = p.advance().Upper
	default:
		p.refuse(t.Pos, "PARTITION BY "+t.Text)
	}
	p.expect(")")
	return partitioning
}

const millisPerDay = 24 * 60 * 60 * 1000

func (p *parser) tableOptions(table *bq.Table) {
	pos := p.cur().Pos
	for name, value := range p.options() {
		switch name {
		case "description":
			table.Description = value
			table.ForceSendFields = append(table.ForceSendFields, "Description")
		case "friendly_name":
			table.FriendlyName = value
		case "partition_expiration_days":
			days, err := strconv.ParseFloat(value, 64)
			if err != nil || days <= 0 || table.TimePartitioning == nil {
				p.fail(pos, "Invalid value for partition_expiration_days")
				return
			}
			table.TimePartitioning.ExpirationMs = int64(days * millisPerDay)
		case "require_partition_filter":
			table.RequirePartitionFilter = value == "true"
		default:
			p.refuse(pos, "table option "+name)
		}
	}
}

func (p *parser) createView(s *Statement) {
	s.Kind = CreateView
	s.IfNotExists = p.accept("IF", "NOT", "EXISTS")
	t := p.cur()
	s.Target = p.resolve(p.path(), t.Pos)
	if p.accept("(") {
		s.Table.Schema = p.viewColumns()
	}
	p.tableOptions(s.Table)
	p.expect("AS")
	start := p.cur().Pos
	s.SQL = p.query()
	s.Table.View = &bq.ViewDefinition{Query: strings.TrimSpace(p.src[start:p.cur().Pos])}
	p.created[s.Target] = true
}

// viewColumns takes the names and descriptions of a view's columns.
func (p *parser) viewColumns() *bq.TableSchema {
	var columns bq.TableSchema
	for {
		column := &bq.TableFieldSchema{Name: p.name()}
		p.columnAttributes(column)
		columns.Fields = append(columns.Fields, column)
		if p.err != nil || !p.accept(",") {
			break
		}
	}
	p.expect(")")
	return &columns
}

// drop takes DROP TABLE | VIEW | SCHEMA [IF EXISTS] name.
func (p *parser) drop() Statement {
	p.expect("DROP")
	s := Statement{}
	t := p.cur()
	switch {
	case p.accept("TABLE"):
		s.Kind = DropTable
	case p.accept("VIEW"):
		s.Kind = DropView
	case p.accept("SCHEMA"):
		s.Kind = DropSchema
		s.IfExists = p.accept("IF", "EXISTS")
		s.Target.Dataset = p.schemaName()
		if p.accept("CASCADE") {
			s.OrReplace = true
		}
		p.accept("RESTRICT")
		return s
	default:
		p.refuse(t.Pos, "DROP "+p.src[t.Pos:t.End])
	}
	s.IfExists = p.accept("IF", "EXISTS")
	t = p.cur()
	s.Target = p.resolve(p.path(), t.Pos)
	if s.Target.Dataset == "" {
		s.Temp = true
		s.SQL = "DROP TABLE " + s.Target.SQL()
		delete(p.temps, strings.ToLower(s.Target.Table))
	}
	delete(p.created, s.Target)
	return s
}

// alter takes ALTER TABLE name ADD COLUMN ... | SET OPTIONS (...).
func (p *parser) alter() Statement {
	p.expect("ALTER", "TABLE")
	s := Statement{Kind: AlterTable, Table: &bq.Table{}}
	s.IfExists = p.accept("IF", "EXISTS")
	t := p.cur()
	parts := p.path()
	s.Target = p.resolve(parts, t.Pos)
	if !s.IfExists {
		p.existing(parts, t.Pos)
	}
	if p.accept("SET") {
		if table := p.env.Table(s.Target); table != nil && table.TimePartitioning != nil {
			partitioning := *table.TimePartitioning
			s.Table.TimePartitioning = &partitioning
		}
		p.tableOptions(s.Table)
		return s
	}
	s.Table.Schema = &bq.TableSchema{}
	for p.err == nil {
		if !p.is("ADD", "COLUMN") {
			p.refuse(p.cur().Pos, fmt.Sprintf("ALTER TABLE ... %s", p.cur().Upper))
		}
		p.expect("ADD", "COLUMN")
		s.IfNotExists = p.accept("IF", "NOT", "EXISTS")
		s.Table.Schema.Fields = append(s.Table.Schema.Fields, p.columnDefinition())
		if !p.accept(",") {
			break
		}
	}
	return s
}
