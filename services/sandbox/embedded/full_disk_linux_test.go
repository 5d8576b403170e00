package embedded

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"os"
	"slices"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/google/go-cmp/cmp"
	"github.com/googleapis/gax-go/v2"
	"golang.org/x/sys/unix"
	bq "google.golang.org/api/bigquery/v2"
	"google.golang.org/api/googleapi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// cloudDir names the folder for a copy of this test that is run as the process of a
// cloud, so that its files, and nobody else's, can be kept from growing.
const cloudDir = "EMBEDDED_FULL_DISK_DIR"

// TestFullDisk: while the disk takes nothing, everything that would be kept is refused
// with what Google's clients try again, and nothing of it happens. Once there is room,
// the same process does it all, and nothing that was acknowledged is missing.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv(cloudDir); dir != "" {
		serveUntilClosed(t, dir)
		return
	}
	d := startDisk(t)
	stop := d.receive(t)
	for range 3 {
		d.write(t)
		d.setRoom(t, 0)
		d.refused(t)
		d.setRoom(t, unix.RLIM_INFINITY)
		d.write(t)
	}
	d.check(t)
	stop()
	d.stop(t)
}

// everything that a client can have kept, with a text that is told apart. Each is tried
// once.
var everything = []struct {
	name string
	keep func(d *disk, ctx context.Context, text string) error
	// refused tells whether an error is the one that clients try again.
	refused func(error) bool
}{
	{"publish", func(d *disk, ctx context.Context, text string) error {
		_, err := d.pubsub.TopicAdminClient.Publish(ctx, &pubsubpb.PublishRequest{Topic: topicName,
			Messages: []*pubsubpb.PubsubMessage{{Data: []byte(text)}}}, once)
		return err
	}, isUnavailable},
	{"upload", func(d *disk, ctx context.Context, text string) error { return d.upload(ctx, text, 0) }, isStatus(http.StatusServiceUnavailable)},
	{"resumable upload", func(d *disk, ctx context.Context, text string) error { return d.upload(ctx, text, 256<<10) }, isStatus(http.StatusServiceUnavailable)},
	{"append", func(d *disk, ctx context.Context, text string) error {
		row, err := proto.Marshal(wrapperspb.String(text))
		if err != nil {
			return err
		}
		result, err := d.rows.AppendRows(ctx, [][]byte{row})
		if err != nil {
			return err
		}
		_, err = result.GetResult(ctx)
		return err
	}, isUnavailable},
	{"statement", func(d *disk, ctx context.Context, text string) error {
		return d.query(ctx, "INSERT INTO d.t (value) VALUES ('"+text+"')")
	}, isReason("jobBackendError")},
	{"transaction", func(d *disk, ctx context.Context, text string) error {
		return d.query(ctx, "BEGIN TRANSACTION; UPDATE d.u SET value = '"+text+"' WHERE TRUE; INSERT INTO d.u (value) VALUES ('"+text+"'); COMMIT TRANSACTION")
	}, isReason("jobBackendError")},
	{"topic", func(d *disk, ctx context.Context, text string) error {
		_, err := d.pubsub.TopicAdminClient.CreateTopic(ctx, &pubsubpb.Topic{Name: topicName + text}, once)
		return err
	}, isUnavailable},
	{"subscription", func(d *disk, ctx context.Context, text string) error {
		_, err := d.pubsub.SubscriptionAdminClient.CreateSubscription(ctx, &pubsubpb.Subscription{Name: subscriptionName + text, Topic: topicName}, once)
		return err
	}, isUnavailable},
	{"table", func(d *disk, ctx context.Context, text string) error {
		_, err := d.rest.Tables.Insert("p", "d", &bq.Table{TableReference: &bq.TableReference{ProjectId: "p", DatasetId: "d", TableId: "t" + text},
			Schema: &bq.TableSchema{Fields: []*bq.TableFieldSchema{{Name: "value", Type: "STRING"}}}}).Context(ctx).Do()
		return err
	}, isStatus(http.StatusServiceUnavailable)},
}

// once is a call that is not tried again.
var once = gax.WithRetry(func() gax.Retryer { return nil })

func isUnavailable(err error) bool { return status.Code(err) == codes.Unavailable }

func isStatus(code int) func(error) bool {
	return func(err error) bool {
		e, ok := errors.AsType[*googleapi.Error](err)
		return ok && e.Code == code
	}
}

func isReason(reason string) func(error) bool {
	return func(err error) bool {
		e, ok := errors.AsType[*googleapi.Error](err)
		return ok && len(e.Errors) > 0 && e.Errors[0].Reason == reason
	}
}

// refused tries everything on a full disk.
func (d *disk) refused(t *testing.T) {
	t.Helper()
	for _, e := range everything {
		if err := e.keep(d, t.Context(), d.text(e.name)); !e.refused(err) {
			t.Errorf("%s on a full disk: %v", e.name, err)
		}
	}
}

// write has everything kept. What is refused is tried again, as clients do.
func (d *disk) write(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, e := range everything {
		text := d.text(e.name)
		err := e.keep(d, ctx, text)
		for err != nil && e.refused(err) && ctx.Err() == nil {
			err = e.keep(d, ctx, text)
		}
		if err != nil {
			t.Fatalf("%s with room on the disk: %v", e.name, err)
		}
		d.kept[e.name] = append(d.kept[e.name], text)
	}
}

// check compares what there is with what was acknowledged.
func (d *disk) check(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !d.hasReceived(d.kept["publish"]) {
		select {
		case <-d.arrived:
		case <-ctx.Done():
			t.Fatalf("of the messages %v only %v were received", d.kept["publish"], slices.Collect(maps.Keys(d.received)))
		}
	}
	same := func(what string, want, got []string) {
		t.Helper()
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-acknowledged +there):\n%s", what, diff)
		}
	}
	same("objects", slices.Concat(d.kept["upload"], d.kept["resumable upload"]), d.objects(t))
	same("rows", slices.Concat(d.kept["append"], d.kept["statement"]), d.values(t, "SELECT value FROM d.t"))
	last := d.kept["transaction"]
	same("rows of transactions", slices.Repeat(last[len(last)-1:], len(last)), d.values(t, "SELECT value FROM d.u"))
	for _, text := range d.kept["topic"] {
		if _, err := d.pubsub.TopicAdminClient.GetTopic(ctx, &pubsubpb.GetTopicRequest{Topic: topicName + text}); err != nil {
			t.Error(err)
		}
	}
	for _, text := range d.kept["subscription"] {
		if _, err := d.pubsub.SubscriptionAdminClient.GetSubscription(ctx, &pubsubpb.GetSubscriptionRequest{Subscription: subscriptionName + text}); err != nil {
			t.Error(err)
		}
	}
	for _, text := range d.kept["table"] {
		if _, err := d.bigquery.Dataset("d").Table("t" + text).Metadata(ctx); err != nil {
			t.Error(err)
		}
	}
}

func (d *disk) hasReceived(texts []string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !slices.ContainsFunc(texts, func(text string) bool { return !d.received[text] })
}
