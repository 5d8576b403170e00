package bigqueryfront_test

import (
	"testing"

	"cloud.google.com/go/bigquery"
)

// TestBytes compares what statements process and are billed with what a person counts by
// BigQuery's pages on sizes of types and of DML statements. Dry runs of a lone statement say the same.
func TestBytes(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.mustQuery(t, `CREATE TABLE f (id STRING, day DATE, moment TIMESTAMP, n NUMERIC, ok BOOL, raw BYTES, tags ARRAY<STRING>,
		place STRUCT<city STRING, zip STRING>, note STRING) PARTITION BY day`)
	// A row: 2+3, 8, 8, 16, 1, 2+1, (2+1)+(2+1), (2+2)+(0 of NULL), 0 of NULL: 51 bytes. A thousand each day.
	f.mustQuery(t, `INSERT INTO f (id, day, moment, n, ok, raw, tags, place)
		SELECT 'abc', DATE_ADD(DATE '2026-01-01', INTERVAL MOD(x, 10) DAY), TIMESTAMP '2026-01-01 10:00:00+00', 1, TRUE, b'x', ['a', 'b'], STRUCT('NY', CAST(NULL AS STRING))
		FROM UNNEST(GENERATE_ARRAY(1, 10000)) AS x`)
	f.mustQuery(t, "CREATE TABLE h (hour TIMESTAMP, n INT64) PARTITION BY TIMESTAMP_TRUNC(hour, DAY)")
	f.mustQuery(t, "INSERT INTO h SELECT TIMESTAMP_ADD(TIMESTAMP '2026-01-01 00:00:00+00', INTERVAL x HOUR), x FROM UNNEST(GENERATE_ARRAY(0, 239)) AS x")
	f.mustQuery(t, "CREATE TABLE k (id STRING, n INT64)")
	f.mustQuery(t, "INSERT INTO k SELECT CAST(x AS STRING), x FROM UNNEST(GENERATE_ARRAY(100, 199)) AS x") // 5 + 8 bytes
	f.mustQuery(t, "CREATE VIEW v AS SELECT day, n, note FROM f")
	for _, test := range []struct {
		name, sql string
		want      int64 // bytes processed
		tables    int64
	}{
		{"no table", "SELECT 1", 0, 0},
		{"a count takes no column", "SELECT COUNT(*) FROM f", 0, 1},
		{"fixed width", "SELECT SUM(n) FROM f", 10_000 * 16, 1},
		{"texts", "SELECT MAX(id) FROM f", 10_000 * 5, 1},
		{"bytes and truth values", "SELECT MAX(raw), LOGICAL_AND(ok) FROM f", 10_000 * 4, 1},
		{"an array", "SELECT tags FROM f", 10_000 * 6, 1},
		{"a struct", "SELECT place FROM f", 10_000 * 4, 1},
		{"nothing but NULL", "SELECT note FROM f", 0, 1},
		{"all columns", "SELECT * FROM f", 10_000 * 51, 1},
		{"a limit saves nothing", "SELECT * FROM f LIMIT 1", 10_000 * 51, 1},
		{"one day", "SELECT SUM(n) FROM f WHERE day = DATE '2026-01-03'", 1000 * (16 + 8), 1},
		{"three days", "SELECT SUM(n) FROM f WHERE day BETWEEN DATE '2026-01-03' AND DATE '2026-01-05'", 3000 * (16 + 8), 1},
		{"a list of days", "SELECT SUM(n) FROM f WHERE day IN (DATE '2026-01-03', DATE '2026-01-05')", 2000 * (16 + 8), 1},
		{"a day that is not there", "SELECT SUM(n) FROM f WHERE day = DATE '2027-01-03'", 0, 1},
		{"a condition on another column", "SELECT SUM(n) FROM f WHERE day = DATE '2026-01-03' AND id < 'b'", 1000 * (16 + 8 + 5), 1},
		{"days that are not constants", "SELECT SUM(n) FROM f WHERE day >= DATE(moment) AND id > 'a'", 10_000 * (16 + 8 + 8 + 5), 1},
		{"hours of two days", "SELECT SUM(n) FROM h WHERE hour BETWEEN TIMESTAMP '2026-01-02 20:00:00+00' AND TIMESTAMP '2026-01-03 04:00:00+00'", 48 * 16, 1},
		{"the day of an hour", "SELECT SUM(n) FROM h WHERE DATE(hour) IN (DATE '2026-01-02')", 24 * 16, 1},
		{"a view", "SELECT SUM(n) FROM v WHERE day = DATE '2026-01-03'", 1000 * (16 + 8), 1},
		{"a column that a subquery takes in vain", "SELECT n FROM (SELECT * FROM f)", 10_000 * 16, 1},
		{"two tables", "SELECT COUNT(*) FROM f JOIN k ON k.id = f.id", 10_000*5 + 100*5, 2},
		{"one table twice", "SELECT (SELECT SUM(n) FROM f) + (SELECT MAX(n) FROM f)", 10_000 * 16, 1},
		{
			"one table twice, by other columns and days",
			"SELECT (SELECT SUM(n) FROM f WHERE day = DATE '2026-01-01') + (SELECT COUNT(id) FROM f WHERE day = DATE '2026-01-02')", 2000 * (16 + 8 + 5), 1,
		},
		{"an INSERT bills what it reads", "INSERT INTO k SELECT id, 1 FROM f WHERE day = DATE '2026-01-03' AND id > 'x'", 1000 * (5 + 8), 1},
		{"an INSERT of values", "INSERT INTO k VALUES ('200', 1)", 0, 0},
		{"an UPDATE bills what it reads and all of the days", "UPDATE f SET n = 2 WHERE day = DATE '2026-01-03' AND id = 'x'", 1000 * (8 + 5 + 51), 1},
		{"a DELETE too", "DELETE FROM f WHERE day = DATE '2026-01-03' AND id = 'x'", 1000 * (8 + 5 + 51), 1},
	} {
		q := f.client.Query(test.sql)
		q.DefaultProjectID, q.DefaultDatasetID = project, dataset
		for _, dry := range []bool{true, false} {
			q.DryRun = dry
			job, err := q.Run(t.Context())
			if err != nil {
				t.Fatalf("%s: %v", test.name, err)
			}
			status := job.LastStatus()
			if !dry {
				if status, err = job.Wait(t.Context()); err != nil {
					t.Fatalf("%s: %v", test.name, err)
				}
			}
			if got := status.Statistics.TotalBytesProcessed; got != test.want {
				t.Errorf("%s (dry run: %t): %d bytes processed, want %d", test.name, dry, got, test.want)
			}
			if details := status.Statistics.Details.(*bigquery.QueryStatistics); details.TotalBytesBilled != test.tables*leastBilled {
				t.Errorf("%s (dry run: %t): %d bytes billed, want those of %d tables", test.name, dry, details.TotalBytesBilled, test.tables)
			}
		}
	}
}

