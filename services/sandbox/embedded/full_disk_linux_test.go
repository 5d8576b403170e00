package embedded

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/bigquery/storage/managedwriter"
	"cloud.google.com/go/bigquery/storage/managedwriter/adapt"
	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
	"github.com/googleapis/gax-go/v2"
	"golang.org/x/sys/unix"
	bq "google.golang.org/api/bigquery/v2"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
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

// serveUntilClosed serves a cloud until its standard input ends.
func serveUntilClosed(t *testing.T, dir string) {
	signal.Ignore(unix.SIGXFSZ) // a full disk sends no signal
	const anyPort = "127.0.0.1:0"
	server, err := Start(t.Context(), Config{Dir: dir, ProjectID: "p", Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		PubSubAddr: anyPort, StorageAddr: anyPort, BigQueryAddr: anyPort, BigQueryStorageAddr: anyPort})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(server.Endpoints()); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		t.Error(err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
}

// disk is a cloud in a process whose files can be kept from growing, what of Google's
// clients the test needs, and what the cloud has acknowledged.
type disk struct {
	process *exec.Cmd
	input   io.Closer
	log     bytes.Buffer

	pubsub   *pubsub.Client
	storage  *storage.Client
	bigquery *bigquery.Client
	rest     *bq.Service
	rows     *managedwriter.ManagedStream

	n    int
	kept map[string][]string // the texts that were acknowledged, by what kept them

	mu       sync.Mutex
	received map[string]bool
	arrived  chan struct{}
}

func startDisk(t *testing.T) *disk {
	t.Helper()
	d := &disk{kept: map[string][]string{}, received: map[string]bool{}, arrived: make(chan struct{}, 1)}
	d.process = exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFullDisk$")
	d.process.Env = append(os.Environ(), cloudDir+"="+t.TempDir())
	d.process.Stderr = &d.log
	input, err := d.process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := d.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.process.Start(); err != nil {
		t.Fatal(err)
	}
	d.input = input
	t.Cleanup(func() {
		if t.Failed() {
			_ = d.process.Wait() // ended by stop or with the test's context
			t.Log(d.log.String())
		}
	})
	var cfg cloud.Config
	if err := json.NewDecoder(output).Decode(&cfg); err != nil {
		t.Fatal(err)
	}
	d.connect(t, cfg)
	return d
}

func (d *disk) connect(t *testing.T, cfg cloud.Config) {
	t.Helper()
	ctx := t.Context()
	var faults [5]error
	d.pubsub, faults[0] = cfg.NewPubSub(ctx)
	d.storage, faults[1] = cfg.NewStorage(ctx)
	d.bigquery, faults[2] = cfg.NewBigQuery(ctx)
	d.rest, faults[3] = bq.NewService(ctx, option.WithEndpoint("http://"+cfg.BigQueryHost+"/bigquery/v2/"), option.WithoutAuthentication())
	writes, fault := cfg.NewWriteAPI(ctx)
	faults[4] = fault
	if err := errors.Join(faults[:]...); err != nil {
		t.Fatal(err)
	}
	_, noTopic := d.pubsub.TopicAdminClient.CreateTopic(ctx, &pubsubpb.Topic{Name: topicName})
	_, noSubscription := d.pubsub.SubscriptionAdminClient.CreateSubscription(ctx, &pubsubpb.Subscription{Name: subscriptionName, Topic: topicName})
	noBucket := d.storage.Bucket("files").Create(ctx, "p", nil)
	noDataset := d.bigquery.Dataset("d").Create(ctx, nil)
	table := &bigquery.TableMetadata{Schema: bigquery.Schema{{Name: "value", Type: bigquery.StringFieldType}}}
	noTable := errors.Join(d.bigquery.Dataset("d").Table("t").Create(ctx, table), d.bigquery.Dataset("d").Table("u").Create(ctx, table))
	if err := errors.Join(noTopic, noSubscription, noBucket, noDataset, noTable); err != nil {
		t.Fatal(err)
	}
	row := new(wrapperspb.StringValue) // a message of one field, value
	schema, err := adapt.NormalizeDescriptor(row.ProtoReflect().Descriptor())
	if err != nil {
		t.Fatal(err)
	}
	d.rows, err = writes.NewManagedStream(ctx, managedwriter.WithDestinationTable(managedwriter.TableParentFromParts("p", "d", "t")),
		managedwriter.WithType(managedwriter.DefaultStream), managedwriter.WithSchemaDescriptor(schema))
	if err != nil {
		t.Fatal(err)
	}
}

// setRoom lets no file of the cloud grow beyond so many bytes.
func (d *disk) setRoom(t *testing.T, size uint64) {
	t.Helper()
	var limit unix.Rlimit
	if err := unix.Prlimit(d.process.Process.Pid, unix.RLIMIT_FSIZE, nil, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = min(size, limit.Max)
	if err := unix.Prlimit(d.process.Process.Pid, unix.RLIMIT_FSIZE, &limit, nil); err != nil {
		t.Fatal(err)
	}
}

// receive takes messages from a stream that outlives every failure, until it is stopped.
func (d *disk) receive(t *testing.T) (end func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- d.pubsub.Subscriber(subscriptionName).Receive(ctx, func(_ context.Context, m *pubsub.Message) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.received[string(m.Data)] = true
			m.Ack()
			select {
			case d.arrived <- struct{}{}:
			default:
			}
		})
	}()
	return func() {
		t.Helper()
		stop()
		if err := <-ended; err != nil {
			t.Errorf("receive: %v", err)
		}
	}
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

// upload makes an object that is larger than one chunk.
func (d *disk) upload(ctx context.Context, name string, chunk int) error {
	w := d.storage.Bucket("files").Object(name).Retryer(storage.WithPolicy(storage.RetryNever)).NewWriter(ctx)
	w.ChunkSize = chunk
	w.ChunkRetryDeadline = time.Second // chunks have a policy of their own
	_, err := w.Write(bytes.Repeat([]byte(name), 300<<10/len(name)))
	return errors.Join(err, w.Close())
}

func (d *disk) query(ctx context.Context, sql string) error {
	legacy := false
	_, err := d.rest.Jobs.Query("p", &bq.QueryRequest{Query: sql, UseLegacySql: &legacy}).Context(ctx).Do()
	return err
}

func (d *disk) text(name string) string {
	d.n++
	return fmt.Sprintf("%c-%d", name[0], d.n)
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

func (d *disk) objects(t *testing.T) (names []string) {
	t.Helper()
	for it := d.storage.Bucket("files").Objects(t.Context(), nil); ; {
		o, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, o.Name)
		body, err := d.storage.Bucket("files").Object(o.Name).NewReader(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, body); n != o.Size || err != nil { // the client compares the checksum
			t.Errorf("object %s: %d bytes of %d, %v", o.Name, n, o.Size, err)
		}
	}
}

func (d *disk) values(t *testing.T, sql string) (values []string) {
	t.Helper()
	it, err := d.bigquery.Query(sql).Read(t.Context())
	for err == nil {
		var row []bigquery.Value
		if err = it.Next(&row); err == nil {
			values = append(values, fmt.Sprint(row[0]))
		}
	}
	if !errors.Is(err, iterator.Done) {
		t.Fatal(err)
	}
	return values
}

// stop ends the cloud as a person does.
func (d *disk) stop(t *testing.T) {
	t.Helper()
	if err := d.input.Close(); err != nil {
		t.Error(err)
	}
	if err := d.process.Wait(); err != nil {
		t.Errorf("the cloud's end: %v", err)
	}
}
