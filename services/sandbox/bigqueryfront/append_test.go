package bigqueryfront_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"cloud.google.com/go/bigquery/storage/managedwriter"
	"cloud.google.com/go/bigquery/storage/managedwriter/adapt"
	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

const ordersTable = `CREATE TABLE orders (
	order_id STRING NOT NULL,
	ts TIMESTAMP NOT NULL,
	day DATE,
	total NUMERIC NOT NULL,
	score FLOAT64,
	paid BOOL,
	raw BYTES,
	extra JSON,
	warnings ARRAY<STRING>,
	numbers ARRAY<INT64>,
	address STRUCT<street STRING, city STRING, tags ARRAY<STRING>>,
	items ARRAY<STRUCT<product_id STRING, quantity INT64, unit_price NUMERIC, notes ARRAY<STRING>>>)
	PARTITION BY day CLUSTER BY order_id`

// descriptor returns the messages that fit a table, made from its schema as a
// client would.
func (f *front) descriptor(t testing.TB, table string) (protoreflect.MessageDescriptor, *descriptorpb.DescriptorProto) {
	t.Helper()
	meta, err := f.client.Dataset(dataset).Table(table).Metadata(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	schema, err := adapt.BQSchemaToStorageTableSchema(meta.Schema)
	if err != nil {
		t.Fatal(err)
	}
	d, err := adapt.StorageSchemaToProtoDescriptorWithOptions(schema, "row",
		adapt.WithProtoMapping(adapt.ProtoMapping{FieldType: storagepb.TableFieldSchema_NUMERIC, Type: descriptorpb.FieldDescriptorProto_TYPE_STRING}))
	if err != nil {
		t.Fatal(err)
	}
	md, ok := d.(protoreflect.MessageDescriptor)
	if !ok {
		t.Fatal("not a message")
	}
	normalized, err := adapt.NormalizeDescriptor(md)
	if err != nil {
		t.Fatal(err)
	}
	return md, normalized
}

func serialize(t testing.TB, md protoreflect.MessageDescriptor, rows ...string) [][]byte {
	t.Helper()
	out := make([][]byte, len(rows))
	for i, row := range rows {
		m := dynamicpb.NewMessage(md)
		if err := (protojson.UnmarshalOptions{AllowPartial: true}).Unmarshal([]byte(row), m); err != nil {
			t.Fatal(err)
		}
		var err error
		if out[i], err = (proto.MarshalOptions{AllowPartial: true}).Marshal(m); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func (f *front) stream(t testing.TB, c *managedwriter.Client, table string, d *descriptorpb.DescriptorProto, opts ...managedwriter.WriterOption) *managedwriter.ManagedStream {
	t.Helper()
	opts = append([]managedwriter.WriterOption{
		managedwriter.WithDestinationTable(managedwriter.TableParentFromParts(project, dataset, table)),
		managedwriter.WithType(managedwriter.DefaultStream), managedwriter.WithSchemaDescriptor(d)}, opts...)
	s, err := c.NewManagedStream(t.Context(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil && !errors.Is(err, context.Canceled) && err.Error() != "EOF" {
			t.Log(err)
		}
	})
	return s
}

const fullRow = `{"order_id":"O-with-a-long-identifier","ts":"1768467600123456","day":20468,"total":"12345678901234567890.123456789","score":0.5,"paid":true,
	"raw":"AAEC","extra":"{\"a\": [1, 2]}","warnings":["w1","a warning longer than twelve"],"numbers":["1","-2"],
	"address":{"street":"Long Street Name 1","city":"X","tags":["t"]},
	"items":[{"product_id":"P1","quantity":"2","unit_price":"1.50","notes":["n1","n2"]},{"product_id":"P2","quantity":"1"}]}`

func TestAppendRowsTypes(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.mustQuery(t, ordersTable)
	md, d := f.descriptor(t, "orders")
	s := f.stream(t, f.writer(t), "orders", d)
	result, err := s.AppendRows(t.Context(), serialize(t, md, fullRow, `{"order_id":"O2","ts":"0","total":"-0.5"}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := result.GetResult(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := f.mustQuery(t, "SELECT * FROM orders ORDER BY order_id")
	want := [][]bigquery.Value{
		{"O-with-a-long-identifier", time.UnixMicro(1768467600123456).UTC(), civil.Date{Year: 2026, Month: 1, Day: 15}, numeric("12345678901234567890.123456789"),
			0.5, true, []byte{0, 1, 2}, `{"a": [1, 2]}`, []bigquery.Value{"w1", "a warning longer than twelve"}, []bigquery.Value{int64(1), int64(-2)},
			[]bigquery.Value{"Long Street Name 1", "X", []bigquery.Value{"t"}},
			[]bigquery.Value{
				[]bigquery.Value{"P1", int64(2), numeric("1.5"), []bigquery.Value{"n1", "n2"}},
				[]bigquery.Value{"P2", int64(1), nil, []bigquery.Value(nil)}}},
		{"O2", time.Unix(0, 0).UTC(), nil, numeric("-0.5"), nil, nil, nil, nil, []bigquery.Value(nil), []bigquery.Value(nil), nil, []bigquery.Value(nil)},
	}
	if diff := cmp.Diff(want, got, equalRats); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// TestAppendRowsMany crosses the borders of chunks and of list vectors.
func TestAppendRowsMany(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.mustQuery(t, ordersTable)
	md, d := f.descriptor(t, "orders")
	s := f.stream(t, f.writer(t), "orders", d)
	var want int64
	for range 3 {
		var rows []string
		for i := range 5000 {
			rows = append(rows, fmt.Sprintf(`{"order_id":"order-%08d","ts":"%d","total":"%d.25","items":[{"product_id":"product-number-%d","quantity":"%d"},{"quantity":"1","notes":["x","y"]},{"quantity":"1"}]}`, i, i, i, i, i))
			want += int64(i) + 2
		}
		result, err := s.AppendRows(t.Context(), serialize(t, md, rows...))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := result.GetResult(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	got := f.mustQuery(t, `SELECT SUM(i.quantity), COUNT(*), COUNT(DISTINCT i.product_id), SUM(ARRAY_LENGTH(i.notes)) FROM orders, UNNEST(items) AS i`)
	if diff := cmp.Diff([][]bigquery.Value{{want, int64(45000), int64(5000), int64(30000)}}, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestAppendRowsRowErrors(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.mustQuery(t, ordersTable)
	md, d := f.descriptor(t, "orders")
	s := f.stream(t, f.writer(t), "orders", d)
	rows := serialize(t, md, fullRow, `{"ts":"0","total":"1"}`, `{"order_id":"a","ts":"0","total":"1.0000000001"}`, `{"order_id":"b","ts":"0","total":"1"}`,
		`{"order_id":"c","ts":"0","total":"1","extra":"{"}`)
	rows = append(rows, []byte{0x0a, 0x05, 'x'})
	result, err := s.AppendRows(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	response, err := result.FullResponse(t.Context())
	if status.Code(err) != codes.InvalidArgument {
		t.Errorf("error is %v, want InvalidArgument", err)
	}
	var got []int64
	for _, e := range response.GetRowErrors() {
		got = append(got, e.GetIndex())
		if e.GetCode() != storagepb.RowError_FIELDS_ERROR || e.GetMessage() == "" {
			t.Errorf("row error %v", e)
		}
	}
	if diff := cmp.Diff([]int64{1, 2, 4, 5}, got); diff != "" {
		t.Errorf("bad rows (-want +got):\n%s", diff)
	}
	// The stream goes on, and nothing of the bad request was appended.
	result, err = s.AppendRows(t.Context(), rows[:1])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := result.GetResult(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]bigquery.Value{{int64(1)}}, f.mustQuery(t, "SELECT COUNT(*) FROM orders")); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestAppendRowsSchema(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.mustQuery(t, "CREATE TABLE wide (a STRING, b STRING)")
	f.mustQuery(t, "CREATE TABLE narrow (a STRING)")
	md, wide := f.descriptor(t, "wide")
	_, narrow := f.descriptor(t, "narrow")
	w := f.writer(t)
	rows := serialize(t, md, `{"a":"1","b":"2"}`)
	s := f.stream(t, w, "narrow", wide)
	result, err := s.AppendRows(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	_, err = result.GetResult(t.Context())
	if !strings.Contains(fmt.Sprint(err), "Input schema has more fields than BigQuery schema") {
		t.Errorf("error is %v", err)
	}
	// After the table has the column, the same descriptor is welcome; and a
	// descriptor may change within a connection.
	f.mustQuery(t, "ALTER TABLE narrow ADD COLUMN b STRING")
	for _, opt := range [][]managedwriter.AppendOption{nil, {managedwriter.UpdateSchemaDescriptor(narrow)}, {managedwriter.UpdateSchemaDescriptor(wide)}} {
		result, err := s.AppendRows(t.Context(), rows, opt...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := result.GetResult(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	got := f.mustQuery(t, "SELECT a, b FROM narrow ORDER BY b")
	if diff := cmp.Diff([][]bigquery.Value{{"1", nil}, {"1", "2"}, {"1", "2"}}, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// Rows that were there before an array was added have an empty one, as do those
// that are written without it afterwards.
func TestAddedArrayIsEmpty(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.mustQuery(t, "CREATE TABLE grown (a INT64)")
	f.mustQuery(t, "INSERT INTO grown (a) VALUES (1)")
	f.mustQuery(t, "ALTER TABLE grown ADD COLUMN xs ARRAY<STRING>")
	f.mustQuery(t, "INSERT INTO grown (a) VALUES (2)")
	f.mustQuery(t, "INSERT INTO grown (a, xs) VALUES (3, ['x'])")
	got := f.mustQuery(t, "SELECT a, ARRAY_LENGTH(xs) FROM grown ORDER BY a")
	if diff := cmp.Diff([]row{{int64(1), int64(0)}, {int64(2), int64(0)}, {int64(3), int64(1)}}, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestAppendRowsRefusals(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.mustQuery(t, "CREATE TABLE narrow (a STRING)")
	md, d := f.descriptor(t, "narrow")
	w := f.writer(t)
	_, err := w.NewManagedStream(t.Context(), managedwriter.WithDestinationTable(managedwriter.TableParentFromParts(project, dataset, "missing")),
		managedwriter.WithType(managedwriter.DefaultStream), managedwriter.WithSchemaDescriptor(d))
	if status.Code(err) != codes.NotFound {
		t.Errorf("missing table: %v, want NotFound", err)
	}
	for _, kind := range []managedwriter.StreamType{managedwriter.CommittedStream, managedwriter.BufferedStream, managedwriter.PendingStream} {
		_, err := w.NewManagedStream(t.Context(), managedwriter.WithDestinationTable(managedwriter.TableParentFromParts(project, dataset, "narrow")),
			managedwriter.WithType(kind), managedwriter.WithSchemaDescriptor(d))
		if status.Code(err) != codes.Unimplemented {
			t.Errorf("%s stream: %v, want Unimplemented", kind, err)
		}
	}
	s := f.stream(t, w, "narrow", d)
	result, err := s.AppendRows(t.Context(), serialize(t, md, `{"a":"1"}`), managedwriter.WithOffset(0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := result.GetResult(t.Context()); status.Code(err) != codes.InvalidArgument {
		t.Errorf("offset: %v, want InvalidArgument", err)
	}
}

func BenchmarkAppendRows(b *testing.B) {
	f := newFront(b)
	f.mustQuery(b, ordersTable)
	md, d := f.descriptor(b, "orders")
	s := f.stream(b, f.writer(b), "orders", d)
	var rows []string
	for i := range 1000 {
		row := fmt.Sprintf(`{"order_id":"ORD-2026-%08d","ts":"%d","day":20468,"total":"129.97","extra":"{}","warnings":[],
			"address":{"street":"%d Long Street Name","city":"Springfield","tags":[]},
			"items":[{"product_id":"PROD-%05d","quantity":"2","unit_price":"19.99"},{"product_id":"PROD-%05d","quantity":"1","unit_price":"89.99"}`, i, 1768467600000000+i, i, i, i)
		if i%2 == 0 {
			row += `,{"product_id":"PROD-00001","quantity":"1","unit_price":"5"}`
		}
		rows = append(rows, row+"]}")
	}
	data := serialize(b, md, rows...)
	var size int64
	for _, r := range data {
		size += int64(len(r))
	}
	b.SetBytes(size)
	b.ResetTimer()
	var pending []*managedwriter.AppendResult
	wait := func(n int) {
		for len(pending) > n {
			if _, err := pending[0].GetResult(b.Context()); err != nil {
				b.Fatal(err)
			}
			pending = pending[1:]
		}
	}
	for b.Loop() {
		result, err := s.AppendRows(b.Context(), data)
		if err != nil {
			b.Fatal(err)
		}
		pending = append(pending, result)
		wait(32)
	}
	wait(0)
	b.ReportMetric(float64(b.N*len(rows))/b.Elapsed().Seconds(), "rows/s")
}
