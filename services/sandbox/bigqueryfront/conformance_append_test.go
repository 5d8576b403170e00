package bigqueryfront_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"cloud.google.com/go/bigquery/storage/managedwriter"
	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func testAppendRowsTypes(t *testing.T, f *front) {
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

func testAppendRowsRowErrors(t *testing.T, f *front) {
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

func testAppendRowsSchema(t *testing.T, f *front) {
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
	if code := storageCode(err); code != storagepb.StorageError_SCHEMA_MISMATCH_EXTRA_FIELDS || !strings.Contains(fmt.Sprint(err), "Input schema has more fields than BigQuery schema") {
		t.Errorf("error is %s: %v", code, err)
	}
	// After the table has the column, the same descriptor is welcome; and a
	// descriptor may change within a connection. The real service takes minutes
	// to see the column.
	f.mustQuery(t, "ALTER TABLE narrow ADD COLUMN b STRING")
	if target.Real {
		return
	}
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
func testAddedArrayIsEmpty(t *testing.T, f *front) {
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

// storageCode is the Storage Write API's own code inside an error.
func storageCode(err error) storagepb.StorageError_StorageErrorCode {
	for _, detail := range status.Convert(err).Details() {
		if e, ok := detail.(*storagepb.StorageError); ok {
			return e.Code
		}
	}
	return storagepb.StorageError_STORAGE_ERROR_CODE_UNSPECIFIED
}

// testAppendMissingValues leaves out what may be missing: columns that the
// writer's schema has and the row has not, and such as it does not have either.
func testAppendMissingValues(t *testing.T, f *front) {
	f.mustQuery(t, "CREATE TABLE few (id STRING NOT NULL, n INT64)")
	f.mustQuery(t, "CREATE TABLE many (x DATE, id STRING NOT NULL, list ARRAY<STRING>, n INT64, s STRUCT<a STRING>, last BOOL)")
	md, d := f.descriptor(t, "few")
	s := f.stream(t, f.writer(t), "many", d)
	result, err := s.AppendRows(t.Context(), serialize(t, md, `{"id":"a","n":"1"}`, `{"id":"b"}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := result.GetResult(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []row{{nil, "a", row(nil), int64(1), nil, nil}, {nil, "b", row(nil), nil, nil, nil}}
	if diff := cmp.Diff(want, f.mustQuery(t, "SELECT * FROM many ORDER BY id")); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func testAppendRefusals(t *testing.T, f *front) {
	f.mustQuery(t, "CREATE TABLE narrow (a STRING)")
	f.mustQuery(t, "CREATE VIEW v AS SELECT 'x' AS a")
	md, d := f.descriptor(t, "narrow")
	w := f.writer(t)
	for _, name := range []string{"missing", "v"} {
		_, err := w.NewManagedStream(t.Context(), managedwriter.WithDestinationTable(managedwriter.TableParentFromParts(f.project, f.dataset, name)),
			managedwriter.WithType(managedwriter.DefaultStream), managedwriter.WithSchemaDescriptor(d))
		if name == "missing" && (status.Code(err) != codes.NotFound || storageCode(err) != storagepb.StorageError_TABLE_NOT_FOUND) || err == nil {
			t.Errorf("stream of %s: %v", name, err)
		}
	}
	s := f.stream(t, w, "narrow", d)
	for _, c := range []struct {
		name string
		rows [][]byte
		opts []managedwriter.AppendOption
		text string
	}{
		{"an offset", serialize(t, md, `{"a":"1"}`), []managedwriter.AppendOption{managedwriter.WithOffset(0)}, "ffset"},
		{"a large request", serialize(t, md, `{"a":"`+strings.Repeat("x", 21<<20)+`"}`), nil, "AppendRows request too large"},
	} {
		result, err := s.AppendRows(t.Context(), c.rows, c.opts...)
		if err == nil {
			_, err = result.GetResult(t.Context())
		}
		if status.Code(err) != codes.InvalidArgument || !strings.Contains(fmt.Sprint(err), c.text) {
			t.Errorf("%s: %v, want InvalidArgument with %q", c.name, err, c.text)
		}
	}
	// The stream goes on.
	result, err := s.AppendRows(t.Context(), serialize(t, md, `{"a":"1"}`))
	if err == nil {
		_, err = result.GetResult(t.Context())
	}
	if err != nil {
		t.Error(err)
	}
}
