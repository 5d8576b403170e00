// Package storagewrite serves the Storage Write API's default streams: rows
// arrive as serialized messages with their descriptor, are decoded into DuckDB's
// vectors by a plan compiled once per descriptor, and are answered when they
// are committed. Requests that wait for the same table are committed together.
//
// Only default streams exist. Streams with offsets, buffered and pending ones,
// Arrow rows, change data capture and default values are refused by name.
package storagewrite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	bq "google.golang.org/api/bigquery/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/catalog"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
)

// Server implements the write API.
type Server struct {
	storagepb.UnimplementedBigQueryWriteServer

	db     *engine.DB
	cat    *catalog.Catalog
	logger *slog.Logger

	mu      sync.Mutex
	tables  map[dialect.TableRef]*table
	closed  bool
	workers sync.WaitGroup
}

// NewServer returns a server over the database.
func NewServer(db *engine.DB, cat *catalog.Catalog, logger *slog.Logger) *Server {
	return &Server{db: db, cat: cat, logger: logger, tables: map[dialect.TableRef]*table{}}
}

// Close waits for the appends in hand. No stream may be open any more.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	for _, t := range s.tables {
		close(t.queue)
	}
	s.mu.Unlock()
	s.workers.Wait()
}

// Release gives back the connections to the database that are kept between appends.
func (s *Server) Release() {
	s.mu.Lock()
	tables := slices.Collect(maps.Values(s.tables))
	s.mu.Unlock()
	for _, t := range tables {
		t.release()
	}
}

// streamName takes projects/P/datasets/D/tables/T/streams/_default apart; the
// older form without "streams" is taken too.
func (s *Server) streamName(name string) (dialect.TableRef, error) {
	parts := strings.Split(name, "/")
	shape := len(parts) == 8 && parts[6] == "streams" || len(parts) == 7
	if !shape || parts[0] != "projects" || parts[2] != "datasets" || parts[4] != "tables" {
		return dialect.TableRef{}, status.Errorf(codes.InvalidArgument, "Invalid stream name: %q", name)
	}
	if parts[1] != s.cat.Project() {
		return dialect.TableRef{}, status.Errorf(codes.NotFound, "Project %s was not found", parts[1])
	}
	if parts[len(parts)-1] != "_default" {
		return dialect.TableRef{}, status.Errorf(codes.Unimplemented, "The embedded BigQuery serves default streams only, not %q", name)
	}
	return dialect.TableRef{Dataset: parts[3], Table: parts[5]}, nil
}

func notFound(project string, ref dialect.TableRef) error {
	entity := fmt.Sprintf("projects/%s/datasets/%s/tables/%s", project, ref.Dataset, ref.Table)
	message := fmt.Sprintf("Not found: table '%s' was not found", entity)
	st, err := status.New(codes.NotFound, message).WithDetails(&storagepb.StorageError{
		Code: storagepb.StorageError_TABLE_NOT_FOUND, Entity: entity, ErrorMessage: message})
	if err != nil {
		return status.Error(codes.NotFound, message)
	}
	return st.Err()
}

// GetWriteStream describes a default stream.
func (s *Server) GetWriteStream(_ context.Context, r *storagepb.GetWriteStreamRequest) (*storagepb.WriteStream, error) {
	ref, err := s.streamName(r.GetName())
	if err != nil {
		return nil, err
	}
	t := s.cat.Lookup(ref)
	if t == nil || t.Type != "TABLE" {
		return nil, notFound(s.cat.Project(), ref)
	}
	return &storagepb.WriteStream{Name: r.GetName(), Type: storagepb.WriteStream_COMMITTED,
		WriteMode: storagepb.WriteStream_INSERT, Location: t.Location, TableSchema: tableSchema(t.Schema.Fields)}, nil
}

// CreateWriteStream is refused: there are only default streams.
func (s *Server) CreateWriteStream(_ context.Context, r *storagepb.CreateWriteStreamRequest) (*storagepb.WriteStream, error) {
	return nil, status.Errorf(codes.Unimplemented, "The embedded BigQuery does not serve write streams of type %s; use the default stream", r.GetWriteStream().GetType())
}

