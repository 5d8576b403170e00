package openlineage

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

var landed = time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)

func newTestEvents(t *testing.T) *Events {
	t.Helper()
	e, err := NewEvents("shop", "project", "warehouse")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func completedFile(kind pipelinev1.FileKind, revision int64, verdict pipelinev1.Verdict) *pipelinev1.FileCompleted {
	return &pipelinev1.FileCompleted{
		File: &pipelinev1.LandedFile{
			FileId: "file-1", Kind: kind, Bucket: "bucket", LandingName: "landing/x/day.json", Bytes: 1234, ClaimedAt: timestamppb.New(landed),
		},
		Revision: revision, Verdict: verdict, Records: 10, Loaded: 7, Lines: 12, Duplicates: 1, Rejected: 2, LoadedAt: timestamppb.New(landed.Add(5 * time.Second)),
	}
}

// all are events of every kind.
func all(t *testing.T) []Event {
	e := newTestEvents(t)
	findings := []Finding{{rules.InvalidQuantity, rules.SeverityError, 2}, {rules.AmountMismatch, rules.SeverityWarning, 1}, {rules.DuplicateOrderReplay, rules.SeverityInfo, 1}}
	var events []Event
	for _, kind := range []pipelinev1.FileKind{pipelinev1.FileKind_FILE_KIND_ORDERS, pipelinev1.FileKind_FILE_KIND_PRODUCTS, pipelinev1.FileKind_FILE_KIND_CUSTOMERS, pipelinev1.FileKind_FILE_KIND_UNSPECIFIED} {
		events = append(events, e.File(completedFile(kind, 1, pipelinev1.Verdict_VERDICT_LOADED), findings)...)
		quarantined := completedFile(kind, 2, pipelinev1.Verdict_VERDICT_QUARANTINED)
		quarantined.Reason = "mostly_refused"
		events = append(events, e.File(quarantined, nil)...)
	}
	events = append(events, e.File(&pipelinev1.FileCompleted{}, nil)...)
	for _, id := range []string{"churn_risk", "cohorts", "inventory_alerts", "revenue_trends", "forecast", "profile", "data_quality"} {
		r, err := e.Report(id, civil.Date{Year: 2026, Month: 11, Day: 1}, landed)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.inputs) == 0 {
			t.Errorf("the report %s is made of nothing", id)
		}
		events = append(events, r.Started(landed), r.Ended(landed.Add(time.Second), nil, 3), r.Ended(landed.Add(time.Second), errors.New("no such table")))
	}
	day := civil.Date{Year: 2026, Month: 11, Day: 1}
	republish, err := e.Republish("team", "orders.republished.team", "files.republished.team", day, day, landed)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []*Work{
		republish, e.Replay("orders-validated.writer", "", "orders-validated", landed), e.Replay("team", "team.dead-letter", "orders-validated", landed),
		e.ReadAgain("release", "file-1", 2, "bucket", "quarantine/orders/file-1/day.json", "landing/x/day.json"),
	} {
		events = append(events, w.Started(landed), w.Ended(landed.Add(time.Second), nil, 1, 2), w.Ended(landed.Add(time.Second), errors.New("away")))
	}
	return events
}

// namespaces is what Marquez's server takes (NamespaceName.java), of 1024 characters at most.
var namespaces = regexp.MustCompile(`^[a-zA-Z:;=/0-9_\-.@+]+$`)

// TestMarquez: every namespace and name is one that Marquez's server takes. What else it asks for, OpenLineage's own
// definitions do, too.
func TestMarquez(t *testing.T) {
	t.Parallel()
	for _, event := range all(t) {
		if event.Job.Name == "" || !namespaces.MatchString(event.Job.Namespace) {
			t.Errorf("job %q of %q", event.Job.Name, event.Job.Namespace)
		}
		for _, d := range slices.Concat(event.Inputs, event.Outputs) {
			if unknown := event.Job.Name == "load_unknown"; !unknown && (strings.TrimSpace(d.Name) == "" || !namespaces.MatchString(d.Namespace)) {
				t.Errorf("%s: dataset %q of %q", event.Job.Name, d.Name, d.Namespace)
			}
		}
	}
}

// TestPublishedSchemas holds every event and each of its facets against OpenLineage's own definitions.
func TestPublishedSchemas(t *testing.T) {
	t.Parallel()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	paths, err := filepath.Glob("testdata/*.json")
	if err != nil || len(paths) != len(schemas)+1 {
		t.Fatalf("schemas %q (%v)", paths, err)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		id := doc.(map[string]any)["$id"].(string)
		if err := compiler.AddResource(id, doc); err != nil {
			t.Fatal(err)
		}
	}
	check := func(location string, value any) {
		t.Helper()
		schema, err := compiler.Compile(location)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%v\n%v", err, value)
		}
	}
	seen := make(map[string]bool)
	var facetsOf func(value any)
	facetsOf = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			for key, inner := range value {
				location, known := schemas[key]
				if facet, ok := inner.(map[string]any); ok && known && facet["_schemaURL"] != nil {
					seen[key] = true
					check(facetsRoot+location, inner)
				}
				facetsOf(inner)
			}
		case []any:
			for _, inner := range value {
				facetsOf(inner)
			}
		}
	}
	for _, event := range all(t) {
		body, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		check(runEvent, value)
		facetsOf(value)
	}
	for name := range schemas {
		if !seen[name] {
			t.Errorf("no event has the facet %s", name)
		}
	}
}

