package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
)

// sortViews orders views so that each follows those it reads.
func sortViews(views []Table) ([]Table, error) {
	sorted := make([]Table, 0, len(views))
	for len(views) > 0 {
		ready := func(v Table) bool {
			return !slices.ContainsFunc(views, func(other Table) bool { return v.reads(other.Name) })
		}
		next := slices.IndexFunc(views, ready)
		if next < 0 {
			return nil, fmt.Errorf("sql: view %s reads itself", views[0].Name)
		}
		sorted = append(sorted, views[next])
		views = slices.Delete(views, next, next+1)
	}
	return sorted, nil
}

// reads reports whether the view's query reads the named table or view.
func (t Table) reads(name string) bool {
	// The parser has read the query before, so that it cannot fail here.
	names, _ := tableNames(t.ViewQuery)
	return slices.ContainsFunc(names, func(t lexer.Token) bool { return t.Text == name })
}

// QualifyTables returns query with the dataset put before the name of each
// table and view of schema/ that it reads. BigQuery stores a view's query
// without the default dataset of the job that created it, so that a view must
// name its tables in full. Dataset is "dataset" or "project.dataset". Names are
// found after FROM and JOIN, not after the comma of an implicit join.
func QualifyTables(query, dataset string) (string, error) {
	if dataset == "" || strings.ContainsAny(dataset, "`\\\n") {
		return "", fmt.Errorf("sql: qualify tables: invalid dataset %q", dataset)
	}
	known, err := byName()
	if err != nil {
		return "", err
	}
	names, err := tableNames(query)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	copied := 0
	for _, t := range names {
		if _, is := known[t.Text]; !is {
			continue // a CTE
		}
		out.WriteString(query[copied:t.Pos])
		out.WriteString("`" + dataset + "." + t.Text + "`")
		copied = t.End
	}
	out.WriteString(query[copied:])
	return out.String(), nil
}

// tableNames are the names of one part that follow FROM or JOIN.
func tableNames(query string) ([]lexer.Token, error) {
	tokens, err := lexer.Tokenize(query)
	if err != nil {
		return nil, err
	}
	var names []lexer.Token
	for i := 1; i < len(tokens)-1; i++ { // the last is EOF
		t, before, after := tokens[i], tokens[i-1], tokens[i+1]
		if t.IsName() && (before.Is("FROM") || before.Is("JOIN")) && !after.Is(".") && !after.Is("(") {
			names = append(names, t)
		}
	}
	return names, nil
}
