package bigqueryfront_test

import (
	"compress/gzip"
	"errors"
	"fmt"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/googleapi"
)

// loadText loads a text into a table and returns what became of the job.
func (f *front) loadText(t *testing.T, table, text string, configure func(*bigquery.ReaderSource, *bigquery.Loader)) (*bigquery.JobStatus, error) {
	t.Helper()
	source := bigquery.NewReaderSource(strings.NewReader(text))
	loader := f.client.Dataset(f.dataset).Table(table).LoaderFrom(source)
	configure(source, loader)
	job, err := loader.Run(t.Context())
	if err != nil {
		return nil, err
	}
	return job.Wait(t.Context())
}

// testLoads loads files with the official client, in one request and by a session.
func testLoads(t *testing.T, f *front) {
	f.mustQuery(t, "CREATE TABLE orders (id STRING NOT NULL, n INT64, amount NUMERIC, placed TIMESTAMP)")
	rows := func() [][]bigquery.Value {
		return f.mustQuery(t, "SELECT id, n, CAST(amount AS STRING), FORMAT_TIMESTAMP('%F %T', placed) FROM orders ORDER BY id")
	}
	const csv = "\xef\xbb\xbfid,n,amount,placed\na,1,2.50,2026-01-02 03:04:05\n\"b,\"\"x\"\"\",,,\n\nc,-7,1e2,2026-01-02T03:04:05Z\n"
	status, err := f.loadText(t, "orders", csv, func(s *bigquery.ReaderSource, _ *bigquery.Loader) { s.SkipLeadingRows = 1 })
	if err != nil || status.Err() != nil {
		t.Fatal(err, status.Err())
	}
	if got, ok := status.Statistics.Details.(*bigquery.LoadStatistics); !ok || got.OutputRows != 3 || got.InputFiles != 1 || got.InputFileBytes != int64(len(csv)) {
		t.Errorf("statistics %+v", status.Statistics.Details)
	}
	want := [][]bigquery.Value{{"a", int64(1), "2.5", "2026-01-02 03:04:05"}, {`b,"x"`, nil, nil, nil}, {"c", int64(-7), "100", "2026-01-02 03:04:05"}}
	if diff := cmp.Diff(want, rows()); diff != "" {
		t.Errorf("loaded from CSV (-want +got):\n%s", diff)
	}

	// A large file comes by a session, gzipped, and replaces the rows.
	var zipped strings.Builder
	z := gzip.NewWriter(&zipped)
	for i := range 100_000 {
		fmt.Fprintf(z, `{"id":"%06d","n":%d,"amount":"0.01"}`+"\n", i, i*7919)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	status, err = f.loadText(t, "orders", zipped.String(), func(s *bigquery.ReaderSource, l *bigquery.Loader) {
		s.SourceFormat, l.WriteDisposition = bigquery.JSON, bigquery.WriteTruncate
		l.MediaOptions = []googleapi.MediaOption{googleapi.ChunkSize(googleapi.MinUploadChunkSize)}
	})
	if err != nil || status.Err() != nil {
		t.Fatal(err, status.Err())
	}
	if diff := cmp.Diff([][]bigquery.Value{{int64(100_000), int64(7919 * 4999950000), "1000"}},
		f.mustQuery(t, "SELECT COUNT(*), SUM(n), CAST(SUM(amount) AS STRING) FROM orders")); diff != "" {
		t.Errorf("loaded from JSON (-want +got):\n%s", diff)
	}
}

// testLoadedTypes makes a table by a load job, with records and arrays.
func testLoadedTypes(t *testing.T, f *front) {
	schema := bigquery.Schema{
		{Name: "s", Type: bigquery.StringFieldType, Required: true}, {Name: "b", Type: bigquery.BytesFieldType}, {Name: "i", Type: bigquery.IntegerFieldType},
		{Name: "f", Type: bigquery.FloatFieldType}, {Name: "t", Type: bigquery.BooleanFieldType}, {Name: "n", Type: bigquery.NumericFieldType},
		{Name: "d", Type: bigquery.DateFieldType}, {Name: "dt", Type: bigquery.DateTimeFieldType}, {Name: "ts", Type: bigquery.TimestampFieldType},
		{Name: "j", Type: bigquery.JSONFieldType}, {Name: "xs", Type: bigquery.IntegerFieldType, Repeated: true},
		{Name: "r", Type: bigquery.RecordFieldType, Repeated: true, Schema: bigquery.Schema{{Name: "k", Type: bigquery.StringFieldType}, {Name: "v", Type: bigquery.NumericFieldType}}},
	}
	status, err := f.loadText(t, "typed", `{"s":"ä","b":"AP8=","i":9007199254740993,"f":1.5,"t":true,"n":12345678901234567890.123456789,"d":"2026-02-28","dt":"2026-02-28T01:02:03","ts":1767225600.5,"j":{"a":[1]},"xs":[1,"2"],"r":[{"k":"x","v":"0.1"},{}]}`+
		"\n"+`{"s":""}`+"\n", func(s *bigquery.ReaderSource, _ *bigquery.Loader) { s.SourceFormat, s.Schema = bigquery.JSON, schema })
	if err != nil || status.Err() != nil {
		t.Fatal(err, status.Err())
	}
	got := f.mustQuery(t, "SELECT s, b, i, f, t, n, d, FORMAT_DATETIME('%F %T', dt), UNIX_MICROS(ts), TO_JSON_STRING(j), xs, r FROM typed ORDER BY s DESC")
	want := [][]bigquery.Value{
		{"ä", []byte{0, 255}, int64(9007199254740993), 1.5, true, numeric("12345678901234567890.123456789"), civil.Date{Year: 2026, Month: 2, Day: 28}, "2026-02-28 01:02:03",
			int64(1767225600500000), `{"a":[1]}`, []bigquery.Value{int64(1), int64(2)}, []bigquery.Value{[]bigquery.Value{"x", numeric("0.1")}, []bigquery.Value{nil, nil}}},
		{"", nil, nil, nil, nil, nil, nil, nil, nil, "null", []bigquery.Value(nil), []bigquery.Value(nil)},
	}
	if diff := cmp.Diff(want[0], got[0], equalRats); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	meta, err := f.client.Dataset(f.dataset).Table("typed").Metadata(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !meta.Schema[0].Required || len(got) != 2 || got[1][0] != "" || got[1][2] != nil {
		t.Errorf("%d rows, the first field is required: %v", len(got), meta.Schema[0].Required)
	}
}

// testBadLoads wants jobs to fail as a whole, and to say which row is at fault.
func testBadLoads(t *testing.T, f *front) {
	f.mustQuery(t, "CREATE TABLE t (a INT64, b STRING NOT NULL)")
	f.mustQuery(t, "CREATE TABLE nested (a INT64, xs ARRAY<INT64>)")
	f.mustQuery(t, "INSERT INTO t VALUES (0, 'there')")
	for _, c := range []struct {
		name, table, text string
		configure         func(*bigquery.ReaderSource, *bigquery.Loader)
		reason, says      string
	}{
		{"a word for a number", "t", "1,x\ntwo,y\n", nil, "invalid", "row 2"},
		{"too many columns", "t", "1,x,3\n", nil, "invalid", "Too many values"},
		{"too few columns", "t", "1\n", nil, "invalid", "only 1 columns"},
		{"an open quote", "t", "1,\"x\n2,y\n", nil, "invalid", "Missing close quote"},
		{"text after a quote", "t", "1,\"x\"y\n", nil, "invalid", "Data between close quote"},
		{"a required value", "t", "1,\n", nil, "invalid", "Missing required field: b"},
		{"not UTF-8", "t", "1,\xff\n", nil, "invalid", "UTF-8"},
		{"more bad rows than allowed", "t", "x,x\n1,y\nz,z\n", func(s *bigquery.ReaderSource, _ *bigquery.Loader) { s.MaxBadRecords = 1 }, "invalid", "errors: 2; max bad: 1"},
		{"an array from CSV", "nested", "1,2\n", nil, "invalid", "Unsupported field type"},
		{"a table that is not empty", "t", "1,x\n", func(_ *bigquery.ReaderSource, l *bigquery.Loader) { l.WriteDisposition = bigquery.WriteEmpty }, "duplicate", "Already Exists"},
		{"a table that is not there", "none", "1,x\n", func(_ *bigquery.ReaderSource, l *bigquery.Loader) { l.CreateDisposition = bigquery.CreateNever }, "notFound", "none"},
		{"no schema", "none", "1,x\n", nil, "invalid", "No schema specified"},
		{"an unknown field", "t", `{"a":1,"b":"x","c":2}`, func(s *bigquery.ReaderSource, _ *bigquery.Loader) { s.SourceFormat = bigquery.JSON }, "invalid", "no such field: c"},
		{"no JSON", "t", `{"a":1`, func(s *bigquery.ReaderSource, _ *bigquery.Loader) { s.SourceFormat = bigquery.JSON }, "invalid", "no JSON object"},
		{"no gzip", "t", "\x1f\x8bxxxxxxxxxxxx", nil, "invalid", "gzip"},
		{"another type", "t", `{"a":"x"}`, func(s *bigquery.ReaderSource, _ *bigquery.Loader) {
			s.SourceFormat, s.Schema = bigquery.JSON, bigquery.Schema{{Name: "a", Type: bigquery.StringFieldType}, {Name: "b", Type: bigquery.StringFieldType}}
		}, "invalid", "changed type from INTEGER to STRING"},
	} {
		status, err := f.loadText(t, c.table, c.text, func(s *bigquery.ReaderSource, l *bigquery.Loader) {
			if c.configure != nil {
				c.configure(s, l)
			}
		})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		failure, ok := errors.AsType[*bigquery.Error](status.Err())
		if !ok || failure.Reason != c.reason || !strings.Contains(failure.Message, c.says) {
			t.Errorf("%s: %v", c.name, status.Err())
		}
	}
	status, err := f.loadText(t, "t", "x,x\n1,good\n", func(s *bigquery.ReaderSource, _ *bigquery.Loader) { s.MaxBadRecords = 1 })
	if err != nil || status.Err() != nil || len(status.Errors) != 1 {
		t.Errorf("one bad row allowed: %v, %+v", err, status)
	}
	if diff := cmp.Diff([][]bigquery.Value{{int64(0), "there"}, {int64(1), "good"}}, f.mustQuery(t, "SELECT a, b FROM t ORDER BY a")); diff != "" {
		t.Errorf("in the end (-want +got):\n%s", diff)
	}
}

// testInserts streams rows by tabledata.insertAll.
func testInserts(t *testing.T, f *front) {
	f.mustQuery(t, "CREATE TABLE t (a INT64 NOT NULL, s STRING, n NUMERIC, placed TIMESTAMP, r ARRAY<STRUCT<x STRING>>)")
	table := f.client.Dataset(f.dataset).Table("t")
	put := func(inserter *bigquery.Inserter, rows ...map[string]bigquery.Value) error {
		savers := make([]bigquery.ValueSaver, len(rows))
		for i, row := range rows {
			id, _ := row["id"].(string)
			delete(row, "id")
			if id == "" {
				id = bigquery.NoDedupeID
			}
			savers[i] = mapSaver{row, id}
		}
		return inserter.Put(t.Context(), savers)
	}
	plain := table.Inserter()
	if err := put(plain, map[string]bigquery.Value{"a": 1, "s": "x", "n": "0.1", "placed": "2026-01-02T03:04:05Z", "r": []map[string]any{{"x": "y"}}}, map[string]bigquery.Value{"a": "2"}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // sent again
		if err := put(plain, map[string]bigquery.Value{"a": 3, "id": "three"}, map[string]bigquery.Value{"a": 3, "id": "three"}); err != nil {
			t.Fatal(err)
		}
	}
	err := put(plain, map[string]bigquery.Value{"a": 4}, map[string]bigquery.Value{"a": "four"}, map[string]bigquery.Value{"a": 5, "b": 1}, map[string]bigquery.Value{"s": "no a"})
	failures, ok := errors.AsType[bigquery.PutMultiError](err)
	if !ok || len(failures) != 4 {
		t.Fatalf("bad rows: %v", err)
	}
	reasons := make([]string, len(failures))
	for i, failure := range failures {
		e, _ := errors.AsType[*bigquery.Error](failure.Errors[0])
		reasons[i] = fmt.Sprintf("%d %s at %q", failure.RowIndex, e.Reason, e.Location)
	}
	if diff := cmp.Diff([]string{`0 stopped at ""`, `1 invalid at "a"`, `2 invalid at "b"`, `3 invalid at "a"`}, reasons); diff != "" {
		t.Errorf("row errors (-want +got):\n%s", diff)
	}
	lenient := table.Inserter()
	lenient.SkipInvalidRows, lenient.IgnoreUnknownValues = true, true
	err = put(lenient, map[string]bigquery.Value{"a": "six"}, map[string]bigquery.Value{"a": 7, "b": 1})
	if skipped, ok := errors.AsType[bigquery.PutMultiError](err); !ok || len(skipped) != 1 {
		t.Errorf("skipping invalid rows: %v", err)
	}
	if diff := cmp.Diff([][]bigquery.Value{{int64(1), "0.1"}, {int64(2), nil}, {int64(3), nil}, {int64(7), nil}}, f.mustQuery(t, "SELECT a, CAST(n AS STRING) FROM t ORDER BY a")); diff != "" {
		t.Errorf("in the end (-want +got):\n%s", diff)
	}
	if _, err := f.query(t.Context(), "DELETE FROM t WHERE a = 1"); err == nil || !strings.Contains(err.Error(), "streaming buffer") {
		t.Errorf("rows in the streaming buffer were deleted: %v", err)
	}
	if err := put(f.client.Dataset(f.dataset).Table("none").Inserter(), map[string]bigquery.Value{"a": 1}); apiError(err).Code != 404 {
		t.Errorf("a table that is not there: %v", err)
	}
}

type mapSaver struct {
	row map[string]bigquery.Value
	id  string
}

func (m mapSaver) Save() (map[string]bigquery.Value, string, error) { return m.row, m.id, nil }

// testDestinations has queries write to tables.
func testDestinations(t *testing.T, f *front) {
	run := func(sql string, write bigquery.TableWriteDisposition, create bigquery.TableCreateDisposition) ([][]bigquery.Value, error) {
		q := f.client.Query(sql)
		q.DefaultDatasetID, q.DefaultProjectID = f.dataset, f.project
		q.Dst, q.WriteDisposition, q.CreateDisposition = f.client.Dataset(f.dataset).Table("made"), write, create
		job, err := q.Run(t.Context())
		if err != nil {
			return nil, err
		}
		it, err := job.Read(t.Context())
		if err != nil {
			return nil, err
		}
		return readAll(it)
	}
	for _, c := range []struct {
		name, sql string
		write     bigquery.TableWriteDisposition
		create    bigquery.TableCreateDisposition
		fails     string
		holds     [][]bigquery.Value
	}{
		{"a table that may not be made", "SELECT 1 AS a", bigquery.WriteAppend, bigquery.CreateNever, "notFound", nil},
		{"a new table", "SELECT 1 AS a, 'x' AS b", "", "", "", [][]bigquery.Value{{int64(1), "x"}}},
		{"a table with rows", "SELECT 2 AS a, 'y' AS b", "", "", "duplicate", [][]bigquery.Value{{int64(1), "x"}}},
		{"more rows", "SELECT 'y' AS b, 2 AS a", bigquery.WriteAppend, "", "", [][]bigquery.Value{{int64(1), "x"}, {int64(2), "y"}}},
		{"another column", "SELECT 3 AS c", bigquery.WriteAppend, "", "invalid", [][]bigquery.Value{{int64(1), "x"}, {int64(2), "y"}}},
		{"another type", "SELECT 'x' AS a", bigquery.WriteAppend, "", "invalid", [][]bigquery.Value{{int64(1), "x"}, {int64(2), "y"}}},
		{"a query that fails", "SELECT 1/0 AS a", bigquery.WriteTruncate, "", "invalidQuery", [][]bigquery.Value{{int64(1), "x"}, {int64(2), "y"}}},
		{"a statement that changes rows", "DELETE FROM made WHERE TRUE", bigquery.WriteTruncate, "", "invalid", [][]bigquery.Value{{int64(1), "x"}, {int64(2), "y"}}},
		{"other rows, out of its own", "SELECT b, COUNT(*) AS n FROM made GROUP BY b", bigquery.WriteTruncate, "", "", [][]bigquery.Value{{"x", int64(1)}, {"y", int64(1)}}},
	} {
		_, err := run(c.sql, c.write, c.create)
		got := reason(err)
		if e, ok := errors.AsType[*bigquery.Error](err); ok {
			got = e.Reason
		}
		if got != c.fails || (err == nil) != (c.fails == "") {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.holds == nil {
			continue
		}
		if diff := cmp.Diff(c.holds, f.mustQuery(t, "SELECT * FROM made ORDER BY 1")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
