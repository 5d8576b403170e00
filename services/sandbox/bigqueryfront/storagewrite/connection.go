package storagewrite

import (
	"errors"
	"fmt"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	bq "google.golang.org/api/bigquery/v2"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/cell"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
)

const (
	// maxRequest is the write API's limit of an AppendRows request in bytes.
	maxRequest = 20 << 20
	// maxCells bounds rows x columns of a request: empty rows take two bytes on the wire
	// and hundreds in memory.
	maxCells = 16 << 20
	// maxRowErrors bounds the row errors of one response.
	maxRowErrors = 1000
)

// connection is the state of one AppendRows call: the stream it last named and
// the descriptor it last sent. Later requests may leave out either.
type connection struct {
	server     *Server
	stream     string
	ref        dialect.TableRef
	descriptor *descriptorpb.DescriptorProto

	// plan is compiled for this version of the table.
	version *bq.Table
	decoder *decoder
}

func answered(r *storagepb.AppendRowsResponse) func() *storagepb.AppendRowsResponse {
	return func() *storagepb.AppendRowsResponse { return r }
}

// refusal answers one request and leaves the connection open.
func refusal(stream string, code codes.Code, format string, args ...any) *storagepb.AppendRowsResponse {
	return &storagepb.AppendRowsResponse{WriteStream: stream, Response: &storagepb.AppendRowsResponse_Error{
		Error: &spb.Status{Code: int32(code), Message: fmt.Sprintf(format, args...)}}}
}

// append begins an append and returns the function that waits for its answer.
// An error ends the connection.
func (c *connection) append(r *storagepb.AppendRowsRequest) (func() *storagepb.AppendRowsResponse, error) {
	if name := r.GetWriteStream(); name != "" && name != c.stream {
		ref, err := c.server.streamName(name)
		if err != nil {
			return nil, err
		}
		c.stream, c.ref, c.descriptor, c.decoder = name, ref, nil, nil
	}
	if c.stream == "" {
		return nil, status.Error(codes.InvalidArgument, "The first request on a connection must name a write stream")
	}
	version := c.server.cat.Lookup(c.ref)
	if version == nil || version.Type != "TABLE" {
		return nil, notFound(c.server.cat.Project(), c.ref)
	}
	rows := r.GetProtoRows()
	// Also of a request that is refused below: clients send the schema once.
	if d := rows.GetWriterSchema().GetProtoDescriptor(); d != nil && !(c.descriptor != nil && proto.Equal(d, c.descriptor)) {
		c.descriptor, c.decoder = d, nil
	}
	if size := proto.Size(r); size > maxRequest {
		return answered(refusal(c.stream, codes.InvalidArgument, "AppendRows request too large: %d limit %d Entity: %s", size, maxRequest, c.stream)), nil
	}
	if r.GetOffset() != nil {
		return answered(refusal(c.stream, codes.InvalidArgument, "Offsets are not allowed on the default stream")), nil
	}
	if rows == nil {
		return answered(refusal(c.stream, codes.Unimplemented, "The embedded BigQuery takes rows as protocol buffers only")), nil
	}
	if interpretsDefaults(r) {
		return answered(refusal(c.stream, codes.Unimplemented, "The embedded BigQuery does not serve default values for missing fields")), nil
	}
	if c.descriptor == nil {
		return answered(refusal(c.stream, codes.InvalidArgument, "The first request on a connection must carry a writer schema")), nil
	}
	if c.decoder == nil || c.version != version {
		if failed := c.compile(version); failed != nil {
			return answered(failed), nil
		}
	}
	serialized := rows.GetRows().GetSerializedRows()
	if columns := len(version.Schema.Fields); len(serialized) > maxCells/max(1, columns) {
		return answered(refusal(c.stream, codes.Unimplemented, "The embedded BigQuery takes at most %d rows x columns in a request, not %d x %d", maxCells, len(serialized), columns)), nil
	}
	return c.decode(serialized)
}

