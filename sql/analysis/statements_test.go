package analysis

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-googlesql"

	"github.com/zackkki/ecomm_datapipeline/sql"
)

// groups are the folders whose statements programs run. schema/ has its own test.
var groups = []string{"seed", "loading", "transform", "quality", "reports", "dashboard", "verify", "doctor"}

// TestStatements type-checks every statement in the order of its folder, so
// that the temp tables of a transaction are seen by what comes after them.
func TestStatements(t *testing.T) {
	for _, group := range groups {
		t.Run(group, func(t *testing.T) {
			a := newAnalyzer(t)
			for _, s := range statementsOf(t, group) {
				t.Run(s.Name, func(t *testing.T) {
					params := parametersOf(s.Text)
					stmt, err := a.analyze(s.Text, params...)
					if err != nil {
						t.Fatal(err)
					}
					if err := a.apply(stmt); err != nil {
						t.Fatal(err)
					}
					inlined := inlineSampleDates(t, s.Text, params)
					if _, err := a.analyze(inlined, withoutDates(params)...); err != nil {
						t.Errorf("with literal dates: %v", err)
					}
				})
			}
		})
	}
}

// statementsOf returns a folder's statements, none if it does not exist.
func statementsOf(t *testing.T, group string) []sql.NamedStatement {
	t.Helper()
	statements, err := sql.Group(group)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return statements
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

var parameterLine = regexp.MustCompile(`(?m)^-- @param (\w+) (.+)$`)

// parametersOf reads the lines "-- @param name TYPE" of a statement's header.
func parametersOf(text string) []parameter {
	var params []parameter
	for _, match := range parameterLine.FindAllStringSubmatch(text, -1) {
		params = append(params, parameter{match[1], match[2]})
	}
	return params
}

func isDates(p parameter) bool { return strings.HasSuffix(p.name, "_dates") }

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
func inlineSampleDates(t *testing.T, text string, params []parameter) string {
	t.Helper()
	days := map[string][]int32{}
	for _, p := range params {
		if isDates(p) {
			days[p.name] = []int32{20_759, 20_758}
		}
	}
	inlined, err := sql.InlineDates(text, days)
	if err != nil {
		t.Fatal(err)
	}
	return inlined
}
