package bigqueryfront_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"cloud.google.com/go/bigquery/storage/managedwriter"
	"cloud.google.com/go/bigquery/storage/managedwriter/adapt"
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
	meta, err := f.client.Dataset(f.dataset).Table(table).Metadata(t.Context())
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
		managedwriter.WithDestinationTable(managedwriter.TableParentFromParts(f.project, f.dataset, table)),
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

// TestOtherStreams asks for streams that this front has not.
func TestOtherStreams(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.mustQuery(t, "CREATE TABLE narrow (a STRING)")
	_, d := f.descriptor(t, "narrow")
	w := f.writer(t)
	for _, kind := range []managedwriter.StreamType{managedwriter.CommittedStream, managedwriter.BufferedStream, managedwriter.PendingStream} {
		_, err := w.NewManagedStream(t.Context(), managedwriter.WithDestinationTable(managedwriter.TableParentFromParts(f.project, f.dataset, "narrow")),
			managedwriter.WithType(kind), managedwriter.WithSchemaDescriptor(d))
		if status.Code(err) != codes.Unimplemented {
			t.Errorf("%s stream: %v, want Unimplemented", kind, err)
		}
	}
}

// TestAppendOfManyEmptyRows: what is small on the wire must not be large in memory.
func TestAppendOfManyEmptyRows(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	columns := make([]string, 100)
	for i := range columns {
		columns[i] = fmt.Sprintf("c%d STRING", i)
	}
	f.mustQuery(t, "CREATE TABLE wide ("+strings.Join(columns, ", ")+")")
	_, d := f.descriptor(t, "wide")
	s := f.stream(t, f.writer(t), "wide", d)
	result, err := s.AppendRows(t.Context(), make([][]byte, 200_000))
	if err == nil {
		_, err = result.GetResult(t.Context())
	}
	if status.Code(err) != codes.Unimplemented {
		t.Errorf("%v, want Unimplemented", err)
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
