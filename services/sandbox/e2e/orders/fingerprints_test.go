package orders

import (
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// TestFingerprints: an order is known by its id, whatever the fingerprints of the keys are: one that came
// years ago, one whose key is of an earlier release and has none, and not one whose fingerprint
// another order's key has. Once all keys have their marks, these alone tell the days.
func TestFingerprints(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	on := func(id, day, amount string) string {
		return strings.Replace(harness.Order(id, 1, "P-1", "C-1", amount), "2026-11-01", day, 1)
	}
	var files harness.Landed
	files.Add(t, p, "orders/a.json", []byte(on("o-1", "2018-03-05", "10.00")+on("o-2", "2025-06-07", "5.00")+on("o-3", "2026-11-01", "7.00")))
	p.AwaitFiles(t, 1)
	p.MustQuery(t, "UPDATE order_keys SET order_mark = NULL WHERE order_id = 'o-2'")
	p.MustQuery(t, "INSERT INTO order_keys SELECT * REPLACE ('o-8' AS order_id, FARM_FINGERPRINT('o-4') & -4096 | order_mark & 4095 AS order_mark) FROM order_keys WHERE order_id = 'o-1'")
	files.Add(t, p, "orders/b.json", []byte(on("o-1", "2026-11-01", "10.00")+on("o-2", "2025-06-07", "6.00")+on("o-3", "2026-11-01", "7.00")+on("o-4", "2026-11-01", "8.00")))
	p.AwaitFiles(t, 2)
	p.Check(t, "ledger", harness.LifecycleQuery,
		"landing/orders/a.json|1|loaded|NULL|3|3|0|0|0|NULL\n"+
			"landing/orders/b.json|1|loaded|NULL|4|1|3|0|0|NULL\n")
	p.Check(t, "findings", "SELECT order_id, check_type FROM data_quality_checks WHERE STARTS_WITH(check_type, 'duplicate_order') ORDER BY 1",
		"o-1|duplicate_order_conflict\no-2|duplicate_order_conflict\no-3|duplicate_order_replay\n")
	p.MustQuery(t, "DELETE FROM order_keys WHERE order_id = 'o-8'")
	fill, err := sql.Find("upgrade/keys_fill")
	if err != nil {
		t.Fatal(err)
	}
	p.MustQuery(t, fill.Text)
	files.Add(t, p, "orders/c.json", []byte(on("o-1", "2018-03-05", "10.00")+on("o-5", "2017-02-28", "4.00")))
	p.AwaitFiles(t, 3)
	files.Add(t, p, "orders/d.json", []byte(on("o-5", "2017-02-28", "4.00")+on("o-2", "2026-11-01", "5.00")+on("o-6", "2026-11-01", "6.00")))
	p.AwaitFiles(t, 4)
	p.Check(t, "ledger", "SELECT landing_name, records, loaded, duplicates FROM file_ledger WHERE landing_name > 'landing/orders/b.json' ORDER BY 1",
		"landing/orders/c.json|2|1|1\nlanding/orders/d.json|3|1|2\n")
	harness.VerifyAll(t, p, files.Sources)
}
