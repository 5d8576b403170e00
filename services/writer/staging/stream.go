package staging

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"cloud.google.com/go/bigquery/storage/managedwriter"
	"cloud.google.com/go/bigquery/storage/managedwriter/adapt"
	"golang.org/x/sync/singleflight"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
)

// renewAfter is how many appends in a row may fail before the stream is opened
// anew: streams have been reported stuck in DeadlineExceeded until a restart
// (googleapis/google-cloud-go#12087).
const renewAfter = 3

// stream appends to a table's default stream, which is at least once and
// visible at once. Safe for concurrent use.
type stream struct {
	client     *managedwriter.Client
	table      string // full resource name
	descriptor *descriptorpb.DescriptorProto
	// base outlives a signal: the library keeps the context a stream was opened with.
	base context.Context

	opening  singleflight.Group
	mu       sync.Mutex
	open     *managedwriter.ManagedStream
	failures int
	closed   bool
}

var errClosed = errors.New("the writer has ended")

func newStream(base context.Context, client *managedwriter.Client, table string, row proto.Message) (*stream, error) {
	descriptor, err := adapt.NormalizeDescriptor(row.ProtoReflect().Descriptor())
	if err != nil {
		return nil, fmt.Errorf("describe the rows of %s: %w", table, err)
	}
	return &stream{client: client, table: table, descriptor: descriptor, base: base}, nil
}

// append sends rows in one request and returns when they are durable. If some
// rows are refused, none is appended, and the error is a *rowErrors.
func (s *stream) append(ctx context.Context, rows [][]byte) error {
	managed, err := s.get(ctx)
	if err != nil {
		return err
	}
	err = s.send(ctx, managed, rows)
	s.settle(managed, err)
	return err
}

func (s *stream) send(ctx context.Context, managed *managedwriter.ManagedStream, rows [][]byte) error {
	pending, err := managed.AppendRows(ctx, rows)
	if err != nil {
		return fmt.Errorf("append %s to %s: %w", plural.Of(len(rows), "row"), s.table, err)
	}
	response, err := pending.FullResponse(ctx)
	if refused := response.GetRowErrors(); len(refused) > 0 {
		return &rowErrors{refused}
	}
	if err != nil {
		return fmt.Errorf("append %s to %s: %w", plural.Of(len(rows), "row"), s.table, err)
	}
	return nil
}

// get gives the open stream, or opens it. To open one may take the library minutes when
// BigQuery does not answer; whose ctx ends waits no longer, and the next finds it open.
func (s *stream) get(ctx context.Context) (*managedwriter.ManagedStream, error) {
	if managed, err := s.current(); managed != nil || err != nil {
		return managed, err
	}
	opened := s.opening.DoChan("", func() (any, error) { return s.renew() })
	select {
	case result := <-opened:
		managed, _ := result.Val.(*managedwriter.ManagedStream)
		return managed, result.Err
	case <-ctx.Done():
		return nil, fmt.Errorf("open the stream of %s: %w", s.table, ctx.Err())
	}
}

func (s *stream) current() (*managedwriter.ManagedStream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errClosed
	}
	return s.open, nil
}

func (s *stream) renew() (*managedwriter.ManagedStream, error) {
	if managed, err := s.current(); managed != nil || err != nil {
		return managed, err
	}
	managed, err := s.client.NewManagedStream(s.base,
		managedwriter.WithDestinationTable(s.table),
		managedwriter.WithType(managedwriter.DefaultStream),
		managedwriter.WithSchemaDescriptor(s.descriptor),
		managedwriter.EnableWriteRetries(true),
	)
	if err != nil {
		return nil, fmt.Errorf("open the stream of %s: %w", s.table, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errors.Join(errClosed, managed.Close())
	}
	s.open, s.failures = managed, 0
	return managed, nil
}

// settle counts failures in a row and drops a stream that only fails, or whose answer did
// not come in time: it may be waiting by itself, for up to half a minute after an outage is
// over, before it connects again, and all that is appended waits with it.
func (s *stream) settle(managed *managedwriter.ManagedStream, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var refused *rowErrors
	if err == nil || errors.As(err, &refused) {
		s.failures = 0
		return
	}
	s.failures++
	if late := errors.Is(err, context.DeadlineExceeded); (late || s.failures >= renewAfter) && s.open == managed {
		_ = managed.Close()
		s.open = nil
	}
}

func (s *stream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.open != nil {
		_ = s.open.Close()
		s.open = nil
	}
}

// rowErrors says which rows of a request BigQuery refused.
type rowErrors struct{ rows []*storagepb.RowError }

func (e *rowErrors) Error() string {
	first := e.rows[0]
	return fmt.Sprintf("%s refused, the first at %d: %s: %s", plural.Of(len(e.rows), "row"), first.GetIndex(), first.GetCode(), first.GetMessage())
}
