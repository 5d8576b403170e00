package orders

import (
	"strings"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/aggregator/loading"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// versionsQuery lists every version of every order, as the warehouse knows them.
const versionsQuery = `SELECT v.order_id, v.outcome, JSON_VALUE(v.content, '$.total_amount'), JSON_VALUE(v.content, '$.payment_status')
FROM v_order_versions AS v ORDER BY 1, 2, 3`

// updatedQuery is what the ledger says became of the files' records.
const updatedQuery = `SELECT l.landing_name, l.records, l.loaded, l.updated, l.duplicates FROM file_ledger AS l ORDER BY 1`

// TestLatest lets the order that landed later replace the other.
func TestLatest(t *testing.T) {
	t.Parallel()
	config := harness.NewConfig(t.TempDir(), "all")
	config.Variables["DUPLICATE_POLICY"] = string(loading.Latest)
	p := harness.StartWith(t, config)
	p.Land(t, "orders/a.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "10.00")+harness.Order("o-2", 1, "P-1", "C-1", "5.00")))
	p.AwaitFiles(t, 1)
	p.Land(t, "orders/b.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "12.00")+harness.Order("o-2", 1, "P-1", "C-1", "5.00")+
		harness.Order("o-3", 1, "P-1", "C-1", "1.00")+harness.Order("o-3", 1, "P-1", "C-1", "2.00")))
	p.AwaitFiles(t, 2)
	p.Check(t, "ledger", updatedQuery, "landing/orders/a.json|2|2|0|0\nlanding/orders/b.json|4|3|2|1\n")
	want := "o-1|current|12|completed\no-1|superseded|10|completed\no-2|current|5|completed\no-3|current|2|completed\no-3|superseded|1|completed\n"
	p.Check(t, "versions", versionsQuery, want)
	p.Check(t, "facts", "SELECT order_id, total_amount FROM fact_orders ORDER BY 1", "o-1|12\no-2|5\no-3|2\n")
	p.Check(t, "hours", "SELECT SUM(total_orders), SUM(total_revenue) FROM agg_hourly_metrics", "3|19\n")

	for _, name := range []string{"orders/a.json", "orders/b.json"} {
		p.BringBack(t, 1, "reprocess", p.FileID(t, name))
		p.Check(t, "versions after "+name, versionsQuery, want)
		p.Check(t, "ledger after "+name, updatedQuery, "landing/orders/a.json|2|2|0|0\nlanding/orders/b.json|4|3|2|1\n")
	}
}

// TestOrderVersions lands the versions of orders late and early, alone and together,
// on other days, twice, and reads their files again.
func TestOrderVersions(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	p.Land(t, "orders/a.json", []byte(harness.Version("o-1", 1, 1, "10.00", "pending")+harness.Version("o-2", 1, 3, "5.00", "completed")+
		harness.Version("o-3", 1, 1, "1.00", "pending")+harness.Version("o-3", 2, 2, "2.00", "pending")+harness.Version("o-3", 1, 1, "1.00", "pending")))
	p.AwaitFiles(t, 1)
	// o-1 is paid, o-2's earlier version is late, o-3 moves to another month, o-4 has two versions at once.
	p.Land(t, "orders/b.json", []byte(harness.Version("o-1", 1, 2, "10.00", "completed")+harness.Version("o-2", 1, 2, "4.00", "pending")+
		strings.Replace(harness.Version("o-3", 3, 5, "3.00", "completed"), "2026-11-03", "2026-10-03", 1)+
		harness.Version("o-4", 2, 2, "7.00", "refunded")+harness.Version("o-4", 2, 1, "6.00", "completed")))
	p.AwaitFiles(t, 2)
	// Nothing tells which of these comes later; and what is known already.
	p.Land(t, "orders/c.json", []byte(harness.Version("o-1", 1, 2, "11.00", "completed")+harness.Order("o-2", 1, "P-1", "C-1", "9.00")+
		harness.Version("o-2", 1, 2, "4.00", "pending")+harness.Version("o-4", 2, 1, "6.00", "completed")))
	p.AwaitFiles(t, 3)

	ledger := "landing/orders/a.json|5|4|1|1\nlanding/orders/b.json|5|3|2|2\nlanding/orders/c.json|4|0|0|4\n"
	versions := "o-1|current|10|completed\no-1|superseded|10|pending\n" +
		"o-2|current|5|completed\no-2|stale|4|pending\n" +
		"o-3|current|3|completed\no-3|superseded|1|pending\no-3|superseded|2|pending\n" +
		"o-4|current|7|refunded\no-4|stale|6|completed\n"
	findings := "duplicate_order_conflict|2\nduplicate_order_replay|3\norder_updated|3\norder_version_stale|2\n"
	check := func(when string) {
		t.Helper()
		p.Check(t, when+": ledger", updatedQuery, ledger)
		p.Check(t, when+": versions", versionsQuery, versions)
		p.Check(t, when+": findings", "SELECT check_type, COUNT(*) FROM data_quality_checks WHERE check_type LIKE '%order_%' GROUP BY 1 ORDER BY 1", findings)
		p.Check(t, when+": hours", "SELECT metric_hour, total_orders, total_revenue FROM agg_hourly_metrics ORDER BY 1",
			"2026-10-03T11:00:00Z|1|3\n2026-11-01T11:00:00Z|2|15\n2026-11-02T11:00:00Z|1|7\n")
		p.Check(t, when+": days", "SELECT metric_date, orders, revenue FROM agg_category_revenue ORDER BY 1",
			"2026-10-03|1|3\n2026-11-01|2|15\n2026-11-02|1|7\n")
		p.Check(t, when+": references", "SELECT DISTINCT order_date FROM unresolved_refs ORDER BY 1", "2026-10-03\n2026-11-01\n2026-11-02\n")
		p.VerifyInvariants(t)
	}
	check("landed")
	for _, name := range []string{"a", "b", "c"} {
		p.BringBack(t, 1, "reprocess", p.FileID(t, "orders/"+name+".json"))
		check(name + " read again")
	}
	p.BringBack(t, 3, "reprocess", "--landed-date", time.Now().UTC().Format(time.DateOnly))
	check("all read again")
}

// TestVersionIsTakenBack reads a file again that no longer holds the versions that
// count: the newest that other files have sent count again.
func TestVersionIsTakenBack(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	p.Land(t, "orders/a.json", []byte(harness.Version("o-1", 1, 1, "10.00", "pending")+harness.Version("o-2", 1, 1, "5.00", "pending")))
	p.AwaitFiles(t, 1)
	p.Land(t, "orders/b.json", []byte(harness.Version("o-1", 2, 4, "12.00", "completed")+harness.Version("o-2", 2, 2, "6.00", "completed")+harness.Version("o-3", 2, 2, "1.00", "completed")))
	p.AwaitFiles(t, 2)
	p.Land(t, "orders/c.json", []byte(harness.Version("o-1", 3, 2, "11.00", "pending")+harness.Version("o-3", 3, 1, "0.50", "pending")))
	p.AwaitFiles(t, 3)
	p.Check(t, "ledger", updatedQuery, "landing/orders/a.json|2|2|0|0\nlanding/orders/b.json|3|3|2|0\nlanding/orders/c.json|2|0|0|2\n")

	id := p.FileID(t, "orders/b.json")
	p.ReplaceBytes(t, id, harness.Version("o-9", 2, 4, "9.00", "completed"))
	p.BringBack(t, 1, "reprocess", id)
	p.Check(t, "versions", versionsQuery, "o-1|current|11|pending\no-1|superseded|10|pending\no-2|current|5|pending\n"+
		"o-3|current|0.5|pending\no-9|current|9|completed\n")
	p.Check(t, "ledger after", updatedQuery, "landing/orders/a.json|2|2|0|0\nlanding/orders/b.json|1|1|0|0\nlanding/orders/c.json|2|2|0|0\n")
	p.Check(t, "facts", "SELECT order_id, order_date, customer_id, product_id, unit_price, state, region FROM fact_orders ORDER BY 1",
		"o-1|2026-11-03|C-1|P-1|11|NY|Northeast\no-2|2026-11-01|C-1|P-1|5|NY|Northeast\no-3|2026-11-03|C-1|P-1|0.5|NY|Northeast\no-9|2026-11-02|C-1|P-1|9|NY|Northeast\n")
	p.VerifyInvariants(t)
}
