package dialect

import (
	"fmt"
	"strings"
)

// target takes the table that a statement changes, and its alias.
func (p *parser) target() (TableRef, string) {
	t := p.cur()
	ref := p.existing(p.path(), t.Pos)
	alias := p.alias()
	if alias == "" {
		alias = ref.Table
	}
	p.aliases = append(p.aliases, alias)
	return ref, alias
}

// insert takes INSERT [INTO] table [(columns)] query | VALUES (...), ...
func (p *parser) insert() Statement {
	p.expect("INSERT")
	p.accept("INTO")
	t := p.cur()
	ref := p.existing(p.path(), t.Pos)
	p.refs = nil // its rows are not read
	columns := ""
	if p.is("(") && !p.startsQuery() {
		columns = " (" + quoteAll(p.names()) + ")"
	}
	s := Statement{Kind: Insert, Target: ref}
	if p.accept("VALUES") {
		s.SQL = fmt.Sprintf("INSERT INTO %s%s VALUES %s", ref.SQL(), columns, p.valueRows())
		return s
	}
	s.SQL = fmt.Sprintf("INSERT INTO %s%s %s", ref.SQL(), columns, p.query())
	return s
}

func (p *parser) valueRows() string {
	var rows []string
	for p.err == nil {
		rows = append(rows, p.valueRow())
		if !p.accept(",") {
			break
		}
	}
	return strings.Join(rows, ", ")
}

func (p *parser) valueRow() string {
	p.expect("(")
	var values []string
	for p.err == nil {
		values = append(values, p.assigned())
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	return "(" + strings.Join(values, ", ") + ")"
}

// assigned takes a value or DEFAULT, which is NULL: column defaults are refused.
func (p *parser) assigned() string {
	if p.accept("DEFAULT") {
		return "NULL"
	}
	return p.expr().sql
}

func (p *parser) assignments(alias string) string {
	var list []string
	for p.err == nil {
		t := p.cur()
		parts := p.path()
		if len(parts) == 2 && strings.EqualFold(parts[0], alias) {
			parts = parts[1:]
		}
		if len(parts) != 1 {
			p.refuse(t.Pos, "an assignment to a nested field")
		}
		p.expect("=")
		list = append(list, quote(parts[0])+" = "+p.assigned())
		if !p.accept(",") {
			break
		}
	}
	return strings.Join(list, ", ")
}

// update takes UPDATE table SET ... [FROM ...] WHERE ...
func (p *parser) update() Statement {
	start := p.cur().Pos
	p.expect("UPDATE")
	ref, alias := p.target()
	p.expect("SET")
	set := p.assignments(alias)
	from := ""
	if p.accept("FROM") {
		from = p.from()
	}
	if p.err == nil && !p.is("WHERE") {
		p.fail(start, "UPDATE must have a WHERE clause")
	}
	p.expect("WHERE")
	where := p.expr().sql
	s := Statement{Kind: Update, Target: ref}
	s.SQL = fmt.Sprintf("UPDATE %s AS %s SET %s", ref.SQL(), quote(alias), set)
	if from != "" {
		s.SQL += " FROM " + from
		s.Guard = fmt.Sprintf("SELECT 1 FROM %s AS %s, %s WHERE %s GROUP BY %s.rowid HAVING count(*) > 1 LIMIT 1",
			ref.SQL(), quote(alias), from, where, quote(alias))
	}
	s.SQL += " WHERE " + where
	return s
}

// delete takes DELETE [FROM] table WHERE ...
func (p *parser) delete() Statement {
	start := p.cur().Pos
	p.expect("DELETE")
	p.accept("FROM")
	ref, alias := p.target()
	if p.err == nil && !p.is("WHERE") {
		p.fail(start, "DELETE must have a WHERE clause")
	}
	p.expect("WHERE")
	return Statement{Kind: Delete, Target: ref,
		SQL: fmt.Sprintf("DELETE FROM %s AS %s WHERE %s", ref.SQL(), quote(alias), p.expr().sql)}
}

func (p *parser) truncate() Statement {
	p.expect("TRUNCATE", "TABLE")
	t := p.cur()
	ref := p.existing(p.path(), t.Pos)
	p.refs = nil // its rows are not read
	return Statement{Kind: Truncate, Target: ref, SQL: "DELETE FROM " + ref.SQL()}
}

// merge takes MERGE [INTO] target USING source ON condition WHEN ...
func (p *parser) merge() Statement {
	p.expect("MERGE")
	p.accept("INTO")
	ref, alias := p.target()
	p.expect("USING")
	var source, sourceAlias string
	if p.accept("(") {
		source = "(" + p.query() + ")"
		p.expect(")")
	} else {
		t := p.cur()
		parts := p.path()
		from := p.existing(parts, t.Pos)
		source, sourceAlias = from.SQL(), from.Table
	}
	if a := p.alias(); a != "" {
		sourceAlias = a
	}
	if sourceAlias == "" {
		sourceAlias = p.fresh()
	}
	p.aliases = append(p.aliases, sourceAlias)
	p.expect("ON")
	on := p.expr().sql
	using := source + " AS " + quote(sourceAlias)
	s := Statement{Kind: Merge, Target: ref, InsertOnly: true}
	s.SQL = fmt.Sprintf("MERGE INTO %s AS %s USING %s ON %s", ref.SQL(), quote(alias), using, on)
	changes := false
	for p.err == nil && p.is("WHEN") {
		clause, changing := p.mergeClause(alias, sourceAlias)
		s.SQL += clause
		changes = changes || changing
		s.InsertOnly = s.InsertOnly && !changing && !strings.HasPrefix(clause, bySourceClause)
	}
	s.SQL += " RETURNING merge_action"
	if changes {
		// A row of the target may meet only one of the source; DuckDB would
		// take any.
		s.Guard = fmt.Sprintf("SELECT 1 FROM %s AS %s JOIN %s ON %s GROUP BY %s.rowid HAVING count(*) > 1 LIMIT 1",
			ref.SQL(), quote(alias), using, on, quote(alias))
	}
	return s
}

const bySourceClause = " WHEN NOT MATCHED BY SOURCE"

func (p *parser) mergeClause(alias, sourceAlias string) (clause string, changing bool) {
	p.expect("WHEN")
	when := " WHEN MATCHED"
	bySource := false
	if p.accept("NOT") {
		p.expect("MATCHED")
		when = " WHEN NOT MATCHED"
		if p.accept("BY", "SOURCE") {
			when = bySourceClause
			bySource = true
		} else {
			p.accept("BY", "TARGET")
		}
	} else {
		p.expect("MATCHED")
	}
	if p.accept("AND") {
		when += " AND " + p.expr().sql
	}
	p.expect("THEN")
	matched := strings.HasPrefix(when, " WHEN MATCHED")
	switch {
	case p.accept("UPDATE"):
		p.expect("SET")
		return when + " THEN UPDATE SET " + p.assignments(alias), matched
	case p.accept("DELETE"):
		return when + " THEN DELETE", matched
	case matched || bySource:
		p.unexpected()
		return "", false
	}
	p.expect("INSERT")
	columns := ""
	if p.is("(") {
		columns = " (" + quoteAll(p.names()) + ")"
	}
	if p.accept("ROW") {
		if columns != "" {
			p.refuse(p.cur().Pos, "INSERT (columns) ROW")
		}
		return when + " THEN INSERT BY POSITION *", false
	}
	p.expect("VALUES")
	return when + " THEN INSERT" + columns + " VALUES " + p.valueRow(), false
}
