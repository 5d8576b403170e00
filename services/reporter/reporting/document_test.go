package reporting

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/answer"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/dataset"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/notes"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query/querytest"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/reports"
)

// documented is the part of an OpenAPI document that can be compared with the code.
type documented struct {
	Paths map[string]map[string]struct {
		Parameters []parameterRef
	}
	Components struct{ Parameters map[string]parameterRef }
}

type parameterRef struct {
	Ref      string `json:"$ref"`
	Name, In string
	Required bool
	Schema   struct {
		Enum             []string
		Minimum, Maximum int
		Default          any
		MaxLength        int
	}
}

// knownParameter is what the code and the document say about a parameter.
type knownParameter struct {
	Required  bool
	Words     []string
	Max       int
	Default   any
	MaxLength int
}

// TestDocument compares the document's routes and parameters with the code, both ways.
func TestDocument(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, &querytest.Canned{})
	status, header, body := get(t, base+answer.Root+"openapi.json")
	if status != http.StatusOK || header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Fatalf("%d %q", status, header.Get("Content-Type"))
	}
	if status, _, _ := get(t, base+answer.Root+"openapi.json", "If-None-Match", header.Get("ETag")); status != http.StatusNotModified {
		t.Errorf("asked again: %d", status)
	}
	if status, _, same := get(t, base+"/api/openapi.json"); status != http.StatusOK || same != body {
		t.Errorf("/api/openapi.json: %d, %d bytes", status, len(same))
	}
	for _, path := range []string{"openapi.json?version=2", "events?topic=orders"} {
		if status, _, body := get(t, base+answer.Root+path); status != http.StatusBadRequest || !strings.Contains(body, "no such parameter") {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	var doc documented
	if err := json.Unmarshal([]byte(body), &doc); err != nil {
		t.Fatal(err)
	}
	got := map[string]map[string]knownParameter{}
	for path, methods := range doc.Paths {
		if len(methods) != 1 {
			t.Errorf("%s has %d methods", path, len(methods))
		}
		got[path] = map[string]knownParameter{}
		for _, p := range methods["get"].Parameters {
			if p.Ref != "" {
				p = doc.Components.Parameters[strings.TrimPrefix(p.Ref, "#/components/parameters/")]
			}
			if (p.In == "path") != strings.Contains(path, "{"+p.Name+"}") {
				t.Errorf("%s: %s is in the %s", path, p.Name, p.In)
			}
			got[path][p.Name] = knownParameter{p.Required, p.Schema.Enum, p.Schema.Maximum, p.Schema.Default, p.Schema.MaxLength}
		}
	}
	if diff := cmp.Diff(implemented(), got); diff != "" {
		t.Errorf("routes and parameters (-code +document):\n%s", diff)
	}
	for path := range doc.Paths {
		// The warehouse of this test answers nothing, so that what exists fails or is missing.
		path = strings.NewReplacer("{record_index}", "1", "{report}", "churn-risk", "{date}", "2026-11-01", "{file}", daily.PageFile).Replace(path)
		if path == answer.Root+"events" {
			continue // never ends
		}
		if _, _, body := get(t, base+path); strings.Contains(body, "no such endpoint") {
			t.Errorf("%s is not served", path)
		}
	}
}

// implemented are the routes of the code, with what each takes.
func implemented() map[string]map[string]knownParameter {
	limit := func(standard, most int) knownParameter {
		return knownParameter{Max: most, Default: float64(standard)}
	}
	token := knownParameter{MaxLength: answer.MaxToken}
	var ids, files []string
	files = append(files, daily.PageFile)
	for _, r := range daily.Reports() {
		ids, files = append(ids, r.ID), append(files, r.CSVFile())
	}
	routes := map[string]map[string]knownParameter{
		answer.Root + "events": {}, answer.Root + "services": {}, answer.Root + "openapi.json": {},
		reports.Path: {"limit": limit(30, reports.MaxDates), "page_token": token},
		reports.Path + "/{report}": {
			"report": {Required: true, Words: ids}, "date": {}, "limit": limit(100, 1000), "page_token": token,
		},
		reports.MorningPath:      {"date": {}},
		notes.Path:               {"from": {}, "to": {}},
		"/reports/{date}/{file}": {"date": {Required: true}, "file": {Required: true, Words: files}},
	}
	for _, path := range dataset.Paths() {
		takes := map[string]knownParameter{}
		for _, p := range dataset.Parameters(path) {
			known := knownParameter{p.Required, p.Words, p.Max, p.Default, p.MaxLength}
			if n, is := p.Default.(int); is {
				known.Default = float64(n) // as JSON has it
			}
			takes[p.Name] = known
		}
		routes[answer.Root+path] = takes
	}
	return routes
}
