package bigqueryfront_test

import (
	"errors"
	"fmt"
	"testing"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
)

// TestPartitionLimits holds that a job changes 4,000 partitions at most, in each way that
// rows can be changed, and that a table has 10,000 at most; and that nothing is left of a
// statement that is refused.
func TestPartitionLimits(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	tooMany := func(allowed, produced int) string {
		return fmt.Sprintf("Too many partitions produced by query, allowed %d, query produces at least %d partitions", allowed, produced)
	}
	days := func(from, to int) string {
		return fmt.Sprintf("SELECT DATE_ADD(DATE '2000-01-01', INTERVAL n DAY) AS day, n AS a FROM UNNEST(GENERATE_ARRAY(%d, %d)) AS n", from, to)
	}
	const bothEnds = "SELECT DATE '2000-01-01' AS day, 0 AS a FROM UNNEST(GENERATE_ARRAY(1, 5000)) UNION ALL SELECT DATE '9000-01-01', 0"
	f.mustQuery(t, "CREATE TABLE t (day DATE, a INT64) PARTITION BY day")
	f.mustQuery(t, "CREATE TABLE plain (day DATE, a INT64)")
	for _, c := range []struct{ name, text, want string }{
		{"too many days", "INSERT INTO t " + days(0, 4000), tooMany(4000, 4001)},
		{"as many as may be", "INSERT INTO t " + days(0, 3999), ""},
		{"many rows of few days", "INSERT INTO t " + bothEnds, ""},
		{"a table without partitions", "INSERT INTO plain " + days(0, 20000), ""},
		{"too many updated", "UPDATE t SET a = a + 1 WHERE TRUE", tooMany(4000, 4001)},
		{"too many deleted", "DELETE FROM t WHERE TRUE", tooMany(4000, 4001)},
		{"few of many updated", "UPDATE t SET a = a + 1 WHERE day = DATE '2000-01-01'", ""},
		{"too many merged", "MERGE t USING (" + days(-4001, 4000) + ") AS s ON t.day = s.day AND t.a = s.a WHEN NOT MATCHED THEN INSERT ROW WHEN MATCHED THEN UPDATE SET a = 0", tooMany(4000, 8002)},
		{"many merged with few", "MERGE t USING (SELECT 1 AS a) AS s ON FALSE WHEN NOT MATCHED BY SOURCE AND t.day = DATE '2000-01-01' THEN DELETE", ""},
		{"too many in a transaction", "BEGIN TRANSACTION; DELETE FROM plain WHERE TRUE; INSERT INTO t " + days(5000, 9500) + "; COMMIT TRANSACTION",
			"Query error: " + tooMany(4000, 4501) + " at [1:50]"},
		{"nothing of it is left", "ASSERT (SELECT COUNT(*) FROM plain) = 20001", ""},
		{"others", "INSERT INTO t " + days(4000, 7999), ""},
		{"too many for the table", "INSERT INTO t " + days(8000, 10000), tooMany(10000, 10001)},
		{"too many made at once", "CREATE TABLE made PARTITION BY day AS " + days(0, 4000), tooMany(4000, 4001)},
		{"made at once", "CREATE TABLE made PARTITION BY day AS " + days(0, 3999), ""},
		{"all", "TRUNCATE TABLE t", ""},
	} {
		_, err := f.tested(t.Context(), c.text)
		got := ""
		if err != nil {
			if !warehouse.Permanent(err) {
				t.Errorf("%s: the same job is tried again after %v", c.name, err)
			}
			if failure, ok := errors.AsType[*bigquery.Error](err); ok {
				got = failure.Message
			} else {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
