package storagefront

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// notify adds a notification config with the defaults of these tests.
func (f *front) notify(t testing.TB, n storage.Notification) *storage.Notification {
	t.Helper()
	n.TopicProjectID, n.TopicID = "ecomm-local", "landing-notifications"
	if n.PayloadFormat == "" {
		n.PayloadFormat = storage.NoPayload
	}
	added, err := f.bucket.AddNotification(t.Context(), &n)
	if err != nil {
		t.Fatal(err)
	}
	return added
}

func TestNotificationConfigs(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	first := f.notify(t, storage.Notification{
		EventTypes: []string{storage.ObjectFinalizeEvent}, ObjectNamePrefix: "landing/", PayloadFormat: storage.JSONPayload,
		CustomAttributes: map[string]string{"stage": "landing"},
	})
	second := f.notify(t, storage.Notification{})
	f = f.restart(t, nil)
	got, err := f.bucket.Notifications(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]*storage.Notification{first.ID: first, second.ID: second}, got); diff != "" {
		t.Errorf("configs (-want +got):\n%s", diff)
	}
	if err := f.bucket.DeleteNotification(t.Context(), second.ID); err != nil {
		t.Fatal(err)
	}
	if err := f.bucket.DeleteNotification(t.Context(), second.ID); code(err) != http.StatusNotFound {
		t.Errorf("second deletion: %v, want 404", err)
	}
	if third := f.notify(t, storage.Notification{}); third.ID == second.ID {
		t.Errorf("id %s was given twice", third.ID)
	}
	path := "/storage/v1/b/" + testBucket + "/notificationConfigs"
	if a := f.do(t, "GET", path+"/"+first.ID, nil, ""); a.status != http.StatusOK || !strings.Contains(a.body, `"stage":"landing"`) {
		t.Errorf("get: %d %s", a.status, a.body)
	}
	for name, body := range map[string]string{
		"no topic":          `{"payload_format":"NONE"}`,
		"a bare topic":      `{"payload_format":"NONE","topic":"projects/p/topics/t"}`,
		"unknown event":     `{"payload_format":"NONE","topic":"//pubsub.googleapis.com/projects/p/topics/t","event_types":["OBJECT_SEEN"]}`,
		"no payload format": `{"topic":"//pubsub.googleapis.com/projects/p/topics/t"}`,
		"wrong type":        `{"topic":7}`,
		"not JSON":          `topic`,
		"many attributes":   `{"payload_format":"NONE","topic":"//pubsub.googleapis.com/projects/p/topics/t","custom_attributes":{"1":"","2":"","3":"","4":"","5":"","6":""}}`,
	} {
		t.Run(name, func(t *testing.T) {
			if a := f.do(t, "POST", path, nil, body); a.status != http.StatusBadRequest {
				t.Errorf("%d %s, want 400", a.status, a.body)
			}
		})
	}
}

