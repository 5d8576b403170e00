package analysis

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-googlesql"

	"github.com/zackkki/ecomm_datapipeline/sql"
)

// groupsOf walks the folders whose statements programs run, so that none is left out.
// schema/ has its own test.
func groupsOf(t *testing.T) []string {
	t.Helper()
	all, err := sql.Statements()
	if err != nil {
		t.Fatal(err)
	}
	var groups []string
	for _, s := range all {
		groups = append(groups, path.Dir(s.Name))
	}
	groups = slices.Compact(groups)
	if len(groups) < 8 {
		t.Fatalf("only the folders %q hold statements", groups)
	}
	return groups
}

// TestStatements type-checks every statement in the order of its folder, so
// that the temp tables of a transaction are seen by what comes after them.
func TestStatements(t *testing.T) {
	for _, group := range groupsOf(t) {
		t.Run(group, func(t *testing.T) {
			a := newAnalyzer(t)
			for _, s := range statementsOf(t, group) {
				t.Run(s.Name, func(t *testing.T) {
					params := parametersOf(s)
					stmt, err := a.analyze(s.Text, params...)
					if err != nil {
						t.Fatal(err)
					}
					if err := a.apply(stmt); err != nil {
						t.Fatal(err)
					}
					inlined := inlineSampleDates(t, s)
					if _, err := a.analyze(inlined, withoutDates(params)...); err != nil {
						t.Errorf("with literal dates: %v", err)
					}
				})
			}
		})
	}
}

// statementsOf returns a folder's statements, each in all forms that occur.
func statementsOf(t *testing.T, group string) []sql.Statement {
	t.Helper()
	statements, err := sql.Group(group)
	if err != nil {
		t.Fatal(err)
	}
	if len(statements) == 0 {
		t.Fatalf("%s holds no statement", group)
	}
	var forms []sql.Statement
	for _, s := range statements {
		occur, err := s.Forms()
		if err != nil {
			t.Fatal(err)
		}
		forms = append(forms, occur...)
	}
	return forms
}

// apply refuses what no statement of the pipeline may be and adds the temp
// table that it creates to the catalog.
func (a *analyzer) apply(stmt googlesql.ResolvedStatementNode) error {
	switch stmt := stmt.(type) {
	case *googlesql.ResolvedQueryStmt, *googlesql.ResolvedInsertStmt, *googlesql.ResolvedUpdateStmt,
		*googlesql.ResolvedDeleteStmt, *googlesql.ResolvedMergeStmt, *googlesql.ResolvedAssertStmt:
		return nil
	case *googlesql.ResolvedCreateTableAsSelectStmt:
		scope, scopeErr := stmt.CreateScope()
		path, pathErr := stmt.NamePath()
		columns, columnsErr := outputColumns(stmt)
		if err := errors.Join(scopeErr, pathErr, columnsErr); err != nil {
			return err
		}
		if scope != googlesql.ResolvedCreateStatementEnums_CreateScopeCreateTemp {
			return fmt.Errorf("creates %v, but tables other than temp tables belong into schema/", path)
		}
		return a.addTable(strings.Join(path, "."), columns)
	default:
		return fmt.Errorf("%T: only SELECT, INSERT, UPDATE, DELETE, MERGE, ASSERT and CREATE TEMP TABLE AS may stand here", stmt)
	}
}

// parametersOf are those that a statement declares.
func parametersOf(s sql.Statement) []parameter {
	var params []parameter
	for _, p := range s.Parameters {
		params = append(params, parameter{p.Name, p.Type})
	}
	return params
}

func isDates(p parameter) bool { return sql.Parameter{Name: p.name}.IsDates() }

// withoutDates leaves out the parameters that InlineDates has replaced.
func withoutDates(params []parameter) []parameter {
	var rest []parameter
	for _, p := range params {
		if !isDates(p) {
			rest = append(rest, p)
		}
	}
	return rest
}

// inlineSampleDates renders two days for each list of dates.
func inlineSampleDates(t *testing.T, s sql.Statement) string {
	t.Helper()
	days := map[string][]int32{}
	for _, p := range s.Parameters {
		if p.IsDates() {
			days[p.Name] = []int32{20_759, 20_758}
		}
	}
	inlined, err := s.InlineDates(days)
	if err != nil {
		t.Fatal(err)
	}
	return inlined
}