// TestBytesOfScripts looks at each statement of a script, with temporary tables and a MERGE.
func TestBytesOfScripts(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.mustQuery(t, "CREATE TABLE f (id STRING, day DATE, n NUMERIC) PARTITION BY day") // 5 + 8 + 16 bytes
	f.mustQuery(t, "INSERT INTO f SELECT 'abc', DATE_ADD(DATE '2026-01-01', INTERVAL MOD(x, 10) DAY), 1 FROM UNNEST(GENERATE_ARRAY(1, 10000)) AS x")
	q := f.client.Query(`BEGIN TRANSACTION;
CREATE TEMP TABLE k AS SELECT id, day, n + 1 AS m FROM f WHERE day = DATE '2026-01-02' LIMIT 10;
CREATE TEMP TABLE one AS SELECT DISTINCT * FROM k;
MERGE INTO f USING one AS o ON f.id = o.id AND f.day = o.day AND f.day = DATE '2026-01-02' WHEN MATCHED THEN UPDATE SET n = o.m;
MERGE INTO f USING one AS o ON f.id = o.id AND f.day = DATE '2026-01-03' AND f.n > 7 WHEN NOT MATCHED THEN INSERT (id) VALUES (o.id);
SELECT SUM(n) FROM f WHERE day = DATE '2026-01-02';
COMMIT TRANSACTION;`)
	q.DefaultProjectID, q.DefaultDatasetID = project, dataset
	job, err := q.Run(t.Context())
	if err == nil {
		_, err = job.Wait(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]int64{
		1: 1000 * 29, // the source of k
		2: 10 * 29,
		3: 1000*(13+29) + 29, // what it reads, the whole of the day, and the row of the source
		4: 1000*29 + 5,
		5: 1000 * 24,
	}
	var all, tables int64 = 0, 7
	children, i := f.client.Jobs(t.Context()), 6
	children.ParentJobID = job.ID()
	for child, err := children.Next(); err == nil; child, err = children.Next() {
		if got := child.LastStatus().Statistics.TotalBytesProcessed; got != want[i] {
			t.Errorf("statement %d: %d bytes, want %d", i, got, want[i])
		}
		all += want[i]
		i--
	}
	status, err := job.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s := status.Statistics; s.TotalBytesProcessed != all || s.Details.(*bigquery.QueryStatistics).TotalBytesBilled != tables*leastBilled {
		t.Errorf("the script: %d bytes processed, want %d; %+v", s.TotalBytesProcessed, all, s.Details)
	}
}
