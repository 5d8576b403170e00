package reporting

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
)

// Every statement of the datasets exists, every statement is used, and a request
// has a value for each parameter.
func TestStatementsFitDatasets(t *testing.T) {
	t.Parallel()
	w, err := newWarehouse(nil, Config{})
	if err != nil {
		t.Fatal(err)
	}
	params := request{from: testNow, to: testNow.Add(time.Hour)}.params()
	var used []string
	for _, d := range datasets {
		for _, p := range d.parts {
			s, ok := w.statements[p.statement]
			if !ok {
				t.Errorf("%s: no statement %s", d.path, p.statement)
			}
			used = append(used, p.statement)
			if paged := slices.Contains(s.params, "page_size"); paged && d.limit == 0 {
				t.Errorf("%s has no limit for %s", d.path, p.statement)
			}
			for _, name := range s.params {
				if _, ok := params[name]; !ok {
					t.Errorf("%s: no value for @%s", p.statement, name)
				}
			}
			if want := strings.Count(s.text, "-- @param "); want != len(s.params) {
				t.Errorf("%s declares %d parameters, %d were read", p.statement, want, len(s.params))
			}
		}
	}
	for name := range w.statements {
		if !slices.Contains(used, name) && !strings.HasPrefix(name, "reports/") {
			t.Errorf("statement %s is not used", name)
		}
	}
}

func TestValidateNamesEveryFault(t *testing.T) {
	t.Parallel()
	cfg := testConfig()
	cfg.MaxBytesBilled = 1
	cfg.Config = cloud.Config{ProjectID: "p", Location: "l", Dataset: "d", Bucket: "b"}
	if err := cfg.Validate(); err != nil {
		t.Errorf("a right configuration: %v", err)
	}
	err := (&Config{Currency: "dollars"}).Validate()
	for _, name := range []string{
		"PROJECT_ID", "CURRENCY", "REFRESH_INTERVAL", "CACHE_TTL", "CACHE_BYTES", "QUERY_TIMEOUT", "QUERY_CONCURRENCY",
		"MAX_BYTES_BILLED", "MAX_PERIOD_DAYS", "MAX_EVENT_CLIENTS",
	} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
}
