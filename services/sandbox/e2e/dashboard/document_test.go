package dashboard

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/getkin/kin-openapi/openapi3"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/reportcheck"
)

// TestDocumentedAnswers compares the API's answers with its OpenAPI document: nothing
// in them is undocumented, and nothing that is documented is missing from them.
func TestDocumentedAnswers(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	fillEveryEndpoint(t, p)
	status, body := p.Fetch(t, "/api/v1/openapi.json")
	if status != http.StatusOK {
		t.Fatalf("the document: status %d", status)
	}
	doc, err := openapi3.NewLoader().LoadFromData(body)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	order := p.MustQuery(t, "SELECT order_id FROM data_quality_checks WHERE order_id IN (SELECT order_id FROM fact_orders) LIMIT 1")[0][0].(string)
	product := p.MustQuery(t, "SELECT product_id FROM report_inventory_alerts WHERE product_name IS NOT NULL LIMIT 1")[0][0].(string)
	customer := p.MustQuery(t, "SELECT customer_id FROM report_churn_risk WHERE customer_name IS NOT NULL AND orders > 1 LIMIT 1")[0][0].(string)
	file := p.MustQuery(t, "SELECT file_id, record_index FROM rejected_records WHERE rule = 'malformed_json' LIMIT 1")[0]
	// Orders that were loaded since a moment.
	moment := url.QueryEscape(time.Now().UTC().Format(time.RFC3339Nano))
	files := p.MustQuery(t, "SELECT COUNT(*) FROM file_ledger")[0][0].(int64)
	p.Land(t, "orders/since.json", harness.OrderFile(t, 97, 5, nil))
	p.AwaitFiles(t, int(files)+1)
	seen := seenFields{}
	for template, requests := range map[string][]string{
		"summary": {""}, "orders-per-hour": {"", "?status=failed"}, "category-revenue": {"", "?tier=gold", "?limit=1"}, "top-products": {""}, "aov-by-tier": {"", "?limit=1"}, "customers": {""}, "order-life": {""}, "order-times": {""},
		"geography": {""}, "filter-values": {""}, "files": {"?limit=1"}, "files/{file_id}": {""}, "files/{file_id}/refused": {"?limit=1"},
		"files/{file_id}/records/{record_index}": {""}, "orders/{order_id}": {""}, "products/{product_id}": {"?limit=1"}, "customers/{customer_id}": {"?limit=1"}, "quality": {"?limit=1&step=day"}, "dead-letters": {""}, "system": {""}, "services": {""},
		"reports": {"?limit=1"}, "reports/{report}": {"churn-risk?limit=1", "cohorts", "inventory-alerts", "revenue-trends", "forecast", "profile", "data-quality"},
		"as-of": {"?moment=" + moment}, "as-of/orders": {"?limit=1&moment=" + moment},
		"morning": {""}, "notes": {"", "?from=2026-01-01&to=2026-12-31"},
		"openapi.json": {""}, "events": nil, // TestReporterLists reads the events
	} {
		operation := doc.Paths.Value("/api/v1/" + template)
		if operation == nil {
			t.Errorf("%s is not documented", template)
			continue
		}
		path := strings.NewReplacer("{order_id}", url.PathEscape(order), "{product_id}", url.PathEscape(product), "{customer_id}", url.PathEscape(customer), "{file_id}", file[0].(string), "{record_index}", fmt.Sprint(file[1]), "{report}", "").Replace("/api/v1/" + template)
		for _, request := range requests {
			checkAnswer(t, p, operation.Get, seen, http.StatusOK, path+request)
		}
		if bad := operation.Get.Responses.Status(http.StatusBadRequest); bad != nil && len(requests) > 0 {
			checkAnswer(t, p, operation.Get, seen, http.StatusBadRequest, path+requests[0][:strings.IndexByte(requests[0]+"?", '?')]+"?no_such_parameter=1")
		}
	}
	checkAnswer(t, p, doc.Paths.Value("/api/v1/files/{file_id}").Get, seen, http.StatusNotFound, "/api/v1/files/nothing")
	checkAnswer(t, p, doc.Paths.Value("/api/v1/orders/{order_id}").Get, seen, http.StatusNotFound, "/api/v1/orders/nothing")
	checkAnswer(t, p, doc.Paths.Value("/api/v1/products/{product_id}").Get, seen, http.StatusNotFound, "/api/v1/products/nothing")
	checkAnswer(t, p, doc.Paths.Value("/api/v1/customers/{customer_id}").Get, seen, http.StatusNotFound, "/api/v1/customers/nothing")
	// A service that is ready has no detail to tell.
	seen.Note("ServiceState", "detail")
	for name, schema := range doc.Components.Schemas {
		for field := range schema.Value.Properties {
			if !seen[name][field] {
				t.Errorf("no answer holds %s.%s", name, field)
			}
		}
	}
	if got, want := len(doc.Paths.Map()), 30; got != want {
		t.Errorf("%d paths are documented, this test knows %d", got, want)
	}
}

