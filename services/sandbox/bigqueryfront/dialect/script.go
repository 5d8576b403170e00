package dialect

import (
	"fmt"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
)

// Kind is a statement's type, as job statistics name it.
type Kind string

// The kinds of statements.
const (
	Select            Kind = "SELECT"
	Insert            Kind = "INSERT"
	Update            Kind = "UPDATE"
	Delete            Kind = "DELETE"
	Merge             Kind = "MERGE"
	Truncate          Kind = "TRUNCATE_TABLE"
	CreateTable       Kind = "CREATE_TABLE"
	CreateTableSelect Kind = "CREATE_TABLE_AS_SELECT"
	CreateView        Kind = "CREATE_VIEW"
	CreateSchema      Kind = "CREATE_SCHEMA"
	DropTable         Kind = "DROP_TABLE"
	DropView          Kind = "DROP_VIEW"
	DropSchema        Kind = "DROP_SCHEMA"
	AlterTable        Kind = "ALTER_TABLE"
	Assert            Kind = "ASSERT"
	Declare           Kind = "DECLARE"
	Set               Kind = "SET"
	Begin             Kind = "BEGIN_TRANSACTION"
	Commit            Kind = "COMMIT_TRANSACTION"
	Rollback          Kind = "ROLLBACK_TRANSACTION"
)

// Statement is one translated statement.
type Statement struct {
	Kind Kind
	// Source is the text as written; Line and Column say where it begins.
	Source       string
	Line, Column int
	// SQL is the translation. It is empty where the catalogue does the work.
	SQL string
	// Guard, if set, is a query that must yield no row before SQL may run.
	Guard string
	// Target is what the statement writes, creates, changes or drops.
	Target TableRef
	// Temp says that the target is temporary.
	Temp bool
	// InsertOnly says that a MERGE has no clause that changes or deletes rows.
	InsertOnly bool
	// Refs are the tables whose rows are read, which are those of the target too
	// unless the statement only adds rows or drops all.
	Refs []TableRef
	// Message is the text of an ASSERT.
	Message string
	// Table is the definition of a table to create, or the changes to one.
	Table *bq.Table
	// OrReplace, IfNotExists and IfExists are the clauses of DDL.
	OrReplace, IfNotExists, IfExists bool
}

// Translate translates a script of one or more statements. Nothing of it is
// run before all of it is understood.
func Translate(src string, env Env) ([]Statement, error) {
	p, err := newParser(src, env)
	if err != nil {
		return nil, err
	}
	var statements []Statement
	place := lexer.Start()
	for p.err == nil {
		for p.accept(";") {
		}
		if p.cur().Kind == lexer.EOF {
			break
		}
		start := p.cur().Pos
		p.refs, p.aliases, p.ctes = nil, nil, nil
		s := p.statement()
		end := p.cur().Pos
		if p.cur().Kind != lexer.EOF && !p.accept(";") {
			p.unexpected()
		}
		if expanded(s.SQL) > maxExpanded {
			p.exhausted("the translation of the query is too large")
		}
		if p.err != nil {
			break
		}
		s.Source = strings.TrimSpace(src[start:end])
		place.Move(src, start)
		s.Line, s.Column = place.Line, place.Column
		s.Refs = p.refs
		statements = append(statements, s)
	}
	if p.err != nil {
		return nil, p.err
	}
	if len(statements) == 0 {
		return nil, &Error{Message: "Syntax error: Unexpected end of script"}
	}
	return statements, nil
}

func (p *parser) statement() Statement {
	t := p.cur()
	switch t.Upper {
	case "SELECT", "WITH":
		return Statement{Kind: Select, SQL: p.query()}
	case "INSERT":
		return p.insert()
	case "UPDATE":
		return p.update()
	case "DELETE":
		return p.delete()
	case "MERGE":
		return p.merge()
	case "TRUNCATE":
		return p.truncate()
	case "CREATE":
		return p.create()
	case "DROP":
		return p.drop()
	case "ALTER":
		return p.alter()
	case "ASSERT":
		return p.assert()
	case "DECLARE":
		return p.declare()
	case "SET":
		return p.set()
	case "BEGIN":
		p.advance()
		if !p.accept("TRANSACTION") && !p.is(";") {
			p.refuse(t.Pos, "a BEGIN ... END block")
		}
		return Statement{Kind: Begin}
	case "COMMIT":
		p.advance()
		p.accept("TRANSACTION")
		return Statement{Kind: Commit}
	case "ROLLBACK":
		p.advance()
		p.accept("TRANSACTION")
		return Statement{Kind: Rollback}
	case "IF", "LOOP", "WHILE", "REPEAT", "FOR", "CALL", "EXECUTE", "RAISE", "RETURN", "EXPORT", "LOAD", "GRANT", "REVOKE":
		p.refuse(t.Pos, t.Upper+" statement")
	}
	if t.Kind == lexer.Operator && t.Text == "(" {
		return Statement{Kind: Select, SQL: p.query()}
	}
	p.unexpected()
	return Statement{}
}

// assert takes ASSERT condition [AS 'message'].
func (p *parser) assert() Statement {
	p.expect("ASSERT")
	s := Statement{Kind: Assert}
	s.SQL = fmt.Sprintf("SELECT coalesce(%s, false)", p.expr().sql)
	if p.accept("AS") {
		t := p.advance()
		if t.Kind != lexer.String {
			p.fail(t.Pos, "Syntax error: Expected string literal")
		}
		s.Message = t.Text
	}
	return s
}

// declare takes DECLARE names [type] [DEFAULT expression].
func (p *parser) declare() Statement {
	p.expect("DECLARE")
	names := []string{p.name()}
	for p.accept(",") {
		names = append(names, p.name())
	}
	value := "NULL"
	duck := ""
	if !p.is("DEFAULT") {
		duck = DuckType(p.columnType())
	}
	if p.accept("DEFAULT") {
		value = p.expr().value()
	}
	if duck != "" {
		value = fmt.Sprintf("CAST(%s AS %s)", value, duck)
	}
	s := Statement{Kind: Declare}
	for _, n := range names {
		p.variables[strings.ToLower(n)] = true
		s.SQL += fmt.Sprintf("SET VARIABLE %s = %s;", variableName(n), value)
	}
	s.SQL = strings.TrimSuffix(s.SQL, ";")
	if len(names) > 1 {
		p.refuse(p.cur().Pos, "DECLARE of several variables at once")
	}
	return s
}

// set takes SET name = expression.
func (p *parser) set() Statement {
	p.expect("SET")
	t := p.cur()
	name := p.name()
	if p.err == nil && !p.variables[strings.ToLower(name)] {
		p.fail(t.Pos, "Undeclared variable: %s", name)
	}
	p.expect("=")
	v := variableName(name)
	// The variable keeps its type. DuckDB's own does not, hence the cast to
	// what it held.
	return Statement{Kind: Set, SQL: fmt.Sprintf("SET VARIABLE %s = (SELECT CASE WHEN true THEN %s ELSE getvariable(%s) END)", v, p.expr().value(), literal(v))}
}
