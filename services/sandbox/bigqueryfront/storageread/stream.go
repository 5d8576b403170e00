package storageread

import (
	"context"
	"fmt"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/jobs"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/staging"
)

// source is the rows of a session, which do not change, in the REST API's form.
type source interface {
	count() int64
	read(ctx context.Context, from, to int64, each func(row []byte) error) error
	drop()
}

// kept is the result of a query.
type kept struct{ *jobs.Result }

func (k kept) count() int64 { return int64(k.Rows()) }
func (k kept) drop()        {}

func (k kept) read(ctx context.Context, from, to int64, each func([]byte) error) error {
	for i := from; i < to; i++ {
		row, _ := k.Page(int(i), 1, 0)
		if err := each(row); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// staged is a copy of a table's rows.
type staged struct {
	*staging.Table
	db *engine.DB
}

// stage copies the rows of a table that fulfil a restriction.
func (s *Server) stage(ctx context.Context, ref dialect.TableRef, restriction string) (source, error) {
	sql := "SELECT * FROM " + ref.SQL()
	if restriction != "" {
		condition, err := dialect.Filter(restriction, ref, s.cat.Env(ref.Dataset, nil))
		if err != nil {
			return nil, err
		}
		sql += " WHERE " + condition
	}
	conn, err := s.db.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Release()
	t, err := staging.Query(ctx, s.db, conn, sql)
	if err != nil {
		return nil, err
	}
	return staged{t, s.db}, nil
}

func (t staged) count() int64 { return t.Rows }
func (t staged) drop()        { t.Drop() }

func (t staged) read(ctx context.Context, from, to int64, each func([]byte) error) error {
	conn, err := t.db.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	var row []byte
	// DuckDB keeps the order of insertion, and numbers rows by it.
	return conn.Query(ctx, fmt.Sprintf("SELECT * FROM %s WHERE rowid >= %d AND rowid < %d", t.SQL(), from, to), func(rows *engine.Rows) error {
		for {
			ok, err := rows.Next()
			if !ok || err != nil {
				return err
			}
			if row, err = rows.AppendRow(row[:0]); err != nil {
				return err
			}
			if err := each(row); err != nil {
				return err
			}
		}
	})
}

// Limits of a message: of rows, and of the bytes of their texts.
const (
	maxRows  = 16_384
	maxBytes = 8 << 20
)

// ReadRows sends a stream's rows from an offset on.
func (s *Server) ReadRows(r *storagepb.ReadRowsRequest, stream storagepb.BigQueryRead_ReadRowsServer) error {
	session, from, to, err := s.stream(r.GetReadStream())
	if err != nil {
		return err
	}
	if r.GetOffset() < 0 || r.GetOffset() > to-from {
		return status.Errorf(codes.OutOfRange, "request failed: offset %d is beyond the stream's %d rows", r.GetOffset(), to-from)
	}
	begin := from + r.GetOffset()
	e := session.format.encoder()
	defer e.release()
	first, sent := true, begin
	send := func() error {
		rows, size := e.rows, e.bytes
		batch, err := e.flush()
		if err != nil {
			return err
		}
		sent += rows
		response := &storagepb.ReadRowsResponse{RowCount: rows, UncompressedByteSize: &size,
			//lint:ignore SA1019 the batch's own count is deprecated, but older clients read it
			Rows:  &storagepb.ReadRowsResponse_ArrowRecordBatch{ArrowRecordBatch: &storagepb.ArrowRecordBatch{SerializedRecordBatch: batch, RowCount: rows}},
			Stats: &storagepb.StreamStats{Progress: &storagepb.StreamStats_Progress{AtResponseEnd: float64(sent-from) / float64(to-from)}}}
		if first {
			first = false
			response.Schema = &storagepb.ReadRowsResponse_ArrowSchema{ArrowSchema: &storagepb.ArrowSchema{SerializedSchema: session.format.serialized}}
		}
		return stream.Send(response)
	}
	err = session.source.read(stream.Context(), begin, to, func(row []byte) error {
		if err := e.add(row); err != nil {
			return err
		}
		if e.rows < maxRows && e.bytes < maxBytes {
			return nil
		}
		return send()
	})
	if err == nil && e.rows > 0 {
		err = send()
	}
	if _, told := status.FromError(err); err != nil && !told {
		return failed(err)
	}
	return err
}
