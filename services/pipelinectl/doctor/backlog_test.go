package doctor

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/monitoring/v3"
	"google.golang.org/api/option"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
)

// series is a page of Cloud Monitoring's answer, in its documented form.
func series(points map[string]string) string {
	var list []string
	for id, value := range points {
		list = append(list, fmt.Sprintf(`{"metric": {"type": "m"}, "resource": {"type": "pubsub_subscription", "labels": {"subscription_id": %q}},
			"metricKind": "GAUGE", "valueType": "INT64", "points": [
				{"interval": {"startTime": "2026-11-25T10:00:00Z", "endTime": "2026-11-25T10:01:00Z"}, "value": {"int64Value": %q}},
				{"interval": {"startTime": "2026-11-25T09:59:00Z", "endTime": "2026-11-25T10:00:00Z"}, "value": {"int64Value": "999999"}}]}`, id, value))
	}
	return `{"timeSeries": [` + strings.Join(list, ",") + `]}`
}

func TestBacklog(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		ages string
		want []Finding
	}{
		"fresh": {
			ages: series(map[string]string{"orders-validated.writer": "12", "somebody.else": "99999"}),
			want: []Finding{{Check: "backlog", Status: OK, Detail: "no message waits longer than 45m0s"}},
		},
		"late": {
			ages: series(map[string]string{"orders-validated.writer": "3000", "files-parsed.aggregator": "1200"}),
			want: []Finding{{
				Check: "backlog", Status: Fail, Detail: "orders-validated.writer: 7 messages waiting, the oldest for 50m0s",
				Remedy: "Look at the readiness and the log of the writer, and whether it is scaled to the load.",
			}},
		},
		"no samples": {
			ages: `{}`, want: []Finding{{Check: "backlog", Status: Skip, Detail: "Cloud Monitoring has no samples of the subscriptions yet"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				if strings.Contains(r.FormValue("filter"), "oldest_unacked_message_age") && r.URL.Path == "/v3/projects/p/timeSeries" {
					fmt.Fprint(w, tt.ages)
					return
				}
				if tt.ages == `{}` {
					fmt.Fprint(w, tt.ages)
					return
				}
				fmt.Fprint(w, series(map[string]string{"orders-validated.writer": "7"}))
			}))
			defer server.Close()
			e := &examiner{cfg: cloud.Config{ProjectID: "p"}, opts: Default()}
			e.opts.Now = func() time.Time { return time.Date(2026, 11, 25, 10, 2, 0, 0, time.UTC) }
			client, err := monitoring.NewService(t.Context(), option.WithEndpoint(server.URL), option.WithoutAuthentication())
			if err != nil {
				t.Fatal(err)
			}
			e.measure(t.Context(), "backlog", client)
			if diff := cmp.Diff(tt.want, e.findings); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	findings := []Finding{{Check: "fence", Status: OK, Detail: "one row"}, {Check: "views", Status: Fail, Detail: "a\n  b", Remedy: "Do this."}}
	var table, list strings.Builder
	if err := WriteTable(&table, findings); err != nil {
		t.Fatal(err)
	}
	const want = "ok    fence  one row\nfail  views  a b\n             -> Do this.\n"
	if diff := cmp.Diff(want, table.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	if err := WriteJSON(&list, findings[:1]); err != nil {
		t.Fatal(err)
	}
	const wantJSON = "[\n  {\n    \"check\": \"fence\",\n    \"status\": \"ok\",\n    \"detail\": \"one row\"\n  }\n]\n"
	if diff := cmp.Diff(wantJSON, list.String()); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}
