package consume

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/proto"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// lineageEvent is what the test looks at in a run event.
type lineageEvent struct {
	EventType string `json:"eventType"`
	Run       struct {
		ID     string                    `json:"runId"`
		Facets map[string]map[string]any `json:"facets"`
	} `json:"run"`
	Job struct {
		Name string `json:"name"`
	} `json:"job"`
	Outputs []struct {
		Name         string `json:"name"`
		OutputFacets struct {
			Statistics struct {
				Rows int64 `json:"rowCount"`
			} `json:"outputStatistics"`
		} `json:"outputFacets"`
	} `json:"outputs"`
	Inputs []struct {
		Name        string `json:"name"`
		InputFacets struct {
			Assertions struct {
				Assertions []struct {
					Assertion string `json:"assertion"`
					Success   bool   `json:"success"`
					Actual    string `json:"actual"`
				} `json:"assertions"`
			} `json:"dataQualityAssertions"`
		} `json:"inputFacets"`
	} `json:"inputs"`
}

// TestLineage has a catalog of data be told of a loaded and of a quarantined file, by the path that
// Marquez and OpenLineage's own clients use. It is away at first.
func TestLineage(t *testing.T) {
	t.Parallel()
	events := make(chan lineageEvent, 100)
	away := make(chan struct{}, 1)
	away <- struct{}{}
	catalog := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-away:
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		default:
		}
		var event lineageEvent
		if err := json.NewDecoder(r.Body).Decode(&event); err != nil || r.Method != http.MethodPost || r.URL.Path != "/api/v1/lineage" {
			t.Errorf("%s %s: %v", r.Method, r.URL, err)
		}
		events <- event
		w.WriteHeader(http.StatusCreated)
	}))
	t.Cleanup(catalog.Close)
	config := harness.NewConfig(t.TempDir(), "all")
	config.Variables["OPENLINEAGE_URL"] = catalog.URL
	config.Variables["OPENLINEAGE_INTERVAL"] = "100ms"
	p := harness.StartWith(t, config)
	good := harness.Order("o-1", 1, "P-1", "C-1", "10.00") + harness.Order("o-2", 1, "P-1", "C-1", "11.00") + harness.Order("o-3", 1, "P-1", "C-1", "12.00")
	p.Land(t, "orders/good.json", []byte(good+strings.Replace(harness.Order("o-4", 1, "P-1", "C-1", "1.00"), `"quantity":1`, `"quantity":-1`, 1)))
	p.Land(t, "orders/bad.json", []byte("{\n{\n{\n"))
	p.AwaitFiles(t, 2)
	ended := make(map[string]lineageEvent)
	runs := make(map[string]string)
	harness.Await(t, "both runs are told", func() (bool, error) {
		for len(ended) < 2 {
			select {
			case event := <-events:
				if event.Job.Name != "load_orders" || len(event.Inputs) == 0 {
					t.Errorf("told of %+v", event)
					continue
				}
				if event.EventType == "START" {
					runs[event.Run.ID] = event.Inputs[0].Name
				} else {
					ended[event.Inputs[0].Name] = event
				}
			default:
				return false, nil
			}
		}
		return true, nil
	})
	for name, want := range map[string]string{"landing/orders/good.json": "COMPLETE", "landing/orders/bad.json": "FAIL"} {
		event := ended[name]
		if event.EventType != want || runs[event.Run.ID] != name {
			t.Errorf("%s: %s of a run that began with %q, want %s", name, event.EventType, runs[event.Run.ID], want)
		}
	}
	if ended["landing/orders/bad.json"].Run.Facets["errorMessage"] == nil {
		t.Error("the quarantined file has no reason")
	}
	broken := make(map[string]string)
	for _, a := range ended["landing/orders/good.json"].Inputs[0].InputFacets.Assertions.Assertions {
		if !a.Success {
			broken[a.Assertion] = a.Actual
		}
	}
	if broken["invalid_quantity"] != "1" {
		t.Errorf("rules that were broken: %v", broken)
	}
}

