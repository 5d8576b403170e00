package dialect

import (
	"fmt"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
)

// TableRef names a table of a dataset, or a temporary one when Dataset is empty.
type TableRef struct{ Dataset, Table string }

// Env is what a translation needs to know of the world.
type Env struct {
	// Project is the only project there is.
	Project string
	// Dataset resolves names without one; it may be empty.
	Dataset string
	// Params are the query's parameters by lower-case name, those without by lexer.Positional.
	Params map[string]Param
	// Table describes a table, or returns nil when there is none.
	Table func(TableRef) *bq.Table
}

// maxDepth bounds the nesting of a statement, and with it the stack.
const maxDepth = 150

// parser translates one script. It keeps the first error and from then on sees
// only the end of the text, so that its methods need not return errors.
type parser struct {
	env    Env
	src    string
	tokens []lexer.Token
	at     int
	depth  int
	err    error

	// ctes are the names that WITH clauses define, innermost last.
	ctes []string
	// aliases are the names that FROM clauses define, innermost last; those
	// in elements stand for the elements of an array, not for rows.
	aliases  []string
	elements map[string]bool
	// temps are the script's temporary tables, created its permanent ones,
	// variables what it declared; all lower-case.
	temps     map[string]bool
	created   map[TableRef]bool
	variables map[string]bool
	// refs are the tables that the current statement reads.
	refs []TableRef
	// mentions are the tables by which columns were named, lower-case.
	mentions []string
	// ordering is the select list whose names an ORDER BY may use.
	ordering []selectItem
	// anonymous numbers what needs a name of its own.
	anonymous int
	// written is the length of all expressions made so far.
	written int
}

func newParser(src string, env Env) (*parser, error) {
	tokens, err := tokenize(src)
	if err != nil {
		return nil, err
	}
	return &parser{
		env: env, src: src, tokens: tokens,
		elements: map[string]bool{}, temps: map[string]bool{}, created: map[TableRef]bool{}, variables: map[string]bool{},
	}, nil
}

func (p *parser) cur() lexer.Token { return p.tokens[p.at] }

func (p *parser) ahead(n int) lexer.Token { return p.tokens[min(p.at+n, len(p.tokens)-1)] }

func (p *parser) advance() lexer.Token {
	t := p.cur()
	if p.at < len(p.tokens)-1 {
		p.at++
	}
	return t
}

// fail keeps the first error and ends the text.
func (p *parser) fail(pos int, format string, args ...any) {
	if p.err == nil {
		place := lexer.Start()
		place.Move(p.src, min(pos, len(p.src)))
		p.err = &Error{Message: fmt.Sprintf("%s at [%d:%d]", fmt.Sprintf(format, args...), place.Line, place.Column)}
	}
	p.at = len(p.tokens) - 1
}

func (p *parser) refuse(pos int, what string) { p.fail(pos, "Unsupported here: %s", what) }

func (p *parser) unexpected() {
	t := p.cur()
	if t.Kind == lexer.EOF {
		p.fail(t.Pos, "Syntax error: Unexpected end of script")
		return
	}
	p.fail(t.Pos, "Syntax error: Unexpected %q", p.src[t.Pos:t.End])
}

// enter bounds recursion; leave undoes it.
func (p *parser) enter() {
	p.depth++
	if p.depth > maxDepth {
		p.exhausted("query is too deeply nested")
	}
}

func (p *parser) exhausted(why string) {
	p.fail(p.cur().Pos, "Resources exceeded during query execution: Not enough resources for query planning - %s", why)
}

func (p *parser) leave() { p.depth-- }

// is reports whether the next tokens are these keywords or operators.
func (p *parser) is(words ...string) bool {
	for i, w := range words {
		t := p.ahead(i)
		if t.Kind == lexer.Identifier && t.Upper == w || t.Kind == lexer.Operator && t.Text == w {
			continue
		}
		return false
	}
	return true
}

// accept takes these keywords or operators if they are next.
func (p *parser) accept(words ...string) bool {
	if !p.is(words...) {
		return false
	}
	for range words {
		p.advance()
	}
	return true
}

func (p *parser) expect(words ...string) {
	if p.err == nil && !p.accept(words...) {
		t := p.cur()
		got := "end of script"
		if t.Kind != lexer.EOF {
			got = fmt.Sprintf("%q", p.src[t.Pos:t.End])
		}
		p.fail(t.Pos, "Syntax error: Expected %s but got %s", strings.Join(words, " "), got)
	}
}

// reserved are the keywords that cannot be names unless quoted.
var reserved = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`ALL AND ANY ARRAY AS ASC ASSERT_ROWS_MODIFIED AT BETWEEN BY CASE CAST COLLATE
		CONTAINS CREATE CROSS CUBE CURRENT DEFAULT DEFINE DESC DISTINCT ELSE END ENUM ESCAPE EXCEPT EXCLUDE EXISTS
		EXTRACT FALSE FETCH FOLLOWING FOR FROM FULL GROUP GROUPING GROUPS HASH HAVING IF IGNORE IN INNER INTERSECT
		INTERVAL INTO IS JOIN LATERAL LEFT LIKE LIMIT LOOKUP MERGE NATURAL NEW NO NOT NULL NULLS OF ON OR ORDER OUTER
		OVER PARTITION PRECEDING PROTO QUALIFY RANGE RECURSIVE RESPECT RIGHT ROLLUP ROWS SELECT SET SOME STRUCT
		TABLESAMPLE THEN TO TREAT TRUE UNBOUNDED UNION UNNEST USING WHEN WHERE WINDOW WITH WITHIN`) {
		m[w] = true
	}
	return m
}()

// isName reports whether the token can be an identifier.
func isName(t lexer.Token) bool {
	return t.Kind == lexer.Quoted || t.Kind == lexer.Identifier && !reserved[t.Upper]
}

// name takes an identifier.
func (p *parser) name() string {
	if !isName(p.cur()) {
		p.unexpected()
		return ""
	}
	return p.advance().Text
}

// fieldName takes an identifier after a dot, where keywords are allowed.
func (p *parser) fieldName() string {
	if t := p.cur(); t.Kind == lexer.Identifier || t.Kind == lexer.Quoted {
		return p.advance().Text
	}
	p.unexpected()
	return ""
}

// alias takes an optional alias.
func (p *parser) alias() string {
	if p.accept("AS") {
		return p.name()
	}
	if isName(p.cur()) {
		return p.advance().Text
	}
	return ""
}

// names takes a parenthesised list of identifiers.
func (p *parser) names() []string {
	p.expect("(")
	list := []string{p.name()}
	for p.accept(",") {
		list = append(list, p.name())
	}
	p.expect(")")
	return list
}

func quote(name string) string { return engine.QuoteIdent(name) }

func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = quote(n)
	}
	return strings.Join(quoted, ", ")
}

// fresh returns a name that no statement can spell.
func (p *parser) fresh() string {
	p.anonymous++
	return fmt.Sprintf("$%d", p.anonymous)
}

func contains(list []string, name string) bool {
	for _, n := range list {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}
