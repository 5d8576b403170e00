package consume

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestMonth has a team join when 30 days of orders are in the warehouse. It gets them published once more,
// and compares each day with the warehouse to the cent while new orders and new versions of old ones arrive.
func TestMonth(t *testing.T) {
	t.Parallel()
	const days, ordersOfDay = 30, 12
	p := harness.Start(t, "all")
	for day := 1; day <= days; day++ {
		p.Land(t, fmt.Sprintf("orders/day_%02d.json", day), []byte(ordersOf(day, ordersOfDay, "pending")))
	}
	p.AwaitFiles(t, days)

	const team = "marketing-history"
	node := newLedgers(t, p)[1]
	node.orders, node.files = node.orders+","+team, node.files+","+team+".files"
	p.Land(t, "orders/new_1.json", []byte(ordersOf(31, 40, "pending"))) // of the next day, and on the feed alone
	if out, err := p.Pipelinectl(t, "republish", "--subscription", team, "--from", "2026-11-01", "--to", "2026-11-30"); err != nil {
		t.Fatalf("republish: %v\n%s", err, out)
	}
	running := node.run(t)
	// Half of a day is paid, which makes new versions of what was published again.
	p.Land(t, "orders/new_2.json", []byte(ordersOf(17, ordersOfDay/2, "completed")+ordersOf(31, 60, "pending")))
	equal := func() (all bool, lines []ledgerDay) { return node.compare(t, "2026-11-01/2026-11-30") }
	harness.Await(t, "the month is the warehouse's", func() (bool, error) {
		all, lines := equal()
		return all, fmt.Errorf("the example has %+v", lines)
	})
	p.Land(t, "orders/new_3.json", []byte(ordersOf(31, 80, "pending")))
	p.AwaitFiles(t, days+3)
	runningLedgers{running}.awaitBalance(t, p)
	runningLedgers{running}.endAndReconcile(t, p)

	all, lines := equal()
	if !all || len(lines) != days {
		t.Fatalf("equal: %v, in %d lines: %+v", all, len(lines), lines)
	}
	for i, l := range lines {
		want := ledgerDay{Day: fmt.Sprintf("2026-11-%02d", i+1), Orders: ordersOfDay, Total: monthTotal, WarehouseOrders: ordersOfDay, WarehouseTotal: monthTotal}
		if l != want {
			t.Errorf("%+v, want %+v", l, want)
		}
	}
}

// monthTotal is what the twelve orders of a day come to.
const monthTotal = "121.08"

// ordersOf are the first n orders of a day, in a version that is later the further the status is.
func ordersOf(day, n int, status string) string {
	month, at := 11, day
	if day > 30 {
		month, at = 12, day-30
	}
	hour := 1
	if status == "completed" {
		hour = 20
	}
	var orders strings.Builder
	for i := range n {
		order := harness.Version(fmt.Sprintf("d%02d-%03d", day, i), at, hour, "10.09", status)
		orders.WriteString(strings.ReplaceAll(order, "2026-11-", fmt.Sprintf("2026-%02d-", month)))
	}
	return orders.String()
}
