package consume

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

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
