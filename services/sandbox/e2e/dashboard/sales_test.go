package dashboard

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// saleLine is a row of fact_orders as this test makes it up.
type saleLine struct {
	Order, file, Tier, Category, Status string
	customer, product                   bigquery.NullString // NULL: a guest, no product
	name, state, country                bigquery.NullString
	Region                              string
	line, categoryLine, quantity        int64
	LineTotal, Total, Refunded          *big.Rat
	At                                  time.Time
}

// makeSales makes orders of six days with up to three lines each.
func makeSales(today time.Time) []saleLine {
	rnd := rand.New(rand.NewPCG(7, 11))
	pick := func(words ...string) string { return words[rnd.IntN(len(words))] }
	places := [][3]string{
		{"NY", "USA", "Northeast"}, {"CA", "US", "West"}, {" ca", "United States of America ", "West"}, {"Texas", "usa", "usa"}, {"zz", "usa", "usa"},
		{"", "France", "France"}, {hostileName, hostileName, hostileName}, {"", "", "none"},
	}
	var lines []saleLine
	for i := range 60 {
		place := places[rnd.IntN(len(places))]
		first := saleLine{
			Order: fmt.Sprintf("order-%d", i), file: fmt.Sprintf("file-%d", i%len(fileDelays)), customer: nullable(fmt.Sprintf("customer-%d", rnd.IntN(15))), Tier: pick("gold", "silver", "unknown", hostileName),
			Status: pick("completed", "completed", "pending", "failed", "on hold", "refunded", "partially_refunded", "cancelled"), Region: place[2],
			state: bigquery.NullString{StringVal: place[0], Valid: place[0] != ""}, country: nullable(place[1]),
			At: today.Add(-time.Duration(rnd.IntN(6*24*3600)) * time.Second), Total: new(big.Rat), Refunded: new(big.Rat),
		}
		if rnd.IntN(5) == 0 {
			first.customer, first.Tier = nullable(""), "guest"
		}
		var order []saleLine
		lineOf := make(map[string]int64)
		for line := range 1 + rnd.IntN(3) {
			l := first
			n := rnd.IntN(5)
			l.line, l.quantity = int64(line+1), int64(1+rnd.IntN(5))
			l.product, l.Category = nullable(fmt.Sprintf("product-%d", n)), []string{"Books", "Sports", "unknown", hostileName, "none"}[n]
			l.name = bigquery.NullString{StringVal: "Name " + l.Category, Valid: l.Category != "unknown" && l.Category != "none"}
			if l.Category == "none" {
				l.product = nullable("")
			}
			lineOf[l.Category]++
			l.categoryLine = lineOf[l.Category]
			l.LineTotal = big.NewRat(int64(rnd.IntN(1_000_000_000)), 1000)
			first.Total.Add(first.Total, l.LineTotal)
			order = append(order, l)
		}
		switch first.Status {
		case "refunded", "cancelled":
			first.Refunded.Set(first.Total)
			for n := range order {
				if i%2 == 0 {
					order[n].Refunded = nil // the source does not say
				}
			}
		case "partially_refunded", "completed":
			first.Refunded.Quo(first.Total, big.NewRat(2, 1))
		}
		lines = append(lines, order...)
	}
	return lines
}

// nullable is NULL for the empty text.
func nullable(s string) bigquery.NullString { return bigquery.NullString{StringVal: s, Valid: s != ""} }

// paidBack is what of a paid order was given back: all, if it was paid back as a whole and nothing else is said.
func (l saleLine) paidBack() *big.Rat {
	switch {
	case l.Refunded != nil:
		return l.Refunded
	case l.Status == "refunded":
		return l.Total
	}
	return new(big.Rat)
}

// givenBack is the amount that the source states, 0 without one.
func (l saleLine) givenBack() *big.Rat {
	if l.Refunded == nil {
		return new(big.Rat)
	}
	return l.Refunded
}

func (l saleLine) Columns() []harness.Column {
	columns := []harness.Column{
		{"order_id", l.Order}, {"line_number", l.line}, {"customer_id", l.customer}, {"customer_tier", l.Tier}, {"order_timestamp", l.At},
		{"order_date", civil.DateOf(l.At)}, {"order_hour", l.At.Hour()}, {"product_id", l.product}, {"product_name", l.name}, {"category", l.Category}, {"category_line_number", l.categoryLine},
		{"quantity", l.quantity}, {"unit_price", l.LineTotal}, {"line_total", l.LineTotal}, {"total_amount", l.Total}, {"payment_status", l.Status},
		{"state", l.state}, {"country", l.country}, {"region", l.Region}, {"file_id", l.file}, {"record_index", 0}, {"loaded_at", l.At},
	}
	if l.Refunded != nil {
		columns = append(columns, harness.Column{"refunded_amount", l.Refunded})
	}
	return columns
}

func hourRows(lines []saleLine) (rows [][]harness.Column) {
	hours, groups := byHour(lines)
	for _, hour := range hours {
		g := groups[hour]
		rows = append(rows, []harness.Column{
			{"metric_hour", g.first.At.Truncate(time.Hour)}, {"total_orders", len(g.Orders)}, {"total_revenue", g.total}, {"avg_order_value", averageOf(g)},
			{"unique_customers", len(g.customers)}, {"completed_orders", len(g.completed)}, {"completed_revenue", g.totalPaid}, {"pending_orders", g.byStatus["pending"]},
			{"failed_orders", g.byStatus["failed"]}, {"other_orders", otherOrders(g)}, {"updated_at", g.first.At},
			{"refunded_orders", g.byStatus["refunded"]}, {"partially_refunded_orders", g.byStatus["partially_refunded"]}, {"cancelled_orders", g.byStatus["cancelled"]},
			{"refunded_revenue", g.refunded}, {"net_revenue", new(big.Rat).Sub(g.total, g.refunded)}, {"failed_revenue", g.of["failed"]},
			{"cancelled_revenue", g.of["cancelled"]}, {"headline_revenue", g.headline}, {"paid_revenue", g.revenue},
		})
	}
	return rows
}

func categoryRows(lines []saleLine) (rows [][]harness.Column) {
	type key struct {
		day      civil.Date
		category string
	}
	for k, g := range groupBy(lines, func(l saleLine) key { return key{civil.DateOf(l.At), l.Category} }) {
		rows = append(rows, []harness.Column{
			{"metric_date", k.day}, {"category", k.category}, {"orders", len(g.Orders)}, {"units", g.units}, {"revenue", g.ordered}, {"headline_revenue", g.headlineLines}, {"paid_revenue", g.sold},
			{"completed_revenue", g.soldPaid}, {"updated_at", g.first.At},
		})
	}
	return rows
}

// fileDelays are how long the files of the orders took from landing to facts.
var fileDelays = []time.Duration{100 * time.Millisecond, 900 * time.Millisecond, 20 * time.Millisecond, time.Minute, 2 * time.Second}

func newestOf(lines []saleLine) time.Time {
	return slices.MaxFunc(lines, func(a, b saleLine) int { return a.At.Compare(b.At) }).At
}

// hostileName tries HTML, quotes of three kinds, SQL, right-to-left text, an emoji
// and control characters.
const hostileName = "<img src=x onerror=alert(1)>&\"'`; DROP TABLE fact_orders; -- @from_date שלום 🎉 \u202e\u2028\n\\"