// FinalizeWriteStream is refused for default streams, as by BigQuery.
func (s *Server) FinalizeWriteStream(_ context.Context, r *storagepb.FinalizeWriteStreamRequest) (*storagepb.FinalizeWriteStreamResponse, error) {
	return nil, status.Errorf(codes.InvalidArgument, "Finalize is not supported on the default stream: %q", r.GetName())
}

// BatchCommitWriteStreams is refused: there are no pending streams.
func (s *Server) BatchCommitWriteStreams(context.Context, *storagepb.BatchCommitWriteStreamsRequest) (*storagepb.BatchCommitWriteStreamsResponse, error) {
	return nil, status.Error(codes.Unimplemented, "The embedded BigQuery does not serve pending write streams")
}

// FlushRows is refused: there are no buffered streams.
func (s *Server) FlushRows(context.Context, *storagepb.FlushRowsRequest) (*storagepb.FlushRowsResponse, error) {
	return nil, status.Error(codes.Unimplemented, "The embedded BigQuery does not serve buffered write streams")
}

var storageTypes = map[string]storagepb.TableFieldSchema_Type{
	"STRING": storagepb.TableFieldSchema_STRING, "BYTES": storagepb.TableFieldSchema_BYTES, "INTEGER": storagepb.TableFieldSchema_INT64,
	"FLOAT": storagepb.TableFieldSchema_DOUBLE, "BOOLEAN": storagepb.TableFieldSchema_BOOL, "NUMERIC": storagepb.TableFieldSchema_NUMERIC,
	"DATE": storagepb.TableFieldSchema_DATE, "DATETIME": storagepb.TableFieldSchema_DATETIME, "TIME": storagepb.TableFieldSchema_TIME,
	"TIMESTAMP": storagepb.TableFieldSchema_TIMESTAMP, "JSON": storagepb.TableFieldSchema_JSON, "RECORD": storagepb.TableFieldSchema_STRUCT,
}

var storageModes = map[string]storagepb.TableFieldSchema_Mode{
	"REQUIRED": storagepb.TableFieldSchema_REQUIRED, "REPEATED": storagepb.TableFieldSchema_REPEATED,
}

func tableSchema(fields []*bq.TableFieldSchema) *storagepb.TableSchema {
	return &storagepb.TableSchema{Fields: fieldSchemas(fields)}
}

func fieldSchemas(fields []*bq.TableFieldSchema) []*storagepb.TableFieldSchema {
	list := make([]*storagepb.TableFieldSchema, len(fields))
	for i, f := range fields {
		mode, ok := storageModes[f.Mode]
		if !ok {
			mode = storagepb.TableFieldSchema_NULLABLE
		}
		list[i] = &storagepb.TableFieldSchema{Name: f.Name, Type: storageTypes[f.Type], Mode: mode,
			Description: f.Description, Fields: fieldSchemas(f.Fields)}
	}
	return list
}

// maxPending bounds the requests of one connection that wait for their commit.
const maxPending = 256

// AppendRows appends what a connection sends and answers in its order.
func (s *Server) AppendRows(stream storagepb.BigQueryWrite_AppendRowsServer) error {
	pending := make(chan func() *storagepb.AppendRowsResponse, maxPending)
	sent := make(chan error, 1)
	go func() {
		var err error
		for answer := range pending {
			response := answer()
			if err == nil {
				err = stream.Send(response)
			}
		}
		sent <- err
	}()
	err := s.receive(stream, pending)
	close(pending)
	if sendErr := <-sent; err == nil {
		err = sendErr
	}
	return err
}

func (s *Server) receive(stream storagepb.BigQueryWrite_AppendRowsServer, pending chan<- func() *storagepb.AppendRowsResponse) error {
	c := &connection{server: s}
	for {
		request, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		answer, err := c.append(request)
		if err != nil {
			return err
		}
		pending <- answer
	}
}