func names(datasets []dataset) (all []string) {
	for _, d := range datasets {
		all = append(all, d.Namespace+"/"+strings.TrimPrefix(d.Name, "project.warehouse."))
	}
	return all
}

// TestFile tells of a load: the same run whenever it is told, another one for another revision.
func TestFile(t *testing.T) {
	t.Parallel()
	e := newTestEvents(t)
	done := completedFile(pipelinev1.FileKind_FILE_KIND_ORDERS, 1, pipelinev1.Verdict_VERDICT_LOADED)
	events := e.File(done, []Finding{{rules.InvalidQuantity, rules.SeverityError, 2}})
	if diff := cmp.Diff(events, e.File(done, []Finding{{rules.InvalidQuantity, rules.SeverityError, 2}})); diff != "" {
		t.Errorf("told again (-first +again):\n%s", diff)
	}
	start, end := events[0], events[1]
	if start.EventType != Start || end.EventType != Complete || start.Run.ID != end.Run.ID || !start.EventTime.Equal(landed) || end.EventTime.Sub(landed) != 5*time.Second {
		t.Errorf("%s at %s and %s at %s", start.EventType, start.EventTime, end.EventType, end.EventTime)
	}
	if diff := cmp.Diff([]string{
		"gs://bucket/landing/x/day.json", "bigquery/dead_letters", "bigquery/dim_customers", "bigquery/dim_products", "bigquery/ref_places", "bigquery/ref_regions",
		"bigquery/rejected_records", "bigquery/staging_customers", "bigquery/staging_orders", "bigquery/staging_products",
	}, names(end.Inputs)); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
	for _, want := range []string{"bigquery/fact_orders", "bigquery/agg_hourly_metrics", "bigquery/agg_category_revenue", "bigquery/order_history", "bigquery/file_ledger"} {
		if !slices.Contains(names(end.Outputs), want) {
			t.Errorf("outputs %q lack %s", names(end.Outputs), want)
		}
	}
	again := e.File(completedFile(pipelinev1.FileKind_FILE_KIND_ORDERS, 2, pipelinev1.Verdict_VERDICT_QUARANTINED), nil)
	if again[1].Run.ID == end.Run.ID || again[1].EventType != Fail || again[1].Run.Facets["errorMessage"] == nil || again[0].Run.Facets["errorMessage"] != nil {
		t.Errorf("quarantined at its second reading: %+v", again[1].Run)
	}
	if got := names(e.File(completedFile(pipelinev1.FileKind_FILE_KIND_PRODUCTS, 1, pipelinev1.Verdict_VERDICT_LOADED), nil)[1].Outputs); !slices.Contains(got, "bigquery/dim_products_history") || slices.Contains(got, "bigquery/fact_orders") {
		t.Errorf("products are written to %q", got)
	}
}

// TestOperatorsWork names what an operator's command moved: from where to where, and the load that follows.
func TestOperatorsWork(t *testing.T) {
	t.Parallel()
	e := newTestEvents(t)
	day := civil.Date{Year: 2026, Month: 11, Day: 1}
	republish, err := e.Republish("team", "orders.republished.team", "files.republished.team", day, day, landed)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		work            *Work
		inputs, outputs []string
	}{
		"replay_s": {e.Replay("s", "", "orders", landed), []string{"bigquery/dead_letters"}, []string{"pubsub/topic:project:orders", "bigquery/dead_letter_fates"}},
		"replay_c": {e.Replay("c", "c.dead-letter", "orders", landed), []string{"pubsub/subscription:project:c.dead-letter"}, []string{"pubsub/topic:project:orders", "bigquery/dead_letter_fates"}},
		"republish_team": {
			republish, []string{"bigquery/fact_orders", "bigquery/file_ledger", "bigquery/order_history", "bigquery/order_keys"},
			[]string{"pubsub/topic:project:orders.republished.team", "pubsub/topic:project:files.republished.team"},
		},
		"read_again": {e.ReadAgain("release", "file-1", 2, "bucket", "quarantine/q", "landing/x"), []string{"gs://bucket/quarantine/q"}, []string{"gs://bucket/landing/x"}},
	} {
		done := test.work.Ended(landed, nil, 7)
		if done.Job.Name != name || done.EventType != Complete {
			t.Errorf("%s of the job %s, want %s", done.EventType, done.Job.Name, name)
		}
		if diff := cmp.Diff([][]string{test.inputs, test.outputs}, [][]string{names(done.Inputs), names(done.Outputs)}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if rows := done.Outputs[0].OutputFacets["outputStatistics"]["rowCount"]; rows != int64(7) {
			t.Errorf("%s gives %v rows to its first output, want 7", name, rows)
		}
	}
	again := e.ReadAgain("release", "file-1", 2, "bucket", "quarantine/q", "landing/x").Started(landed)
	load := e.File(completedFile(pipelinev1.FileKind_FILE_KIND_ORDERS, 2, pipelinev1.Verdict_VERDICT_LOADED), nil)[1]
	parent := load.Run.Facets["parent"]
	if diff := cmp.Diff(map[string]any{"runId": again.Run.ID.String()}, parent["run"]); diff != "" {
		t.Errorf("the load's parent (-want +got):\n%s", diff)
	}
	first := e.File(completedFile(pipelinev1.FileKind_FILE_KIND_ORDERS, 1, pipelinev1.Verdict_VERDICT_LOADED), nil)[1]
	if first.Run.Facets["parent"] != nil {
		t.Errorf("a first load has the parent %v", first.Run.Facets["parent"])
	}
}
