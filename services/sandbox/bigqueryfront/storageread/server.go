// Package storageread serves the Storage Read API: sessions that read a table, or the
// result of a query, as it was when the session began, in streams of Arrow batches.
//
// Served are Arrow, plain or compressed, row restrictions (on tables), and selected fields
// at the top level. Avro, snapshot times, samples, fields of records, columns of INTERVAL
// and the splitting of streams are refused by name. A session lives for six hours, or until
// a hundred others have begun.
package storageread

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	bq "google.golang.org/api/bigquery/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/catalog"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/jobs"
)

const (
	sessionAge  = 6 * time.Hour
	maxSessions = 100
	// maxStreams bounds the streams of a session, and streamRows is how many rows are worth
	// one.
	maxStreams = 8
	streamRows = 100_000
)

// Server implements the read API.
type Server struct {
	storagepb.UnimplementedBigQueryReadServer

	db     *engine.DB
	cat    *catalog.Catalog
	jobs   *jobs.Store
	logger *slog.Logger

	mu       sync.Mutex
	sessions map[string]*session
	order    []*session // by age
}

// session is what a session reads.
type session struct {
	name    string
	source  source
	format  *format
	expires time.Time
	ends    []int64 // of each stream's rows
}

// NewServer returns a server over the database.
func NewServer(db *engine.DB, cat *catalog.Catalog, store *jobs.Store, logger *slog.Logger) *Server {
	return &Server{db: db, cat: cat, jobs: store, logger: logger, sessions: map[string]*session{}}
}

// failed turns any error into a status.
func failed(err error) error {
	f := fault.Of(err, "")
	code := codes.InvalidArgument
	switch {
	case f.Status == 404:
		code = codes.NotFound
	case f.Status == 499:
		code = codes.Canceled
	case f.Status == 503:
		code = codes.Unavailable
	case f.Status >= 500:
		code = codes.Internal
	}
	return status.Error(code, f.Message)
}

func unserved(what string) error {
	return status.Errorf(codes.Unimplemented, "The embedded BigQuery does not serve %s", what)
}

// CreateReadSession begins a session.
func (s *Server) CreateReadSession(ctx context.Context, r *storagepb.CreateReadSessionRequest) (*storagepb.ReadSession, error) {
	asked := r.GetReadSession()
	options := asked.GetReadOptions()
	switch {
	case r.GetParent() != "projects/"+s.cat.Project():
		return nil, status.Errorf(codes.NotFound, "%s was not found", r.GetParent())
	case asked.GetDataFormat() == storagepb.DataFormat_DATA_FORMAT_UNSPECIFIED:
		return nil, status.Error(codes.InvalidArgument, "request failed: data_format must be specified")
	case asked.GetDataFormat() != storagepb.DataFormat_ARROW:
		return nil, unserved("rows as " + asked.GetDataFormat().String() + ", only ARROW")
	case asked.GetTableModifiers().GetSnapshotTime() != nil:
		return nil, unserved("snapshot times")
	case options != nil && options.SamplePercentage != nil:
		return nil, unserved("samples of a table")
	case options.GetResponseCompressionCodec() != storagepb.ReadSession_TableReadOptions_RESPONSE_COMPRESSION_CODEC_UNSPECIFIED:
		return nil, unserved("compressed responses")
	case r.GetMaxStreamCount() < 0 || r.GetPreferredMinStreamCount() < 0:
		return nil, status.Error(codes.InvalidArgument, "request failed: a stream count is negative")
	}
	ref, err := s.tableName(asked.GetTable())
	if err != nil {
		return nil, err
	}
	session, err := s.open(ctx, ref, options)
	if err != nil {
		return nil, failed(err)
	}
	count := session.source.count()
	session.ends = split(count, r.GetMaxStreamCount())
	s.keep(session)
	made := &storagepb.ReadSession{Name: session.name, ExpireTime: timestamppb.New(session.expires), DataFormat: storagepb.DataFormat_ARROW,
		Table: asked.GetTable(), ReadOptions: options, EstimatedRowCount: count, TraceId: asked.GetTraceId(),
		Schema: &storagepb.ReadSession_ArrowSchema{ArrowSchema: &storagepb.ArrowSchema{SerializedSchema: session.format.serialized}}}
	for i := range session.ends {
		made.Streams = append(made.Streams, &storagepb.ReadStream{Name: session.name + "/streams/" + strconv.Itoa(i)})
	}
	return made, nil
}

