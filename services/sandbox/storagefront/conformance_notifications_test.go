package storagefront

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/conformance"
)

// listener is a subscription that gets what a notification config announces.
type listener struct {
	*space
	config *storage.Notification
	sub    string
	seen   map[string]bool
}

// listen adds a notification config for the space's objects; n says the rest.
func (s *space) listen(t *testing.T, n storage.Notification) *listener {
	t.Helper()
	id := conformance.Name("conformance")
	topic := "projects/" + s.target.Project + "/topics/" + id
	l := &listener{space: s, sub: "projects/" + s.target.Project + "/subscriptions/" + id, seen: map[string]bool{}}
	topics, subs := s.pubsub.TopicAdminClient, s.pubsub.SubscriptionAdminClient
	if _, err := topics.CreateTopic(t.Context(), &pubsubpb.Topic{Name: topic}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := topics.DeleteTopic(context.WithoutCancel(t.Context()), &pubsubpb.DeleteTopicRequest{Topic: topic}); err != nil {
			t.Error(err)
		}
	})
	if _, err := subs.CreateSubscription(t.Context(), &pubsubpb.Subscription{Name: l.sub, Topic: topic}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := subs.DeleteSubscription(context.WithoutCancel(t.Context()), &pubsubpb.DeleteSubscriptionRequest{Subscription: l.sub}); err != nil {
			t.Error(err)
		}
	})
	n.TopicProjectID, n.TopicID = s.target.Project, id
	n.ObjectNamePrefix = s.prefix + n.ObjectNamePrefix
	var err error
	if l.config, err = s.bucket.AddNotification(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.bucket.DeleteNotification(context.WithoutCancel(t.Context()), l.config.ID); err != nil {
			t.Error(err)
		}
	})
	return l
}

// await returns the next n events, each once.
func (l *listener) await(t *testing.T, n int) (events []*pubsubpb.PubsubMessage) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), l.target.Patience)
	defer cancel()
	subs := l.pubsub.SubscriptionAdminClient
	for len(events) < n {
		resp, err := subs.Pull(ctx, &pubsubpb.PullRequest{Subscription: l.sub, MaxMessages: 10})
		if err != nil || ctx.Err() != nil {
			t.Fatalf("%d of %d events came: %v", len(events), n, err)
		}
		for _, m := range resp.ReceivedMessages {
			if err := subs.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{Subscription: l.sub, AckIds: []string{m.AckId}}); err != nil {
				t.Fatal(err)
			}
			if !l.seen[m.Message.MessageId] {
				l.seen[m.Message.MessageId] = true
				events = append(events, m.Message)
			}
		}
	}
	return events
}

func testNotificationConfigs(t *testing.T, f *space) {
	full := f.listen(t, storage.Notification{EventTypes: []string{storage.ObjectFinalizeEvent}, ObjectNamePrefix: "landing/",
		PayloadFormat: storage.JSONPayload, CustomAttributes: map[string]string{"stage": "landing"}}).config
	plain := f.listen(t, storage.Notification{PayloadFormat: storage.NoPayload}).config
	all, err := f.bucket.Notifications(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]*storage.Notification{full.ID: full, plain.ID: plain}
	got := map[string]*storage.Notification{full.ID: all[full.ID], plain.ID: all[plain.ID]} // other cases have their own
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("configs (-want +got):\n%s", diff)
	}
	topic := &storage.Notification{TopicProjectID: full.TopicProjectID, TopicID: full.TopicID, PayloadFormat: storage.NoPayload}
	third, err := f.bucket.AddNotification(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.bucket.DeleteNotification(t.Context(), third.ID); err != nil {
		t.Fatal(err)
	}
	if err := f.bucket.DeleteNotification(t.Context(), third.ID); code(err) != http.StatusNotFound {
		t.Errorf("second deletion: %v, want 404", err)
	}
	topic.EventTypes = []string{"OBJECT_SEEN"}
	if _, err := f.bucket.AddNotification(t.Context(), topic); code(err) != http.StatusBadRequest {
		t.Errorf("unknown event type: %v, want 400", err)
	}
}

