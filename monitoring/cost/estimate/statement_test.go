package estimate

import (
	"testing"

	"github.com/zackkki/ecomm_datapipeline/monitoring/cost/measure"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// TestBytes compares what a statement bills with what a person counts: a day of facts
// has a million lines, and each column is as wide as it says.
func TestBytes(t *testing.T) {
	t.Parallel()
	const million, floor = 1_000_000, 10 << 20
	all := tables{
		"fact_orders":  newTable(measure.Columns{"order_id": 38, "quantity": 8, "order_date": 8, "street": 100}, "order_date", million, 0),
		"order_keys":   newTable(measure.Columns{"order_id": 38, "content_hash": 28, "order_date": 8}, "order_date", million, 0),
		"dim_products": newTable(measure.Columns{"product_id": 11, "category": 11}, "", 0, 5*million),
		"batch_orders": newTable(measure.Columns{"order_id": 38}, "", 0, 10),
	}
	w := windows{everything: 365 * 24, "order_dates": 48, "possible_from": 7 * 24, "repair_dates": 0, "from_date": 24}
	tests := []struct {
		name, text string
		want       int64
	}{
		{"columns of two partitions", "SELECT quantity FROM fact_orders AS f WHERE f.order_date IN UNNEST(@order_dates)", 2 * million * 16},
		{"no partition", "SELECT quantity FROM fact_orders AS f WHERE f.order_date IN UNNEST(@repair_dates)", floor},
		{"no bound", "SELECT quantity FROM fact_orders", 365 * million * 8},
		{"a bound above alone", "SELECT quantity FROM fact_orders AS f WHERE f.order_date <= @report_date", 365 * million * 16},
		{"days back", "SELECT quantity FROM fact_orders AS f WHERE f.order_date BETWEEN DATE_SUB(@report_date, INTERVAL 27 DAY) AND @report_date", 28 * million * 16},
		{"a range", "SELECT k.content_hash FROM order_keys AS k WHERE k.order_date BETWEEN @possible_from AND @possible_to", 7 * million * 36},
		{"a join with a small table", "SELECT d.category FROM dim_products AS d JOIN batch_orders AS b ON b.order_id = d.product_id", 5*million*22 + floor},
		{"a comment names columns", "-- street, order_id\nSELECT quantity FROM fact_orders AS f WHERE f.order_date IN UNNEST(@order_dates)", 2 * million * 16},
		{"an insert's target", "INSERT INTO order_keys (order_id) SELECT b.order_id FROM batch_orders AS b", floor},
		{"a delete takes whole partitions, and what it reads", "DELETE FROM fact_orders AS f WHERE f.order_date IN UNNEST(@order_dates)", 2 * million * (154 + 8)},
		{
			"a merge that changes rows", "MERGE INTO fact_orders AS f USING batch_orders AS b ON f.order_id = b.order_id AND f.order_date IN UNNEST(@order_dates) WHEN MATCHED THEN UPDATE SET quantity = 1",
			2*million*(154+38+8+8) + floor,
		},
		{
			"a merge that only adds rows", "MERGE INTO fact_orders AS f USING batch_orders AS b ON f.order_id = b.order_id AND f.order_date IN UNNEST(@order_dates) WHEN NOT MATCHED THEN INSERT (order_id) VALUES (b.order_id)",
			2*million*(38+8) + floor,
		},
		{
			"a column of another table",
			"SELECT b.order_id FROM batch_orders AS b JOIN order_keys AS k ON k.order_date = @day WHERE k.order_date BETWEEN @possible_from AND @possible_to",
			7*million*8 + floor,
		},
		{
			"an alias of two tables",
			"SELECT f.order_id FROM batch_orders AS f UNION ALL SELECT f.quantity FROM fact_orders AS f WHERE f.order_date IN UNNEST(@order_dates)",
			2*million*16 + floor,
		},
		{
			"an alias of a table and of what is made of it",
			"WITH days AS (SELECT f.quantity, f.street FROM fact_orders AS f WHERE f.order_date IN UNNEST(@order_dates)), " +
				"named AS (SELECT order_id FROM batch_orders) SELECT f.order_id FROM named AS f WHERE f.order_id IN (SELECT d.street FROM days AS d)",
			2*million*116 + floor,
		},
		{
			"an alias from around",
			"SELECT b.order_id FROM batch_orders AS b WHERE EXISTS (SELECT 1 FROM fact_orders AS f WHERE f.order_date IN UNNEST(@order_dates) AND f.order_id = b.order_id)",
			2*million*46 + floor,
		},
		{
			"two tables, each with a bound of its own",
			"SELECT f.quantity FROM fact_orders AS f WHERE f.order_date BETWEEN @from_date AND @to UNION ALL " +
				"SELECT LENGTH(k.content_hash) FROM order_keys AS k WHERE k.order_date IN UNNEST(@order_dates)",
			1*million*16 + 2*million*36,
		},
		{"everything", "SELECT * FROM dim_products", 5 * million * 22},
		{"a count takes no column", "SELECT COUNT(*) FROM dim_products", floor},
		{"everything of an alias", "SELECT d.* FROM dim_products AS d", 5 * million * 22},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, err := sql.Parse(test.name, test.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := all.bytes(make(statements).read(s), w); got != test.want {
				t.Errorf("bills %d bytes, want %d", got, test.want)
			}
		})
	}
}