// TestLineageTopic has a topic be told of everything that is a run: a load, the same file read again, reports,
// dead letters that are replayed, and orders that are republished.
func TestLineageTopic(t *testing.T) {
	t.Parallel()
	const topic = "lineage"
	config := harness.NewConfig(t.TempDir(), "all")
	config.Variables["OPENLINEAGE_TOPIC"] = topic
	config.Variables["OPENLINEAGE_INTERVAL"] = "100ms"
	p := harness.StartWith(t, config)
	client, err := p.Endpoints.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	if _, err := client.TopicAdminClient.CreateTopic(t.Context(), &pubsubpb.Topic{Name: "projects/" + p.Endpoints.ProjectID + "/topics/" + topic}); err != nil {
		t.Fatal(err)
	}
	subscribe(t, p, topic, "catalog", "")
	events := make(chan lineageEvent, 100)
	ctx, cancel := context.WithCancel(t.Context())
	received := make(chan error, 1)
	go func() {
		received <- client.Subscriber("catalog").Receive(ctx, func(_ context.Context, m *pubsub.Message) {
			var event lineageEvent
			if err := json.Unmarshal(m.Data, &event); err != nil {
				t.Error(err)
			}
			events <- event
			m.Ack()
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-received; err != nil {
			t.Error(err)
		}
	})
	started, ended := make(map[string]bool), make(map[string]lineageEvent) // by run, and by job and revision
	awaitJobs := func(jobs ...string) {
		t.Helper()
		harness.Await(t, strings.Join(jobs, ", "), func() (bool, error) {
			for {
				select {
				case event := <-events:
					if event.EventType == "START" {
						started[event.Run.ID] = true
						continue
					}
					ended[event.Job.Name+revisionOf(event)] = event
				default:
					return !slices.ContainsFunc(jobs, func(job string) bool { return ended[job].EventType == "" || !started[ended[job].Run.ID] }), nil
				}
			}
		})
		for _, job := range jobs {
			if e := ended[job]; e.EventType != "COMPLETE" || len(e.Inputs) == 0 || len(e.Outputs) == 0 {
				t.Errorf("%s: %+v", job, e)
			}
		}
	}
	pipelinectl := func(args ...string) {
		t.Helper()
		if out, err := p.Pipelinectl(t, append([]string{"--openlineage-topic", topic}, args...)...); err != nil {
			t.Fatalf("%q: %v\n%s", args, err, out)
		}
	}

	p.Land(t, "orders/good.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "10.00")+harness.Order("o-2", 1, "P-1", "C-1", "11.00")))
	p.AwaitFiles(t, 1)
	awaitJobs("load_orders 1")

	id := p.MustQuery(t, "SELECT file_id FROM file_ledger")[0][0].(string)
	p.BringBack(t, 1, "--openlineage-topic", topic, "files", "reprocess", id)
	awaitJobs("load_orders 2", "read_again 2")
	parent, _ := ended["load_orders 2"].Run.Facets["parent"]["run"].(map[string]any)
	if again := ended["read_again 2"]; parent["runId"] != again.Run.ID || !strings.HasPrefix(again.Inputs[0].Name, topology.Archive) || again.Outputs[0].Name != ended["load_orders 2"].Inputs[0].Name {
		t.Errorf("the second load's parent is %v, and the file was brought back by %+v", parent, again)
	}

	now := time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC)
	runner := p.Daily(t, func() time.Time { return now }, func(c *daily.Config) { c.Settings.Topic = topic })
	if err := runner.Make(t.Context(), civil.DateOf(now.AddDate(0, 0, -1)), nil); err != nil {
		t.Fatal(err)
	}
	awaitJobs("report_churn_risk", "report_cohorts", "report_inventory_alerts", "report_revenue_trends", "report_forecast", "report_profile", "report_data_quality")

	pipelinectl("republish", "--subscription", "late", "--from", "2020-01-01", "--to", "2030-12-31")
	awaitJobs("republish_late")
	if out := ended["republish_late"].Outputs; out[0].Name != "topic:"+p.Endpoints.ProjectID+":orders-validated.republished.late" || out[0].OutputFacets.Statistics.Rows != 2 || out[1].OutputFacets.Statistics.Rows != 1 {
		t.Errorf("republished to %+v", out)
	}

	stray, err := proto.Marshal(&ordersv1.Order{OrderId: "of-nobody"})
	if err != nil {
		t.Fatal(err)
	}
	publisher := client.Publisher(topology.TopicOrdersValidated)
	defer publisher.Stop()
	if _, err := publisher.Publish(t.Context(), &pubsub.Message{Data: stray}).Get(t.Context()); err != nil {
		t.Fatal(err)
	}
	writer := topology.Subscription(topology.TopicOrdersValidated, topology.Writer)
	harness.Await(t, "a dead letter", func() (bool, error) {
		rows, err := p.Query(t, "SELECT COUNT(*) FROM v_dead_letters WHERE subscription = '"+writer+"'")
		return err == nil && rows[0][0] == int64(1), err
	})
	pipelinectl("dlq", "replay", "--dry-run", writer)
	pipelinectl("dlq", "replay", writer)
	awaitJobs("replay_" + writer)
	if out := ended["replay_"+writer].Outputs[0]; out.Name != "topic:"+p.Endpoints.ProjectID+":"+topology.TopicOrdersValidated || out.OutputFacets.Statistics.Rows != 1 {
		t.Errorf("replayed to %+v", out)
	}
}

// revisionOf is " 2" where a run says that it is of a file's second revision.
func revisionOf(e lineageEvent) string {
	tags, _ := e.Run.Facets["tags"]["tags"].([]any)
	for _, tag := range tags {
		if fields, ok := tag.(map[string]any); ok && fields["key"] == "revision" {
			return " " + fields["value"].(string)
		}
	}
	return ""
}
