package embedded

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/bigquery/storage/managedwriter"
	"cloud.google.com/go/bigquery/storage/managedwriter/adapt"
	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/storage"
	"golang.org/x/sys/unix"
	bq "google.golang.org/api/bigquery/v2"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
)

// serveUntilClosed serves a cloud until its standard input ends.
func serveUntilClosed(t *testing.T, dir string) {
	signal.Ignore(unix.SIGXFSZ) // a full disk sends no signal
	const anyPort = "127.0.0.1:0"
	server, err := Open(t.Context(), Config{Dir: dir, ProjectID: "p", Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
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