// fillEveryEndpoint gives each endpoint something to answer with.
func fillEveryEndpoint(t *testing.T, p *harness.Pipeline) {
	t.Helper()
	_, today := reportcheck.LandHistory(t, p)
	runner := p.Daily(t, time.Now)
	for back := range 2 {
		if err := runner.Make(t.Context(), civil.DateOf(today).AddDays(-back), nil); err != nil {
			t.Fatal(err)
		}
	}
	// A day that was unusual in nothing else.
	p.MustQuery(t, fmt.Sprintf("UPDATE report_revenue_trends SET anomaly = 'high', expected_revenue = 1, deviation = 1 WHERE report_date = '%[1]s' AND period_start = '%[1]s' AND granularity = 'day'",
		civil.DateOf(today).AddDays(-1)))
	for _, line := range [][]string{{"annotations", "add", "--by", "Ann", shownName}, {"goals", "set", "--by", "Ann", "revenue", "100000"}} {
		if out, err := p.Pipelinectl(t, line...); err != nil {
			t.Fatalf("pipelinectl %s: %v\n%s", line, err, out)
		}
	}
	now := time.Now().UTC()
	p.Insert(t, "dead_letters", []harness.Column{
		{"dead_letter_id", "letter"}, {"subscription", "orders-validated.writer"}, {"message_id", "m"}, {"error", hostileName},
		{"delivery_attempts", 1}, {"data", []byte("\xff")}, {"dead_lettered_at", now}, {"dead_lettered_date", civil.DateOf(now)},
	})
	// The file with refused records has been read before.
	for _, row := range p.MustQuery(t, "SELECT DISTINCT file_id FROM rejected_records") {
		p.Insert(t, "file_ledger_history", harness.LedgerRow(row[0].(string), "orders/a.json", now, time.Second))
		// A second refused record makes a second page.
		p.Insert(t, "rejected_records", secondRefused(t, p, row[0].(string), now))
	}
}

// secondRefused is another refused record of a file, as the parser would write it.
func secondRefused(t *testing.T, p *harness.Pipeline, fileID string, now time.Time) []harness.Column {
	t.Helper()
	first := p.MustQuery(t, "SELECT parse_id, landed_at, landed_date FROM rejected_records WHERE file_id = '"+fileID+"' LIMIT 1")[0]
	return []harness.Column{
		{"file_id", fileID}, {"parse_id", first[0]}, {"record_index", 1_000_000}, {"kind", "orders"}, {"landing_name", "landing/orders/a.json"},
		{"byte_offset", 0}, {"byte_length", 1}, {"payload", []byte("{")}, {"sha256", "abc"}, {"rule", "invalid_utf8"}, {"message", "m"},
		{"parser_version", "1"}, {"rejected_at", now}, {"landed_at", first[1]}, {"landed_date", first[2]},
	}
}

// checkAnswer asks, and compares the answer with what the document says of the status.
func checkAnswer(t *testing.T, p *harness.Pipeline, operation *openapi3.Operation, seen seenFields, status int, path string) {
	t.Helper()
	got, body := p.Fetch(t, path)
	if got != status {
		t.Errorf("%s: status %d, want %d: %s", path, got, status, body)
		return
	}
	schema := operation.Responses.Status(status).Value.Content.Get("application/json").Schema
	var answer any
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	if err := schema.Value.VisitJSON(answer, openapi3.MultiErrors()); err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	seen.walk(schema, answer)
}

// seenFields are those that answers held, by the schema's name.
type seenFields map[string]map[string]bool

func (f seenFields) Note(schema string, names ...string) {
	if f[schema] == nil {
		f[schema] = map[string]bool{}
	}
	for _, name := range names {
		f[schema][name] = true
	}
}

// walk notes the fields of a value that conforms to the schema.
func (f seenFields) walk(schema *openapi3.SchemaRef, value any) {
	for _, one := range schema.Value.OneOf {
		if one.Value.VisitJSON(value) == nil {
			f.walk(one, value)
		}
	}
	switch v := value.(type) {
	case map[string]any:
		f.Note(schema.Ref[strings.LastIndexByte(schema.Ref, '/')+1:], slices.Collect(maps.Keys(v))...)
		for name, part := range v {
			if property := schema.Value.Properties[name]; property != nil {
				f.walk(property, part)
			}
		}
	case []any:
		for _, part := range v {
			f.walk(schema.Value.Items, part)
		}
	}
}