// TestEvents does one thing at a time and expects exactly its events.
func TestEvents(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	f := startFront(t, t.TempDir(), rec)
	config := f.notify(t, storage.Notification{PayloadFormat: storage.JSONPayload, CustomAttributes: map[string]string{"custom": "yes"}})
	ctx := t.Context()
	seen := 0
	expect := func(what string, want ...map[string]string) {
		t.Helper()
		got := rec.await(t, seen+len(want))[seen:]
		seen += len(got)
		var attributes []map[string]string
		for _, m := range got {
			if m.topic != "projects/ecomm-local/topics/landing-notifications" {
				t.Errorf("%s: topic %q", what, m.topic)
			}
			if _, err := time.Parse(time.RFC3339Nano, m.attributes["eventTime"]); err != nil {
				t.Errorf("%s: %v", what, err)
			}
			var resource struct {
				Kind, Name, Bucket, Generation, Size string
			}
			if err := json.Unmarshal(m.data, &resource); err != nil {
				t.Errorf("%s: payload: %v", what, err)
			}
			if resource.Kind != "storage#object" || resource.Name != m.attributes["objectId"] || resource.Generation != m.attributes["objectGeneration"] || resource.Size != "4" {
				t.Errorf("%s: payload %s", what, m.data)
			}
			attributes = append(attributes, m.attributes)
		}
		for _, w := range want {
			w["bucketId"], w["payloadFormat"], w["custom"] = testBucket, "JSON_API_V1", "yes"
			w["notificationConfig"] = "projects/_/buckets/" + testBucket + "/notificationConfigs/" + config.ID
		}
		byType := cmpopts.SortSlices(func(a, b map[string]string) bool { return a["eventType"] < b["eventType"] })
		noTime := cmpopts.IgnoreMapEntries(func(k, _ string) bool { return k == "eventTime" })
		if diff := cmp.Diff(want, attributes, byType, noTime); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	event := func(kind, object string, generation int64, more ...string) map[string]string {
		m := map[string]string{"eventType": kind, "objectId": object, "objectGeneration": fmt.Sprint(generation)}
		for i := 0; i+1 < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}

	o := f.bucket.Object("landing/a")
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

	copied, err := f.bucket.Object("staging/a").CopierFrom(o).Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	expect("copy", event("OBJECT_FINALIZE", "staging/a", copied.Generation))

	moved, err := f.bucket.Object("staging/a").Move(ctx, storage.MoveObjectDestination{Object: "archive/a"})
	if err != nil {
		t.Fatal(err)
	}
	expect("move", event("OBJECT_FINALIZE", "archive/a", moved.Generation), event("OBJECT_DELETE", "staging/a", copied.Generation))

	composed, err := f.bucket.Object("composed").ComposerFrom(o).Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	expect("compose", event("OBJECT_FINALIZE", "composed", composed.Generation))

	if err := o.Delete(ctx); err != nil {
		t.Fatal(err)
	}
	expect("delete", event("OBJECT_DELETE", "landing/a", second.Generation))

	// What fails announces nothing.
	if _, err := tryWrite(ctx, f.bucket.Object("composed").If(storage.Conditions{DoesNotExist: true}), []byte("x")); code(err) != http.StatusPreconditionFailed {
		t.Fatal(err)
	}
	last := write(t, f.bucket.Object("last"), []byte("data"))
	expect("after a refusal", event("OBJECT_FINALIZE", "last", last.Generation))
}

func TestEventFilters(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	f := startFront(t, t.TempDir(), rec)
	f.notify(t, storage.Notification{EventTypes: []string{storage.ObjectFinalizeEvent}, ObjectNamePrefix: "landing/"})
	write(t, f.bucket.Object("landing"), nil)
	write(t, f.bucket.Object("archive/landing/x"), nil)
	write(t, f.bucket.Object("landing/x"), nil)
	if err := f.bucket.Object("landing/x").Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	write(t, f.bucket.Object("landing/z"), nil)
	var got []string
	for _, m := range rec.await(t, 2) {
		got = append(got, m.attributes["eventType"]+" "+m.attributes["objectId"])
		if len(m.data) != 0 || m.attributes["payloadFormat"] != "NONE" {
			t.Errorf("payload %q in format %s", m.data, m.attributes["payloadFormat"])
		}
	}
	sorted := cmpopts.SortSlices(strings.Compare)
	if diff := cmp.Diff([]string{"OBJECT_FINALIZE landing/x", "OBJECT_FINALIZE landing/z"}, got, sorted); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestDeliveryIsRetried(t *testing.T) {
	t.Parallel()
	rec := &recorder{failures: 3}
	f := startFront(t, t.TempDir(), rec)
	f.notify(t, storage.Notification{})
	write(t, f.bucket.Object("a"), nil)
	if got := rec.await(t, 1); got[0].attributes["objectId"] != "a" {
		t.Errorf("announced %v", got[0].attributes)
	}
	eventually(t, "the outbox empties", func() bool { return len(f.server.store.unsent()) == 0 })
}

// TestOutboxOutlivesRestart stops with a Notifier that never worked. Uploads
// went on meanwhile, and the next run announces them all, once.
func TestOutboxOutlivesRestart(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), &recorder{failures: 1 << 30})
	f.notify(t, storage.Notification{PayloadFormat: storage.JSONPayload})
	want := map[string]bool{}
	for i := range 50 {
		attrs := write(t, f.bucket.Object(fmt.Sprintf("landing/%d", i)), []byte("data"))
		want[fmt.Sprintf("%s %d", attrs.Name, attrs.Generation)] = true
	}
	if err := f.bucket.Object("landing/0").Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	rec := &recorder{}
	f = f.restart(t, rec)
	got := map[string]bool{}
	deletions := 0
	for _, m := range rec.await(t, 51) {
		if m.attributes["eventType"] == eventDelete {
			deletions++
			continue
		}
		got[m.attributes["objectId"]+" "+m.attributes["objectGeneration"]] = true
	}
	if diff := cmp.Diff(want, got); diff != "" || deletions != 1 {
		t.Errorf("%d deletions and finalized (-want +got):\n%s", deletions, diff)
	}
	eventually(t, "the outbox empties", func() bool { return len(f.server.store.unsent()) == 0 })
	again := &recorder{}
	f = f.restart(t, again)
	write(t, f.bucket.Object("marker"), nil)
	if got := again.await(t, 1); got[0].attributes["objectId"] != "marker" {
		t.Errorf("announced again: %v", got[0].attributes)
	}
}

// TestDeletedConfigStopsDelivery drops what waited for a config that is gone.
func TestDeletedConfigStopsDelivery(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), &recorder{failures: 1 << 30})
	config := f.notify(t, storage.Notification{})
	write(t, f.bucket.Object("a"), nil)
	if err := f.bucket.DeleteNotification(t.Context(), config.ID); err != nil {
		t.Fatal(err)
	}
	if left := f.server.store.unsent(); len(left) != 0 {
		t.Errorf("%d events wait for nobody", len(left))
	}
}

// TestStuckTopicHoldsUpNoOther delivers to one topic while another refuses.
func TestStuckTopicHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	rec := &pickyRecorder{refuse: "projects/ecomm-local/topics/stuck"}
	f := startFront(t, t.TempDir(), rec)
	if _, err := f.bucket.AddNotification(t.Context(), &storage.Notification{TopicProjectID: "ecomm-local", TopicID: "stuck", PayloadFormat: storage.NoPayload}); err != nil {
		t.Fatal(err)
	}
	f.notify(t, storage.Notification{})
	for i := range 20 {
		write(t, f.bucket.Object(fmt.Sprint(i)), nil)
	}
	rec.await(t, 20)
}
