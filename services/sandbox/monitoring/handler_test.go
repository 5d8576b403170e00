package monitoring_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/googleapi"
	api "google.golang.org/api/monitoring/v3"
	"google.golang.org/api/option"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/embedded"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/monitoring"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront"
)

const (
	waiting = "pubsub.googleapis.com/subscription/num_undelivered_messages"
	age     = "pubsub.googleapis.com/subscription/oldest_unacked_message_age"
	acked   = "pubsub.googleapis.com/subscription/ack_message_count"
)

func filter(metric string) string {
	return `metric.type = "` + metric + `" AND resource.type = "pubsub_subscription"`
}

// list asks as pipelinectl and any other client does.
func list(t *testing.T, client *api.Service, project, filter string) ([]*api.TimeSeries, error) {
	t.Helper()
	now := time.Now()
	resp, err := client.Projects.TimeSeries.List("projects/" + project).Filter(filter).
		IntervalStartTime(now.Add(-time.Minute).Format(time.RFC3339)).IntervalEndTime(now.Format(time.RFC3339)).Context(t.Context()).Do()
	if err != nil {
		return nil, err
	}
	if resp.NextPageToken != "" {
		t.Error("there is a second page")
	}
	return resp.TimeSeries, nil
}

// values are those of the newest points, by subscription.
func values(t *testing.T, all []*api.TimeSeries) map[string]int64 {
	t.Helper()
	found := make(map[string]int64)
	for _, s := range all {
		if len(s.Points) != 1 || s.Points[0].Value.Int64Value == nil || s.ValueType != "INT64" || s.Resource.Type != "pubsub_subscription" {
			t.Fatalf("series %+v", s)
		}
		found[s.Resource.Labels["subscription_id"]] = *s.Points[0].Value.Int64Value
	}
	return found
}

