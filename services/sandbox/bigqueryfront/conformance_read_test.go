package bigqueryfront_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"
	storage "cloud.google.com/go/bigquery/storage/apiv1"
	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// everyType is a query of one row of values, one without, and empty arrays.
const everyType = `SELECT 1 AS i, -0.5 AS f, TRUE AS b, 'ä"\n' AS s, b'\x00\xff' AS y, NUMERIC '-12345678901234567890.123456789' AS n, DATE '0001-01-01' AS d,
	DATETIME '2026-02-28 01:02:03.000004' AS dt, TIME '23:59:59.999999' AS t, TIMESTAMP '2026-02-28 01:02:03.000004+00' AS ts, JSON '{"a":"b"}' AS j,
	[1, 2] AS xs, STRUCT(7 AS k, ['x'] AS vs) AS r, [STRUCT('a' AS z), STRUCT(NULL)] AS rs
UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, CAST([] AS ARRAY<INT64>), NULL, CAST([] AS ARRAY<STRUCT<z STRING>>)
ORDER BY i DESC`

// testStorageRead has the official client read tables and results by the Storage Read API:
// it gives the same rows as the REST API.
func testStorageRead(t *testing.T, f *front) {
	want := f.mustQuery(t, everyType)
	f.mustQuery(t, "CREATE TABLE typed AS "+everyType)
	f.mustQuery(t, "CREATE TABLE many AS SELECT n, CAST(n AS STRING) AS s FROM UNNEST(GENERATE_ARRAY(1, 250000)) AS n")
	f.mustQuery(t, "CREATE TABLE none (a INT64)")
	fast := f.reading(t)
	read := func(sql string) [][]bigquery.Value {
		t.Helper()
		q := fast.Query(sql)
		q.DefaultProjectID, q.DefaultDatasetID = f.project, f.dataset
		job, err := q.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		it, err := job.Read(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if !it.IsAccelerated() {
			t.Errorf("%s was not read by the Storage Read API", sql)
		}
		rows, err := readAll(it)
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return rows
	}
	if diff := cmp.Diff(want, read(everyType), equalRats, sameEmpty); diff != "" {
		t.Errorf("a query of every type (-REST +Arrow):\n%s", diff)
	}
	rows, err := readAll(fast.Dataset(f.dataset).Table("typed").Read(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, rows, equalRats, sameEmpty); diff != "" {
		t.Errorf("a table of every type (-REST +Arrow):\n%s", diff)
	}
	if rows := read("SELECT a FROM none"); len(rows) != 0 {
		t.Errorf("of nothing came %v", rows)
	}
	if diff := cmp.Diff([][]bigquery.Value{{int64(2)}}, read("SELECT 1; SELECT 2")); diff != "" {
		t.Errorf("a script (-want +got):\n%s", diff)
	}
	ordered := read("SELECT n FROM many ORDER BY n")
	for i, row := range ordered {
		if row[0] != int64(i+1) {
			t.Fatalf("row %d is %v", i, row)
		}
	}
	sum := int64(0)
	rows, err = readAll(fast.Dataset(f.dataset).Table("many").Read(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		sum += row[0].(int64)
		if fmt.Sprint(row[0]) != row[1] {
			t.Fatalf("a row is %v", row)
		}
	}
	if len(ordered) != 250_000 || len(rows) != 250_000 || sum != 250_000*250_001/2 {
		t.Errorf("%d and %d rows, their sum is %d", len(ordered), len(rows), sum)
	}
}

// sameEmpty takes an empty array for one that is not there.
var sameEmpty = cmp.FilterValues(func(a, b []bigquery.Value) bool { return len(a) == 0 && len(b) == 0 }, cmp.Comparer(func(_, _ []bigquery.Value) bool { return true }))

// reading is a client with the Storage Read API.
func (f *front) reading(t *testing.T) *bigquery.Client {
	t.Helper()
	client := f.client
	if f.server != nil {
		var err error
		if client, err = f.newClient(t); err != nil {
			t.Fatal(err)
		}
	}
	if err := client.EnableStorageReadClient(t.Context(), f.storageOptions()...); err != nil {
		t.Fatal(err)
	}
	return client
}

// testReadSessions asks for sessions by the API's own client.
func testReadSessions(t *testing.T, f *front) {
	f.mustQuery(t, "CREATE TABLE t AS SELECT n, MOD(n, 2) = 0 AS even, CAST(n AS STRING) AS s, STRUCT(n AS k) AS r FROM UNNEST(GENERATE_ARRAY(1, 40000)) AS n")
	f.mustQuery(t, "CREATE VIEW v AS SELECT n FROM t")
	client, err := storage.NewBigQueryReadClient(t.Context(), f.storageOptions()...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	open := func(table string, change func(*storagepb.ReadSession)) (*storagepb.ReadSession, error) {
		asked := &storagepb.ReadSession{Table: "projects/" + f.project + "/datasets/" + f.dataset + "/tables/" + table, DataFormat: storagepb.DataFormat_ARROW,
			ReadOptions: &storagepb.ReadSession_TableReadOptions{}}
		if change != nil {
			change(asked)
		}
		return client.CreateReadSession(t.Context(), &storagepb.CreateReadSessionRequest{Parent: "projects/" + f.project, ReadSession: asked, MaxStreamCount: 1})
	}
	for i, compression := range []storagepb.ArrowSerializationOptions_CompressionCodec{
		storagepb.ArrowSerializationOptions_COMPRESSION_UNSPECIFIED, storagepb.ArrowSerializationOptions_LZ4_FRAME, storagepb.ArrowSerializationOptions_ZSTD,
	} {
		session, err := open("t", func(s *storagepb.ReadSession) {
			s.ReadOptions.RowRestriction = "even AND n > 100 AND t.s != '102'"
			s.ReadOptions.SelectedFields = []string{"s", "n"}
			s.ReadOptions.OutputFormatSerializationOptions = &storagepb.ReadSession_TableReadOptions_ArrowSerializationOptions{
				ArrowSerializationOptions: &storagepb.ArrowSerializationOptions{BufferCompression: compression}}
		})
		if err != nil {
			t.Fatal(err)
		}
		f.mustQuery(t, "UPDATE t SET s = CONCAT(s, 'x') WHERE n = 40000") // which the session does not see
		if len(session.GetStreams()) != 1 || session.GetEstimatedRowCount() != 19949 {
			t.Fatalf("session %v", session)
		}
		stream, err := client.ReadRows(t.Context(), &storagepb.ReadRowsRequest{ReadStream: session.Streams[0].Name, Offset: 19940})
		if err != nil {
			t.Fatal(err)
		}
		response, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		r, err := ipc.NewReader(bytes.NewReader(append(session.GetArrowSchema().GetSerializedSchema(), response.GetArrowRecordBatch().GetSerializedRecordBatch()...)))
		if err != nil {
			t.Fatal(err)
		}
		if !r.Next() || r.RecordBatch().NumRows() != 9 || r.Schema().Field(0).Name != "n" || r.Schema().Field(1).Name != "s" ||
			r.RecordBatch().Column(1).ValueStr(8) != "40000"+strings.Repeat("x", i) {
			t.Errorf("%v: schema %v, rows %v", compression, r.Schema(), r.RecordBatch())
		}
		if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
			t.Errorf("after the last row: %v", err)
		}
	}
	for _, c := range []struct {
		name, table string
		change      func(*storagepb.ReadSession)
		want        codes.Code
	}{
		{"a table that is not there", "none", nil, codes.NotFound},
		{"a view", "v", nil, codes.InvalidArgument},
		{"a field that is not there", "t", func(s *storagepb.ReadSession) { s.ReadOptions.SelectedFields = []string{"x"} }, codes.InvalidArgument},
		{"a restriction by nothing", "t", func(s *storagepb.ReadSession) { s.ReadOptions.RowRestriction = "x = 1" }, codes.InvalidArgument},
		{"a restriction that is none", "t", func(s *storagepb.ReadSession) {
			s.ReadOptions.RowRestriction = "TRUE) UNION ALL SELECT * FROM t WHERE (TRUE"
		}, codes.InvalidArgument},
		{"another project's table", "t", func(s *storagepb.ReadSession) { s.Table = "projects/none/datasets/d/tables/t" }, codes.NotFound},
		{"no format", "t", func(s *storagepb.ReadSession) { s.DataFormat = 0 }, codes.InvalidArgument},
	} {
		if _, err := open(c.table, c.change); status.Code(err) != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	stream, err := client.ReadRows(t.Context(), &storagepb.ReadRowsRequest{ReadStream: "projects/" + f.project + "/locations/us/sessions/none/streams/0"})
	if err == nil {
		_, err = stream.Recv()
	}
	if status.Code(err) != codes.NotFound {
		t.Errorf("a stream that is not there: %v", err)
	}
}

// TestReadRefusals: what the real service has and this one does not is refused by name.
func TestReadRefusals(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.mustQuery(t, "CREATE TABLE t AS SELECT STRUCT(1 AS k) AS r")
	client, err := storage.NewBigQueryReadClient(t.Context(), f.storageOptions()...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	sample := 50.0
	for name, asked := range map[string]*storagepb.ReadSession{
		"Avro":            {DataFormat: storagepb.DataFormat_AVRO},
		"a field's field": {DataFormat: storagepb.DataFormat_ARROW, ReadOptions: &storagepb.ReadSession_TableReadOptions{SelectedFields: []string{"r.k"}}},
		"a sample":        {DataFormat: storagepb.DataFormat_ARROW, ReadOptions: &storagepb.ReadSession_TableReadOptions{SamplePercentage: &sample}},
		"a subquery":      {DataFormat: storagepb.DataFormat_ARROW, ReadOptions: &storagepb.ReadSession_TableReadOptions{RowRestriction: "EXISTS(SELECT 1 FROM shop.t)"}},
	} {
		asked.Table = "projects/" + project + "/datasets/" + dataset + "/tables/t"
		_, err := client.CreateReadSession(t.Context(), &storagepb.CreateReadSessionRequest{Parent: "projects/" + project, ReadSession: asked})
		if code := status.Code(err); code != codes.Unimplemented && code != codes.InvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
}