func interpretsDefaults(r *storagepb.AppendRowsRequest) bool {
	if r.GetDefaultMissingValueInterpretation() == storagepb.AppendRowsRequest_DEFAULT_VALUE {
		return true
	}
	for _, v := range r.GetMissingValueInterpretations() {
		if v == storagepb.AppendRowsRequest_DEFAULT_VALUE {
			return true
		}
	}
	return false
}

func (c *connection) compile(version *bq.Table) *storagepb.AppendRowsResponse {
	c.decoder = nil
	plan, err := compile(c.descriptor, c.descriptor, cell.Columns(version.Schema.Fields), "", 0)
	if extra, ok := errors.AsType[*extraField](err); ok {
		return c.storageError(storagepb.StorageError_SCHEMA_MISMATCH_EXTRA_FIELDS, extra.Error())
	}
	if err != nil {
		return refusal(c.stream, codes.InvalidArgument, "Invalid proto schema: %s", err)
	}
	c.version, c.decoder = version, &decoder{plan: plan}
	return nil
}

func (c *connection) storageError(code storagepb.StorageError_StorageErrorCode, message string) *storagepb.AppendRowsResponse {
	response := refusal(c.stream, codes.InvalidArgument, "%s", message)
	detail, err := anypb.New(&storagepb.StorageError{Code: code, Entity: c.stream, ErrorMessage: message})
	if err == nil {
		response.GetError().Details = append(response.GetError().Details, detail)
	}
	return response
}

// decode writes the rows into batches and queues them. When a row is bad the
// rest is decoded too, to name every bad one, and none is appended.
func (c *connection) decode(rows [][]byte) (func() *storagepb.AppendRowsResponse, error) {
	t, err := c.server.table(c.ref)
	if err != nil {
		return nil, err
	}
	job := &appendJob{version: c.version, done: make(chan error, 1)}
	var rowErrors []*storagepb.RowError
	var batch *engine.Batch
	for i, row := range rows {
		if batch == nil || batch.Rows == engine.BatchRows {
			if batch, err = t.batch(c.version); err != nil {
				t.recycle(job)
				return nil, status.Errorf(codeOf(err, codes.Internal), "prepare an append: %s", err)
			}
			job.batches = append(job.batches, batch)
		}
		if err := c.decoder.row(row, batch); err != nil {
			rowErrors = append(rowErrors, &storagepb.RowError{Index: int64(i), Code: storagepb.RowError_FIELDS_ERROR, Message: err.Error()})
			batch.Reset()
			if len(rowErrors) == maxRowErrors {
				break
			}
		}
	}
	stream := c.stream
	if len(rowErrors) > 0 {
		t.recycle(job)
		response := refusal(stream, codes.InvalidArgument, "Errors found while processing rows. Please refer to the row_errors field for details. "+
			"The list may not be complete because of the size limitations. Entity: %s", stream)
		response.RowErrors = rowErrors
		return answered(response), nil
	}
	if len(rows) == 0 {
		return answered(&storagepb.AppendRowsResponse{WriteStream: stream, Response: &storagepb.AppendRowsResponse_AppendResult_{
			AppendResult: &storagepb.AppendRowsResponse_AppendResult{}}}), nil
	}
	if err := t.enqueue(job); err != nil {
		return nil, err
	}
	return func() *storagepb.AppendRowsResponse {
		if err := <-job.done; err != nil {
			return refusal(stream, codeOf(err, codes.Aborted), "The append was not committed: %s", err)
		}
		return &storagepb.AppendRowsResponse{WriteStream: stream, Response: &storagepb.AppendRowsResponse_AppendResult_{
			AppendResult: &storagepb.AppendRowsResponse_AppendResult{}}}
	}, nil
}

// codeOf is the code of a failure of the database: that it may do better later, or else
// the one given.
func codeOf(err error, other codes.Code) codes.Code {
	if e, ok := errors.AsType[*engine.Error](err); ok && e.Class == engine.ClassUnavailable {
		return codes.Unavailable
	}
	return other
}