// TestSubscriptionsAreSeen follows messages of the embedded Pub/Sub from their publishing to their
// acknowledgement through Google's client of Cloud Monitoring.
func TestSubscriptionsAreSeen(t *testing.T) {
	t.Parallel()
	cfg := embedded.Start(t).Endpoints()
	client, err := cfg.NewMonitoring(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	messages, err := cfg.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { messages.Close() })
	project := "projects/" + cfg.ProjectID
	if _, err := messages.TopicAdminClient.CreateTopic(t.Context(), &pubsubpb.Topic{Name: project + "/topics/things"}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"reader", "idle"} {
		if _, err := messages.SubscriptionAdminClient.CreateSubscription(t.Context(), &pubsubpb.Subscription{Name: project + "/subscriptions/" + name, Topic: project + "/topics/things"}); err != nil {
			t.Fatal(err)
		}
	}
	see := func(metric string, want map[string]int64) {
		t.Helper()
		all, err := list(t, client, cfg.ProjectID, filter(metric))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, values(t, all)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", metric, diff)
		}
	}
	see(waiting, map[string]int64{"reader": 0, "idle": 0})
	see(age, map[string]int64{"reader": 0, "idle": 0})

	publisher := messages.Publisher("things")
	defer publisher.Stop()
	for range 3 {
		if _, err := publisher.Publish(t.Context(), &pubsub.Message{Data: []byte("x")}).Get(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	see(waiting, map[string]int64{"reader": 3, "idle": 3})
	var ids []string
	for len(ids) < 3 {
		got, err := messages.SubscriptionAdminClient.Pull(t.Context(), &pubsubpb.PullRequest{Subscription: project + "/subscriptions/reader", MaxMessages: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range got.ReceivedMessages {
			ids = append(ids, m.AckId)
		}
	}
	see(waiting, map[string]int64{"reader": 3, "idle": 3}) // out on a lease, and not done with
	if err := messages.SubscriptionAdminClient.Acknowledge(t.Context(), &pubsubpb.AcknowledgeRequest{Subscription: project + "/subscriptions/reader", AckIds: ids}); err != nil {
		t.Fatal(err)
	}
	see(waiting, map[string]int64{"reader": 0, "idle": 3})
	see(acked, map[string]int64{"reader": 3, "idle": 0})
	see(acked, map[string]int64{"reader": 0, "idle": 0}) // since the question before
}

// TestClockAndIntervals: ages and the intervals of counts are by the clock, and a message from its
// future is not younger than nothing.
func TestClockAndIntervals(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)
	backlogs := []pubsubfront.Backlog{
		{Subscription: "projects/p/subscriptions/old", Messages: 2, Oldest: now.Add(-90 * time.Second), Acknowledged: 5},
		{Subscription: "projects/p/subscriptions/ahead", Messages: 1, Oldest: now.Add(time.Hour), Acknowledged: 1},
	}
	client := serve(t, func(context.Context) ([]pubsubfront.Backlog, error) { return backlogs, nil }, func() time.Time { return now })
	all, err := list(t, client, "p", filter(age))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int64{"old": 90, "ahead": 0}, values(t, all)); diff != "" {
		t.Errorf("ages (-want +got):\n%s", diff)
	}
	began := now
	now = now.Add(time.Minute)
	if all, err = list(t, client, "p", filter(acked)); err != nil {
		t.Fatal(err)
	}
	want := &api.TimeInterval{StartTime: began.Format(time.RFC3339Nano), EndTime: now.Format(time.RFC3339Nano)}
	if diff := cmp.Diff(want, all[0].Points[0].Interval); diff != "" || all[0].MetricKind != "DELTA" {
		t.Errorf("a count is %s (-want +got):\n%s", all[0].MetricKind, diff)
	}
}

// TestWhatIsNotServed is refused aloud, with the status and words that Google's client shows.
func TestWhatIsNotServed(t *testing.T) {
	t.Parallel()
	failing := false
	client := serve(t, func(context.Context) ([]pubsubfront.Backlog, error) {
		if failing {
			return nil, errors.New("no disk")
		}
		return nil, nil
	}, time.Now)
	refused := func(err error, code int, want string) {
		t.Helper()
		fault, ok := errors.AsType[*googleapi.Error](err)
		if !ok || fault.Code != code || !strings.Contains(fault.Message, want) {
			t.Errorf("%v, want %d and %q", err, code, want)
		}
	}
	_, err := list(t, client, "another", filter(waiting))
	refused(err, 400, "does not serve GET /v3/projects/another/timeSeries")
	for _, wrong := range []string{
		"", `metric.type = "` + waiting + `"`, filter("pubsub.googleapis.com/topic/byte_cost"), filter(waiting) + ` AND resource.labels.subscription_id = "a"`,
		strings.Replace(filter(waiting), "AND", "OR", 1),
	} {
		_, err = list(t, client, "p", wrong)
		refused(err, 400, "knows no such filter: "+wrong)
	}
	_, err = client.Projects.TimeSeries.List("projects/p").Filter(filter(waiting)).Context(t.Context()).Do()
	refused(err, 400, "interval.endTime")
	_, err = client.Projects.MetricDescriptors.List("projects/p").Context(t.Context()).Do()
	refused(err, 400, "does not serve GET /v3/projects/p/metricDescriptors")
	_, err = client.Projects.TimeSeries.Create("projects/p", &api.CreateTimeSeriesRequest{}).Context(t.Context()).Do()
	refused(err, 400, "does not serve POST /v3/projects/p/timeSeries")
	_, err = client.Projects.AlertPolicies.List("projects/p").Context(t.Context()).Do()
	refused(err, 400, "does not serve GET /v3/projects/p/alertPolicies")
	failing = true
	_, err = list(t, client, "p", filter(waiting))
	refused(err, 503, "currently unavailable")
}

// serve runs the handler by itself, with Google's client of it.
func serve(t *testing.T, backlogs func(context.Context) ([]pubsubfront.Backlog, error), now func() time.Time) *api.Service {
	t.Helper()
	server := httptest.NewServer(monitoring.NewHandler("p", backlogs, now, slog.New(slog.NewTextHandler(io.Discard, nil))))
	t.Cleanup(server.Close)
	client, err := api.NewService(t.Context(), option.WithEndpoint(server.URL+"/"), option.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	return client
}
