package orders

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// orderOn is an order of a day and amount.
func orderOn(id, day, amount string) string {
	return strings.Replace(harness.Order(id, 1, "P-1", "C-1", amount), "2026-11-01", day, 1)
}

// TestFingerprints: an order is known by its id, whatever the fingerprints of the keys are: one that came
// years ago, one whose key is of an earlier release and has none, and not one whose fingerprint
// another order's key has. Once all keys have their marks, these alone tell the days.
func TestFingerprints(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	var files harness.Landed
	files.Add(t, p, "orders/a.json", []byte(orderOn("o-1", "2018-03-05", "10.00")+orderOn("o-9", "2018-03-05", "10.00")+
		orderOn("o-2", "2025-06-07", "5.00")+orderOn("o-3", "2026-11-01", "7.00")))
	p.AwaitFiles(t, 1)
	p.MustQuery(t, "UPDATE order_keys SET order_mark = NULL WHERE order_id = 'o-2'")
	p.MustQuery(t, "INSERT INTO order_keys SELECT * REPLACE ('o-8' AS order_id, FARM_FINGERPRINT('o-4') & -4096 | order_mark & 4095 AS order_mark) FROM order_keys WHERE order_id = 'o-1'")
	files.Add(t, p, "orders/b.json", []byte(orderOn("o-1", "2026-11-01", "10.00")+orderOn("o-2", "2025-06-07", "6.00")+orderOn("o-3", "2026-11-01", "7.00")+orderOn("o-4", "2026-11-01", "8.00")))
	p.AwaitFiles(t, 2)
	p.Check(t, "ledger", harness.LifecycleQuery,
		"landing/orders/a.json|1|loaded|NULL|4|4|0|0|0|NULL\n"+
			"landing/orders/b.json|1|loaded|NULL|4|1|3|0|0|NULL\n")
	p.Check(t, "findings", "SELECT order_id, check_type FROM data_quality_checks WHERE STARTS_WITH(check_type, 'duplicate_order') ORDER BY 1",
		"o-1|duplicate_order_conflict\no-2|duplicate_order_conflict\no-3|duplicate_order_replay\n")
	p.MustQuery(t, "DELETE FROM order_keys WHERE order_id = 'o-8'")
	fill, err := sql.Find("upgrade/keys_fill")
	if err != nil {
		t.Fatal(err)
	}
	p.MustQuery(t, fill.Text)
	files.Add(t, p, "orders/c.json", []byte(orderOn("o-1", "2018-03-05", "10.00")+orderOn("o-5", "2017-02-28", "4.00")))
	p.AwaitFiles(t, 3)
	files.Add(t, p, "orders/d.json", []byte(orderOn("o-5", "2017-02-28", "4.00")+orderOn("o-2", "2026-11-01", "5.00")+orderOn("o-6", "2026-11-01", "6.00")))
	p.AwaitFiles(t, 4)
	p.Check(t, "ledger", "SELECT landing_name, records, loaded, duplicates FROM file_ledger WHERE landing_name > 'landing/orders/b.json' ORDER BY 1",
		"landing/orders/c.json|2|1|1\nlanding/orders/d.json|3|1|2\n")
	harness.VerifyAll(t, p, files.Sources)
}

// shapes are the ids of shops: numbered, with what shops put before the number, and with none.
var shapes = map[string]func(r *rand.Rand, n int, at time.Time) string{
	"number": func(_ *rand.Rand, n int, _ time.Time) string { return fmt.Sprint(1000 + n) },
	"hash":   func(_ *rand.Rand, n int, _ time.Time) string { return fmt.Sprintf("#%d", 90+n) }, // from two digits to three
	"year":   func(_ *rand.Rand, n int, at time.Time) string { return fmt.Sprintf("WEB-%d-%06d", at.Year(), n) },
	"url": func(_ *rand.Rand, n int, _ time.Time) string {
		return fmt.Sprintf("gid://shopify/Order/%d", 450789469+n)
	},
	"long": func(_ *rand.Rand, n int, _ time.Time) string { return fmt.Sprintf("1234567890123456%05d", n) },
	"random": func(r *rand.Rand, _ int, _ time.Time) string {
		return fmt.Sprintf("%08x-%04x-4%03x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<12))
	},
	"ordered": func(r *rand.Rand, _ int, at time.Time) string {
		return fmt.Sprintf("%012x-7%03x", at.UnixMilli(), r.IntN(1<<12))
	},
	"letters": func(r *rand.Rand, n int, _ time.Time) string {
		return fmt.Sprintf("%c%c%c%d", 'A'+r.IntN(26), 'A'+r.IntN(26), 'A'+r.IntN(26), r.IntN(1000)) + fmt.Sprint("-", n)
	},
	"crowd": func(r *rand.Rand, n int, _ time.Time) string {
		return fmt.Sprintf("%c%c%c%d", 'a'+r.IntN(26), 'a'+r.IntN(26), 'a'+r.IntN(26), n)
	},
	"words":     func(_ *rand.Rand, n int, _ time.Time) string { return "Bestellung ü* " + strings.Repeat("x", n+1) },
	"backwards": func(_ *rand.Rand, n int, _ time.Time) string { return fmt.Sprint("r", 5000-n) },
}

// TestIDs: an order is known by its id, whatever a shop's ids are like, however long ago it came and
// whatever day it says it is of; and an order that is new is none of those.
func TestIDs(t *testing.T) {
	t.Parallel()
	for name, id := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(7, 11))
			p := harness.Start(t, "all")
			var files harness.Landed
			var first, second strings.Builder
			const known, fresh = 60, 12
			for n := range known + fresh {
				at := time.Date(2019, 3, 1, 9, 0, 0, 0, time.UTC).AddDate(0, 0, 40*n)
				id := id(r, n, at)
				if n < known {
					first.WriteString(orderOn(id, at.Format(time.DateOnly), "10.00"))
					at = at.AddDate(0, 0, r.IntN(900)-450)
				}
				second.WriteString(orderOn(id, at.Format(time.DateOnly), "11.00"))
			}
			files.Add(t, p, "orders/a.json", []byte(first.String()))
			p.AwaitFiles(t, 1)
			files.Add(t, p, "orders/b.json", []byte(second.String()))
			p.AwaitFiles(t, 2)
			p.Check(t, "ledger", "SELECT landing_name, records, loaded, duplicates FROM file_ledger ORDER BY 1",
				fmt.Sprintf("landing/orders/a.json|%d|%d|0\nlanding/orders/b.json|%d|%d|%d\n", known, known, known+fresh, fresh, known))
			harness.VerifyAll(t, p, files.Sources)
		})
	}
}
