package storagefront

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/storage"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
)

const (
	testProject = "ecomm-test"
	testBucket  = "ecomm-test-bucket"
)

// front is a server under test with a client of each kind of read.
type front struct {
	server *Server
	dir    string
	client *storage.Client // JSON reads
	bucket *storage.BucketHandle
}

// startFront starts a server on dir and makes the test bucket if it is absent. The
// bucket keeps nothing of what is deleted.
func startFront(t testing.TB, dir string, notifier Notifier) *front {
	t.Helper()
	return startFrontAt(t, dir, notifier, time.Now)
}

func startFrontAt(t testing.TB, dir string, notifier Notifier, now func() time.Time) *front {
	t.Helper()
	ctx := t.Context()
	server, err := start(ctx, Config{Dir: dir, Addr: "127.0.0.1:0", Notifier: notifier, Logger: slog.New(slog.DiscardHandler)}, now)
	if err != nil {
		t.Fatalf("start: %v", err)
	}
	f := &front{server: server, dir: dir}
	t.Cleanup(func() { f.stop(t) })
	f.client = f.newClient(t, storage.WithJSONReads())
	f.bucket = f.client.Bucket(testBucket)
	if _, err := f.bucket.Attrs(ctx); errors.Is(err, storage.ErrBucketNotExist) {
		if err := f.bucket.Create(ctx, testProject, &storage.BucketAttrs{SoftDeletePolicy: &storage.SoftDeletePolicy{}}); err != nil {
			t.Fatalf("create the bucket: %v", err)
		}
	} else if err != nil {
		t.Fatalf("look for the bucket: %v", err)
	}
	return f
}

func (f *front) newClient(t testing.TB, opts ...option.ClientOption) *storage.Client {
	t.Helper()
	opts = append(opts, option.WithEndpoint(f.url("/storage/v1/")), option.WithoutAuthentication())
	client, err := storage.NewClient(t.Context(), opts...)
	if err != nil {
		t.Fatalf("new client: %v", err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func (f *front) url(path string) string { return "http://" + f.server.Addr() + path }

// stop closes the server, once.
func (f *front) stop(t testing.TB) {
	t.Helper()
	if f.server == nil {
		return
	}
	if err := f.server.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	f.server = nil
}

// restart stops the server and starts another on the same folder.
func (f *front) restart(t testing.TB, notifier Notifier) *front {
	t.Helper()
	f.stop(t)
	return startFront(t, f.dir, notifier)
}

func write(t testing.TB, o *storage.ObjectHandle, data []byte) *storage.ObjectAttrs {
	t.Helper()
	attrs, err := tryWrite(t.Context(), o, data)
	if err != nil {
		t.Fatalf("write %s: %v", o.ObjectName(), err)
	}
	return attrs
}

func tryWrite(ctx context.Context, o *storage.ObjectHandle, data []byte) (*storage.ObjectAttrs, error) {
	w := o.NewWriter(ctx)
	if _, err := w.Write(data); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return w.Attrs(), nil
}

func read(t testing.TB, o *storage.ObjectHandle) []byte {
	t.Helper()
	r, err := o.NewReader(t.Context())
	if err != nil {
		t.Fatalf("open %s: %v", o.ObjectName(), err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("read %s: %v", o.ObjectName(), err)
	}
	return data
}

func attrsOf(t testing.TB, o *storage.ObjectHandle) *storage.ObjectAttrs {
	t.Helper()
	attrs, err := o.Attrs(t.Context())
	if err != nil {
		t.Fatalf("attrs of %s: %v", o.ObjectName(), err)
	}
	return attrs
}

// names lists a query's objects and prefixes in the order they come.
func names(t testing.TB, b *storage.BucketHandle, q *storage.Query) []string {
	t.Helper()
	var out []string
	for it := b.Objects(t.Context(), q); ; {
		attrs, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return out
		}
		if err != nil {
			t.Fatalf("list: %v", err)
		}
		out = append(out, attrs.Name+attrs.Prefix)
	}
}

// answer is a raw HTTP response.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request without the client, for what the client would not send.
func (f *front) do(t testing.TB, method, path string, header http.Header, body string) answer {
	t.Helper()
	target := path
	if !strings.HasPrefix(path, "http://") {
		target = f.url(path)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(req.Header, header)
	// RoundTrip: a 308 of the upload protocol is no redirect.
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(data)}
}

// code is the HTTP status inside err, 0 for none.
func code(err error) int {
	if api, ok := errors.AsType[*googleapi.Error](err); ok {
		return api.Code
	}
	if errors.Is(err, storage.ErrObjectNotExist) || errors.Is(err, storage.ErrBucketNotExist) {
		return http.StatusNotFound
	}
	return 0
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return b
}

// eventually waits for a condition; background work has no other signal.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("never happened: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// published is one message that a recorder took.
type published struct {
	topic      string
	attributes map[string]string
	data       []byte
}

// recorder is a Notifier that keeps what it is given, and can refuse at first.
type recorder struct {
	mu       sync.Mutex
	failures int // how many publishes to refuse
	refused  int
	messages []published
}

func (r *recorder) Publish(_ context.Context, topic string, attributes map[string]string, data []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refused < r.failures {
		r.refused++
		return fmt.Errorf("refusal %d of %d", r.refused, r.failures)
	}
	r.messages = append(r.messages, published{topic, attributes, bytes.Clone(data)})
	return nil
}

func (r *recorder) take() []published {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.messages[:len(r.messages):len(r.messages)]
}

// await returns the messages once there are n.
func (r *recorder) await(t testing.TB, n int) []published {
	t.Helper()
	eventually(t, fmt.Sprintf("%d notifications", n), func() bool { return len(r.take()) >= n })
	return r.take()
}

// pickyRecorder refuses one topic for good.
type pickyRecorder struct {
	recorder
	refuse string
}

func (r *pickyRecorder) Publish(ctx context.Context, topic string, attributes map[string]string, data []byte) error {
	if topic == r.refuse {
		return errors.New("refused")
	}
	return r.recorder.Publish(ctx, topic, attributes, data)
}
