package dataset

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// Every statement of the datasets exists, every statement is used, and a request
// has a value for each parameter.
func TestStatementsFitDatasets(t *testing.T) {
	t.Parallel()
	statements, err := query.Statements()
	if err != nil {
		t.Fatal(err)
	}
	params := request{from: someTime, to: someTime.Add(time.Hour)}.params()
	found := []string{"parse_id", "landed_date", "landed_at", "order_date", "first_landed", "last_landed", "report_date", "data_through", "changed_from", "changed_to"} // by the lookup of a file, an order, a product, a customer, a report or an earlier moment
	var used []string
	type use struct {
		d         *dataset
		statement string
	}
	var uses []use
	for i := range datasets {
		d := &datasets[i]
		if d.lookup != "" {
			uses = append(uses, use{d, d.lookup})
		}
		for _, p := range d.parts {
			uses = append(uses, use{d, p.statement})
			if p.instead == nil {
				continue
			}
			if other := p.choose(request{filters: filters{status: option{given: true}}}); other != p.statement {
				uses = append(uses, use{d, other})
			}
		}
	}
	for _, u := range uses {
		s, ok := statements[u.statement]
		if !ok {
			t.Errorf("%s: no statement %s", u.d.path, u.statement)
		}
		used = append(used, u.statement)
		if paged := slices.Contains(names(s), "page_size"); paged && u.d.limit == 0 {
			t.Errorf("%s has no limit for %s", u.d.path, u.statement)
		}
		for _, name := range names(s) {
			_, ok := params[name]
			if !ok && (u.d.lookup == "" || !slices.Contains(found, name)) {
				t.Errorf("%s: no value for @%s", u.statement, name)
			}
			// A filter that a statement takes must be one that a client can set.
			if i := slices.IndexFunc(parameters, func(p parameter) bool { return p.name == name }); i >= 0 && !slices.Contains(u.d.filters, name) {
				t.Errorf("%s: %s takes no parameter %s", u.statement, u.d.path, name)
			}
		}
		if want := strings.Count(s.Text, "-- @param "); want != len(s.Parameters) {
			t.Errorf("%s declares %d parameters, %d were read", u.statement, want, len(s.Parameters))
		}
	}
	used = append(used, "dashboard/annotations", "dashboard/goals") // package notes runs them
	for name := range statements {
		if !slices.Contains(used, name) && !strings.HasPrefix(name, "reports/") && !strings.HasPrefix(name, "notify/") && !strings.HasPrefix(name, "lineage/") && name != "trace/versions" && name != "trace/staging" { // pipelinectl's own
			t.Errorf("statement %s is not used", name)
		}
	}
}

// names are those of a statement's parameters.
func names(s sql.Statement) []string {
	var names []string
	for _, p := range s.Parameters {
		names = append(names, p.Name)
	}
	return names
}