// testEvents does one thing at a time and expects exactly its events.
func testEvents(t *testing.T, f *space) {
	l := f.listen(t, storage.Notification{PayloadFormat: storage.JSONPayload, CustomAttributes: map[string]string{"custom": "yes"}})
	ctx := t.Context()
	bucket := f.bucket.BucketName()
	expect := func(what string, want ...map[string]string) {
		t.Helper()
		var attributes []map[string]string
		for _, m := range l.await(t, len(want)) {
			if _, err := time.Parse(time.RFC3339Nano, m.Attributes["eventTime"]); err != nil {
				t.Errorf("%s: %v", what, err)
			}
			var resource struct {
				Kind, Name, Bucket, Generation, Size string
			}
			if err := json.Unmarshal(m.Data, &resource); err != nil {
				t.Errorf("%s: payload: %v", what, err)
			}
			if resource.Kind != "storage#object" || resource.Bucket != bucket || resource.Name != m.Attributes["objectId"] ||
				resource.Generation != m.Attributes["objectGeneration"] || resource.Size != "4" {
				t.Errorf("%s: payload %s", what, m.Data)
			}
			attributes = append(attributes, m.Attributes)
		}
		for _, w := range want {
			w["bucketId"], w["payloadFormat"], w["custom"] = bucket, "JSON_API_V1", "yes"
			w["notificationConfig"] = "projects/_/buckets/" + bucket + "/notificationConfigs/" + l.config.ID
		}
		byType := cmpopts.SortSlices(func(a, b map[string]string) bool { return a["eventType"] < b["eventType"] })
		noTime := cmpopts.IgnoreMapEntries(func(k, _ string) bool { return k == "eventTime" })
		if diff := cmp.Diff(want, attributes, byType, noTime); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	event := func(kind, object string, generation int64, more ...string) map[string]string {
		m := map[string]string{"eventType": kind, "objectId": f.prefix + object, "objectGeneration": fmt.Sprint(generation)}
		for i := 0; i+1 < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}

	o := f.object("landing/a")
	first := write(t, o, []byte("data"))
	expect("create", event("OBJECT_FINALIZE", "landing/a", first.Generation))

	second := write(t, o, []byte("more"))
	expect("overwrite",
		event("OBJECT_FINALIZE", "landing/a", second.Generation, "overwroteGeneration", fmt.Sprint(first.Generation)),
		event("OBJECT_DELETE", "landing/a", first.Generation, "overwrittenByGeneration", fmt.Sprint(second.Generation)))

	if _, err := o.Update(ctx, storage.ObjectAttrsToUpdate{ContentType: "text/plain"}); err != nil {
		t.Fatal(err)
	}
	expect("update", event("OBJECT_METADATA_UPDATE", "landing/a", second.Generation))

	copied, err := f.object("staging/a").CopierFrom(o).Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	expect("copy", event("OBJECT_FINALIZE", "staging/a", copied.Generation))

	moved, err := f.object("staging/a").Move(ctx, storage.MoveObjectDestination{Object: f.prefix + "archive/a"})
	if err != nil {
		t.Fatal(err)
	}
	expect("move", event("OBJECT_FINALIZE", "archive/a", moved.Generation), event("OBJECT_DELETE", "staging/a", copied.Generation))

	composed, err := f.object("composed").ComposerFrom(o).Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	expect("compose", event("OBJECT_FINALIZE", "composed", composed.Generation))

	if err := o.Delete(ctx); err != nil {
		t.Fatal(err)
	}
	expect("delete", event("OBJECT_DELETE", "landing/a", second.Generation))

	// What fails announces nothing.
	if _, err := tryWrite(ctx, f.object("composed").If(storage.Conditions{DoesNotExist: true}), []byte("x")); code(err) != http.StatusPreconditionFailed {
		t.Fatal(err)
	}
	last := write(t, f.object("last"), []byte("data"))
	expect("after a refusal", event("OBJECT_FINALIZE", "last", last.Generation))
}

func testEventFilters(t *testing.T, f *space) {
	l := f.listen(t, storage.Notification{EventTypes: []string{storage.ObjectFinalizeEvent}, ObjectNamePrefix: "landing/", PayloadFormat: storage.NoPayload})
	write(t, f.object("landing"), nil)
	write(t, f.object("archive/landing/x"), nil)
	write(t, f.object("landing/x"), nil)
	if err := f.object("landing/x").Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	write(t, f.object("landing/z"), nil)
	var got []string
	for _, m := range l.await(t, 2) {
		got = append(got, m.Attributes["eventType"]+" "+strings.TrimPrefix(m.Attributes["objectId"], f.prefix))
		if len(m.Data) != 0 || m.Attributes["payloadFormat"] != "NONE" {
			t.Errorf("payload %q in format %s", m.Data, m.Attributes["payloadFormat"])
		}
	}
	sorted := cmpopts.SortSlices(strings.Compare)
	if diff := cmp.Diff([]string{"OBJECT_FINALIZE landing/x", "OBJECT_FINALIZE landing/z"}, got, sorted); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}
