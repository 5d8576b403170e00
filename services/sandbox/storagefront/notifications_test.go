package storagefront

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
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

func TestDeliveryIsRetried(t *testing.T) {
	t.Parallel()
	rec := &recorder{failures: 3}
	f := startFront(t, t.TempDir(), rec)
	f.notify(t, storage.Notification{})
	write(t, f.bucket.Object("a"), nil)
	if got := rec.await(t, 1); got[0].attributes["objectId"] != "a" {
		t.Errorf("announced %v", got[0].attributes)
	}
	eventually(t, "the outbox empties", func() bool { return f.server.store.Undelivered() == 0 })
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
		if m.attributes["eventType"] == storage.ObjectDeleteEvent {
			deletions++
			continue
		}
		got[m.attributes["objectId"]+" "+m.attributes["objectGeneration"]] = true
	}
	if diff := cmp.Diff(want, got); diff != "" || deletions != 1 {
		t.Errorf("%d deletions and finalized (-want +got):\n%s", deletions, diff)
	}
	eventually(t, "the outbox empties", func() bool { return f.server.store.Undelivered() == 0 })
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
	if left := f.server.store.Undelivered(); left != 0 {
		t.Errorf("%d events wait for nobody", left)
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
