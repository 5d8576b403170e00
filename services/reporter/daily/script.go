package daily

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/epoch"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// script is the transaction that makes one report of one date: the statements
// sql/reports/begin_* and those of the report, in the order of their names, as one
// multi-statement query.
type script struct {
	text   string
	params []string
}

// step is the number in the name of a statement that is part of a transaction.
var step = regexp.MustCompile(`^_\d\d_`)

// paramLine is how a statement's header declares a parameter.
var paramLine = regexp.MustCompile(`(?m)^-- @param (\w+) `)

func newScript(r Report) (script, error) {
	group, err := sql.Group("reports")
	if err != nil {
		return script{}, fmt.Errorf("read the reports' statements: %w", err)
	}
	var b strings.Builder
	var params []string
	b.WriteString("BEGIN TRANSACTION;\n")
	for _, prefix := range []string{"begin", r.statement()} {
		for _, s := range group {
			rest, ours := strings.CutPrefix(s.Name, "reports/"+prefix)
			if !ours || !step.MatchString(rest) {
				continue
			}
			b.WriteString(s.Text)
			b.WriteString(";\n")
			params = append(params, declared(s.Text)...)
		}
	}
	b.WriteString("COMMIT TRANSACTION;\n")
	slices.Sort(params)
	return script{b.String(), slices.Compact(params)}, nil
}

// declared are the parameters of a statement that are no literals.
func declared(text string) []string {
	var names []string
	for _, match := range paramLine.FindAllStringSubmatch(text, -1) {
		if match[1] != "report_dates" {
			names = append(names, match[1])
		}
	}
	return names
}

// render gives the script's text for a date, and its parameters.
func (s script) render(date civil.Date, values map[string]any) (string, []bigquery.QueryParameter, error) {
	text, err := sql.InlineDates(s.text, map[string][]int32{"report_dates": {epoch.Day(date.In(time.UTC))}})
	if err != nil {
		return "", nil, err
	}
	params, err := parameters(s.params, values)
	return text, params, err
}

func parameters(names []string, values map[string]any) ([]bigquery.QueryParameter, error) {
	params := make([]bigquery.QueryParameter, len(names))
	for i, name := range names {
		value, ok := values[name]
		if !ok {
			return nil, fmt.Errorf("no value for @%s", name)
		}
		params[i] = bigquery.QueryParameter{Name: name, Value: value}
	}
	return params, nil
}