// tableName takes projects/P/datasets/D/tables/T apart.
func (s *Server) tableName(name string) (dialect.TableRef, error) {
	parts := strings.Split(name, "/")
	if len(parts) != 6 || parts[0] != "projects" || parts[2] != "datasets" || parts[4] != "tables" {
		return dialect.TableRef{}, status.Errorf(codes.InvalidArgument, "request failed: table name %q is invalid", name)
	}
	if parts[1] != s.cat.Project() {
		return dialect.TableRef{}, status.Errorf(codes.NotFound, "Project %s was not found", parts[1])
	}
	return dialect.TableRef{Dataset: parts[3], Table: parts[5]}, nil
}

// open finds or stages what a session reads.
func (s *Server) open(ctx context.Context, ref dialect.TableRef, options *storagepb.ReadSession_TableReadOptions) (*session, error) {
	session := &session{name: fmt.Sprintf("projects/%s/locations/us/sessions/%s", s.cat.Project(), rand.Text()), expires: time.Now().Add(sessionAge)}
	var result *jobs.Result
	var fields []*bq.TableFieldSchema
	if ref.Dataset == jobs.AnonymousDataset {
		found, schema, err := s.jobs.Anonymous(ref)
		if err != nil {
			return nil, err
		}
		if options.GetRowRestriction() != "" {
			return nil, fault.Unserved("a row restriction on the result of a query")
		}
		result, fields = found, schema.Fields
	} else {
		t, err := s.cat.Table(ref)
		if err != nil {
			return nil, err
		}
		if t.Type != "TABLE" {
			return nil, fault.Invalid("request failed: non-table entities cannot be read with the storage API")
		}
		fields = t.Schema.Fields
	}
	picked, err := pick(fields, options.GetSelectedFields())
	if err != nil {
		return nil, err
	}
	if session.format, err = newFormat(fields, picked, options.GetArrowSerializationOptions().GetBufferCompression()); err != nil {
		return nil, err
	}
	if result != nil {
		session.source = kept{result}
		return session, nil
	}
	session.source, err = s.stage(ctx, ref, options.GetRowRestriction())
	return session, err
}

// pick tells which fields are selected: all, or those that are named.
func pick(fields []*bq.TableFieldSchema, names []string) ([]bool, error) {
	picked := make([]bool, len(fields))
	for i := range picked {
		picked[i] = len(names) == 0
	}
	for _, name := range names {
		if strings.Contains(name, ".") {
			return nil, fault.Unserved("the selection of fields of a record (%s)", name)
		}
		at := slices.IndexFunc(fields, func(f *bq.TableFieldSchema) bool { return strings.EqualFold(f.Name, name) })
		if at < 0 {
			return nil, fault.Invalid("request failed: The following selected fields do not exist in the table schema: %s", name)
		}
		picked[at] = true
	}
	return picked, nil
}

// split gives the ends of streams that share rows.
func split(rows int64, limit int32) []int64 {
	if rows == 0 {
		return nil
	}
	n := min((rows+streamRows-1)/streamRows, maxStreams)
	if limit > 0 {
		n = min(n, int64(limit))
	}
	ends := make([]int64, n)
	for i := range ends {
		ends[i] = rows * int64(i+1) / n
	}
	return ends
}

// keep remembers a session, and drops those that are too old or too many.
func (s *Server) keep(session *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[session.name] = session
	s.order = append(s.order, session)
	for len(s.order) > maxSessions || s.order[0].expires.Before(time.Now()) {
		s.order[0].source.drop()
		delete(s.sessions, s.order[0].name)
		s.order = s.order[1:]
	}
}

// stream finds a stream: its session, and its first row and the one after its last.
func (s *Server) stream(name string) (_ *session, from, to int64, err error) {
	missing := status.Errorf(codes.NotFound, "request failed: stream %q was not found, or its session has expired", name)
	prefix, number, ok := strings.Cut(name, "/streams/")
	s.mu.Lock()
	defer s.mu.Unlock()
	session := s.sessions[prefix]
	i, err := strconv.Atoi(number)
	if !ok || session == nil || err != nil || i < 0 || i >= len(session.ends) || session.expires.Before(time.Now()) {
		return nil, 0, 0, missing
	}
	if i > 0 {
		from = session.ends[i-1]
	}
	return session, from, session.ends[i], nil
}

// SplitReadStream is refused.
func (s *Server) SplitReadStream(context.Context, *storagepb.SplitReadStreamRequest) (*storagepb.SplitReadStreamResponse, error) {
	return nil, unserved("the splitting of streams")
}
