package reference

import (
	"testing"
	"time"
)

// Two orders of one hour, a line of which is known; all figures worked out by hand.
func TestFactsAndAggregates(t *testing.T) {
	t.Parallel()
	w := compute(t,
		landed("p", "products/p.csv", 0, 1, productHeader, "P1,Chair,Home,12.5,3"),
		landed("c", "customers/c.csv", 0, 1, customerHeader, "C1,Ann,ann@example.com,2026-01-02,Gold"),
		landed("o", "orders/o.json", 2, 3, orderA, orderB, orderC))
	a := Fact{
		CustomerID: "C1", Tier: "gold", Time: time.Date(2026, 11, 1, 10, 59, 59, 5e8, time.UTC),
		ProductID: "P1", ProductName: "Chair", ProductKnown: true, Category: "Home", CategoryLine: 1,
		Quantity: 2, UnitPrice: 10_100_000_000, LineTotal: 20_200_000_000, Total: 20_250_000_000, Status: "completed", StatusText: "completed",
		Street: "1 Main St", City: "Austin", State: "tx", Zipcode: "78701", Country: "USA", Area: "South", FileID: "o",
	}
	a2 := a
	a2.ProductID, a2.ProductName, a2.ProductKnown, a2.Category = "P2", "", false, "unknown"
	a2.Quantity, a2.UnitPrice, a2.LineTotal = 1, 50_000_000, 50_000_000
	b := Fact{
		CustomerID: "C2", Tier: "unknown", Time: time.Date(2026, 11, 1, 10, 30, 0, 0, time.UTC),
		ProductID: "P1", ProductName: "Chair", ProductKnown: true, Category: "Home", CategoryLine: 1,
		Quantity: 1, UnitPrice: 9_750_000_000, LineTotal: 9_750_000_000, Total: 9_750_000_000, Status: "refunded", StatusText: "refunded",
		Country: " France ", Area: "France", FileID: "o", Record: 1,
	}
	c := a
	c.Time, c.Quantity, c.UnitPrice, c.LineTotal, c.Total = time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC), 1, 10_000_000, 10_000_000, 10_000_000
	c.Status, c.StatusText, c.Street, c.City, c.State, c.Zipcode, c.Country, c.Area, c.Record = "pending", "pending", "", "", "", "", "", "none", 2
	equal(t, "facts", map[LineKey]Fact{{"A", 1}: a, {"A", 2}: a2, {"B", 1}: b, {"C", 1}: c}, w.Facts)
	equal(t, "hours", map[time.Time]Hour{time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC): {
		Orders: 3, Customers: 2, Revenue: 30_010_000_000, Average: 10_003_333_333,
		Completed: 1, Pending: 1, Refunded: 1, CompletedRevenue: 20_250_000_000,
		NetRevenue: 30_010_000_000, HeadlineRevenue: 30_010_000_000, PaidRevenue: 20_250_000_000,
	}}, w.Hours)
	today := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	equal(t, "categories", map[CategoryKey]CategoryDay{
		{today, "Home"}:    {Orders: 3, Units: 4, Revenue: 29_960_000_000, CompletedRevenue: 20_200_000_000, HeadlineRevenue: 29_960_000_000, PaidRevenue: 20_200_000_000},
		{today, "unknown"}: {Orders: 1, Units: 1, Revenue: 50_000_000, CompletedRevenue: 50_000_000, HeadlineRevenue: 50_000_000, PaidRevenue: 50_000_000},
	}, w.Categories)
	equal(t, "ledger of the orders", Outcome{
		Kind: "orders", Verdict: "loaded", Records: 3, Loaded: 3, Lines: 4,
		Findings: map[string]int64{"missing_customer": 1, "missing_product": 1},
		Open:     map[string]int64{"missing_customer": 1, "missing_product": 1},
	}, w.Files["o"])
	equal(t, "products", map[string]Product{"P1": {"Chair", "Home", 12_500_000_000, Level{3, true}, "p", false}}, w.Products)
	equal(t, "customers", map[string]Customer{"C1": {"Ann", "ann@example.com", "2026-01-02", "gold", "c", false}}, w.Customers)
}

// A guest's order that is not shipped, with a line of no product, and one that was called off.
func TestNoneIsNotUnknown(t *testing.T) {
	t.Parallel()
	guest := `{"order_id":"G","customer_id":null,"order_timestamp":"2026-11-01T10:00:00Z","updated_at":"2026-11-01T10:30:00Z","items":[` +
		`{"product_id":null,"quantity":2,"unit_price":5,"discount_amount":1}],"tax_amount":0.9,"shipping_amount":2,"refunded_amount":4,` +
		`"total_amount":11.9,"payment_status":"partially_refunded","shipping_address":null}`
	off := `{"order_id":"X","customer_id":"C1","order_timestamp":"2026-11-01T10:10:00Z","items":[{"product_id":"P1","quantity":1,"unit_price":7}],` +
		`"refunded_amount":7,"total_amount":7,"payment_status":"Canceled","shipping_address":null}`
	w := compute(t, landed("o", "orders/o.json", 0, 0, guest, off))
	equal(t, "the guest's line", Fact{
		Tier: "guest", Time: time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC), UpdatedAt: time.Date(2026, 11, 1, 10, 30, 0, 0, time.UTC),
		Category: "none", CategoryLine: 1, Quantity: 2, UnitPrice: 5_000_000_000, LineTotal: 9_000_000_000, Total: 11_900_000_000,
		LineDiscount: Stated{1_000_000_000, true}, Tax: Stated{900_000_000, true}, Shipping: Stated{2_000_000_000, true},
		Refunded: Stated{4_000_000_000, true}, Status: "partially_refunded", StatusText: "partially_refunded", Area: "none", FileID: "o",
	}, w.Facts[LineKey{"G", 1}])
	if f := w.Facts[LineKey{"X", 1}]; f.Status != "cancelled" || f.StatusText != "canceled" {
		t.Errorf("the status is %q, in the source's word %q", f.Status, f.StatusText)
	}
	equal(t, "hours", map[time.Time]Hour{time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC): {
		Orders: 2, Customers: 1, Revenue: 18_900_000_000, Average: 9_450_000_000, PartlyRefunded: 1, Cancelled: 1,
		CancelledRevenue: 7_000_000_000, RefundedRevenue: 11_000_000_000, NetRevenue: 7_900_000_000, HeadlineRevenue: 7_900_000_000, PaidRevenue: 7_900_000_000,
	}}, w.Hours)
	equal(t, "findings", map[string]int64{"missing_customer": 1, "missing_product": 1}, w.Files["o"].Findings)
}
