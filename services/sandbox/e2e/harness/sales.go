package harness

import (
	"cmp"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
)

// SaleLine is a row of fact_orders as this test makes it up.
type SaleLine struct {
	Order, file, Tier, Category, Status string
	customer, product                   bigquery.NullString // NULL: a guest, no product
	name, state, country                bigquery.NullString
	Region                              string
	line, categoryLine, quantity        int64
	LineTotal, Total, Refunded          *big.Rat
	At                                  time.Time
}

type JsonRow = map[string]any

// MakeSales makes orders of six days with up to three lines each.
func MakeSales(today time.Time) []SaleLine {
	rnd := rand.New(rand.NewPCG(7, 11))
	pick := func(words ...string) string { return words[rnd.IntN(len(words))] }
	places := [][3]string{
		{"NY", "USA", "Northeast"}, {"CA", "US", "West"}, {" ca", "United States of America ", "West"}, {"Texas", "usa", "usa"}, {"zz", "usa", "usa"},
		{"", "France", "France"}, {HostileName, HostileName, HostileName}, {"", "", "none"},
	}
	var lines []SaleLine
	for i := range 60 {
		place := places[rnd.IntN(len(places))]
		first := SaleLine{
			Order: fmt.Sprintf("order-%d", i), file: fmt.Sprintf("file-%d", i%len(FileDelays)), customer: nullable(fmt.Sprintf("customer-%d", rnd.IntN(15))), Tier: pick("gold", "silver", "unknown", HostileName),
			Status: pick("completed", "completed", "pending", "failed", "on hold", "refunded", "partially_refunded", "cancelled"), Region: place[2],
			state: bigquery.NullString{StringVal: place[0], Valid: place[0] != ""}, country: nullable(place[1]),
			At: today.Add(-time.Duration(rnd.IntN(6*24*3600)) * time.Second), Total: new(big.Rat), Refunded: new(big.Rat),
		}
		if rnd.IntN(5) == 0 {
			first.customer, first.Tier = nullable(""), "guest"
		}
		var order []SaleLine
		lineOf := make(map[string]int64)
		for line := range 1 + rnd.IntN(3) {
			l := first
			n := rnd.IntN(5)
			l.line, l.quantity = int64(line+1), int64(1+rnd.IntN(5))
			l.product, l.Category = nullable(fmt.Sprintf("product-%d", n)), []string{"Books", "Sports", "unknown", HostileName, "none"}[n]
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

// Group is what the lines of one key come to.
type Group struct {
	Orders, customers map[string]bool
	completed         map[string]bool
	units, lines      int64
	ordered           *big.Rat // line_total of all
	sold, soldPaid    *big.Rat // line_total
	total, totalPaid  *big.Rat // total_amount
	revenue, refunded *big.Rat
	paidBack          *big.Rat // of the orders paid
	headline          *big.Rat // of the orders neither failed nor cancelled
	headlineLines     *big.Rat // line_total of them
	paidOrders        int64
	counted           int64               // orders that are revenue
	of                map[string]*big.Rat // total_amount by status
	first             SaleLine
	byStatus          map[string]int64
}

// GroupBy sums lines by a key; an order counts once per key, and its total_amount too.
func GroupBy[K comparable](lines []SaleLine, key func(SaleLine) K) map[K]*Group {
	groups := make(map[K]*Group)
	for _, l := range lines {
		g := groups[key(l)]
		if g == nil {
			g = &Group{
				Orders: map[string]bool{}, customers: map[string]bool{}, completed: map[string]bool{}, byStatus: map[string]int64{},
				ordered: new(big.Rat), sold: new(big.Rat), soldPaid: new(big.Rat), total: new(big.Rat), totalPaid: new(big.Rat), first: l,
				revenue: new(big.Rat), refunded: new(big.Rat), headline: new(big.Rat), headlineLines: new(big.Rat), paidBack: new(big.Rat),
				of: map[string]*big.Rat{"failed": new(big.Rat), "cancelled": new(big.Rat), "pending": new(big.Rat), "on hold": new(big.Rat)},
			}
			groups[key(l)] = g
		}
		paid, lost := l.Status == "completed", l.Status == "failed" || l.Status == "cancelled"
		if !g.Orders[l.Order] {
			g.Orders[l.Order] = true
			g.byStatus[l.Status]++
			g.total.Add(g.total, l.Total)
			g.refunded.Add(g.refunded, l.givenBack())
			if sum := g.of[l.Status]; sum != nil {
				sum.Add(sum, l.Total)
			} else {
				back := l.paidBack()
				g.paidOrders++
				g.paidBack.Add(g.paidBack, back)
				g.revenue.Add(g.revenue, new(big.Rat).Sub(l.Total, back))
			}
			if !lost {
				g.counted++
				g.headline.Add(g.headline, new(big.Rat).Sub(l.Total, l.givenBack()))
			}
			if paid {
				g.completed[l.Order] = true
				g.totalPaid.Add(g.totalPaid, l.Total)
			}
		}
		if l.customer.Valid {
			g.customers[l.customer.StringVal] = true
		}
		g.units += l.quantity
		g.lines++
		g.ordered.Add(g.ordered, l.LineTotal)
		if !lost {
			g.headlineLines.Add(g.headlineLines, l.LineTotal)
		}
		if paid || l.Status == "partially_refunded" {
			g.sold.Add(g.sold, l.LineTotal)
		}
		if paid {
			g.soldPaid.Add(g.soldPaid, l.LineTotal)
		}
	}
	return groups
}

// Ranked lists groups by an amount, highest first, then by name.
func Ranked[K cmp.Ordered](groups map[K]*Group, amount func(*Group) *big.Rat) []K {
	keys := make([]K, 0, len(groups))
	for k := range groups {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b K) int {
		return cmp.Or(amount(groups[b]).Cmp(amount(groups[a])), cmp.Compare(a, b))
	})
	return keys
}

// ByAmount is what a ranked list is ordered by: the revenue, all that was ordered, or the completed.
type ByAmount struct {
	Param                string
	sold, total, average func(*Group) *big.Rat // of lines, of orders, and of an order
}

var (
	ByRevenue = ByAmount{
		"revenue", func(g *Group) *big.Rat { return g.sold }, func(g *Group) *big.Rat { return g.revenue },
		func(g *Group) *big.Rat {
			if g.paidOrders == 0 {
				return big.NewRat(-1, 1) // NULL comes last
			}
			return average(g.revenue, int(g.paidOrders))
		},
	}
	ByTotal = ByAmount{
		"total_revenue", func(g *Group) *big.Rat { return g.ordered }, func(g *Group) *big.Rat { return g.total }, averageOf,
	}
	ByCompleted = ByAmount{
		"completed_revenue", func(g *Group) *big.Rat { return g.soldPaid }, func(g *Group) *big.Rat { return g.totalPaid },
		func(g *Group) *big.Rat {
			if len(g.completed) == 0 {
				return big.NewRat(-1, 1) // NULL comes last
			}
			return average(g.totalPaid, len(g.completed))
		},
	}
)

func average(sum *big.Rat, n int) *big.Rat {
	mean, _ := new(big.Rat).SetString(new(big.Rat).Quo(sum, big.NewRat(int64(n), 1)).FloatString(9))
	return mean
}

func amountText(r *big.Rat) string {
	text := strings.TrimRight(r.FloatString(9), "0")
	for strings.IndexByte(text, '.') > len(text)-3 {
		text += "0"
	}
	return text
}

func averageOf(g *Group) *big.Rat { return average(g.total, len(g.Orders)) }

// FileDelays are how long the files of the orders took from landing to facts.
var FileDelays = []time.Duration{100 * time.Millisecond, 900 * time.Millisecond, 20 * time.Millisecond, time.Minute, 2 * time.Second}

// nearestRank is the value that so many percent do not exceed.
func nearestRank(sorted []float64, percent int) any {
	for i, v := range sorted {
		if (i+1)*100 >= len(sorted)*percent {
			return v
		}
	}
	return nil
}

func WantSummary(all, within []SaleLine, newestLoad time.Time) []JsonRow {
	want := JsonRow{
		"orders": 0.0, "sold_orders": 0.0, "revenue": "0.00", "total_revenue": "0.00", "refunded_revenue": "0.00", "net_revenue": "0.00",
		"failed_revenue": "0.00", "cancelled_revenue": "0.00", "pending_revenue": "0.00", "other_revenue": "0.00", "paid_back_revenue": "0.00",
		"paid_orders": 0.0, "completed_orders": 0.0, "completed_revenue": "0.00", "avg_order_value": nil, "total_avg_order_value": nil, "completed_avg_order_value": nil,
		"customers": 0.0, "newest_fact_at": nil, "files": 0.0, "load_p50_ms": nil, "load_p99_ms": nil,
		"newest_order_hour": newestOf(all).Truncate(time.Hour).Format(time.RFC3339), "newest_load_at": newestLoad.Format(time.RFC3339Nano),
	}
	g := GroupBy(within, func(SaleLine) string { return "" })[""]
	if g == nil {
		return []JsonRow{want}
	}
	want["orders"], want["sold_orders"] = float64(len(g.Orders)), float64(g.counted)
	want["revenue"], want["avg_order_value"] = amountText(g.revenue), revenueAverageOf(g)
	want["total_revenue"], want["refunded_revenue"] = amountText(g.total), amountText(g.refunded)
	want["net_revenue"] = amountText(new(big.Rat).Sub(g.total, g.refunded))
	want["failed_revenue"], want["cancelled_revenue"] = amountText(g.of["failed"]), amountText(g.of["cancelled"])
	want["pending_revenue"], want["other_revenue"] = amountText(g.of["pending"]), amountText(g.of["on hold"])
	want["paid_orders"], want["paid_back_revenue"], want["total_avg_order_value"] = float64(g.paidOrders), amountText(g.paidBack), amountText(averageOf(g))
	want["completed_orders"], want["completed_revenue"] = float64(len(g.completed)), amountText(g.totalPaid)
	want["completed_avg_order_value"] = paidAverageOf(g)
	want["customers"], want["newest_fact_at"] = float64(len(g.customers)), newestOf(within).Format(time.RFC3339Nano)
	var delays []float64
	for file := range GroupBy(within, func(l SaleLine) string { return l.file }) {
		n, _ := strconv.Atoi(strings.TrimPrefix(file, "file-"))
		delays = append(delays, float64(FileDelays[n].Milliseconds()))
	}
	slices.Sort(delays)
	want["files"], want["load_p50_ms"], want["load_p99_ms"] = float64(len(delays)), nearestRank(delays, 50), nearestRank(delays, 99)
	return []JsonRow{want}
}

func newestOf(lines []SaleLine) time.Time {
	return slices.MaxFunc(lines, func(a, b SaleLine) int { return a.At.Compare(b.At) }).At
}

// paidAverageOf is the average of the completed orders, nil without one.
func paidAverageOf(g *Group) any {
	if len(g.completed) == 0 {
		return nil
	}
	return amountText(average(g.totalPaid, len(g.completed)))
}

// revenueAverageOf is the average of the orders that were paid, nil without one.
func revenueAverageOf(g *Group) any {
	if g.paidOrders == 0 {
		return nil
	}
	return amountText(average(g.revenue, int(g.paidOrders)))
}

func byHour(lines []SaleLine) ([]string, map[string]*Group) {
	groups := GroupBy(lines, func(l SaleLine) string { return l.At.Truncate(time.Hour).Format(time.RFC3339) })
	keys := make([]string, 0, len(groups))
	for k := range groups {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys, groups
}

func otherOrders(g *Group) int64 {
	return g.byStatus["on hold"]
}

func WantHours(lines []SaleLine) (want []JsonRow) {
	hours, groups := byHour(lines)
	for _, hour := range hours {
		g := groups[hour]
		want = append(want, JsonRow{
			"metric_hour": hour, "total_orders": float64(len(g.Orders)), "revenue": amountText(g.revenue), "total_revenue": amountText(g.total), "avg_order_value": amountText(averageOf(g)),
			"unique_customers": float64(len(g.customers)), "completed_orders": float64(g.byStatus["completed"]), "completed_revenue": amountText(g.totalPaid),
			"pending_orders": float64(g.byStatus["pending"]), "failed_orders": float64(g.byStatus["failed"]), "other_orders": float64(otherOrders(g)),
			"refunded_orders": float64(g.byStatus["refunded"]), "partially_refunded_orders": float64(g.byStatus["partially_refunded"]),
			"cancelled_orders": float64(g.byStatus["cancelled"]), "refunded_revenue": amountText(g.refunded),
			"net_revenue": amountText(new(big.Rat).Sub(g.total, g.refunded)), "failed_revenue": amountText(g.of["failed"]),
			"cancelled_revenue": amountText(g.of["cancelled"]),
		})
	}
	return want
}

func WantCategories(lines []SaleLine, by ByAmount) (want []JsonRow) {
	groups := GroupBy(lines, func(l SaleLine) string { return l.Category })
	for i, category := range Ranked(groups, by.sold) {
		g := groups[category]
		want = append(want, JsonRow{
			"place": float64(i + 1), "category": category, "orders": float64(len(g.Orders)), "units": float64(g.units),
			"revenue": amountText(g.sold), "total_revenue": amountText(g.ordered), "completed_revenue": amountText(g.soldPaid),
		})
	}
	return want
}

func WantProducts(lines []SaleLine, by ByAmount) (want []JsonRow) {
	lines = slices.DeleteFunc(slices.Clone(lines), func(l SaleLine) bool { return !l.product.Valid })
	groups := GroupBy(lines, func(l SaleLine) string { return l.product.StringVal })
	for i, product := range Ranked(groups, by.sold) {
		g := groups[product]
		var name any
		if g.first.name.Valid {
			name = g.first.name.StringVal
		}
		want = append(want, JsonRow{
			"place": float64(i + 1), "product_id": product, "product_name": name, "category": g.first.Category,
			"order_lines": float64(g.lines), "units": float64(g.units), "revenue": amountText(g.sold), "total_revenue": amountText(g.ordered), "completed_revenue": amountText(g.soldPaid),
		})
	}
	return want
}

func WantTiers(lines []SaleLine, by ByAmount) (want []JsonRow) {
	groups := GroupBy(lines, func(l SaleLine) string { return l.Tier })
	for i, tier := range Ranked(groups, by.average) {
		g := groups[tier]
		want = append(want, JsonRow{
			"place": float64(i + 1), "total_revenue": amountText(g.total), "total_avg_order_value": amountText(averageOf(g)), "paid_orders": float64(g.paidOrders),
			"customer_tier": tier, "orders": float64(len(g.Orders)), "customers": float64(len(g.customers)),
			"sold_orders": float64(g.counted), "revenue": amountText(g.revenue), "avg_order_value": revenueAverageOf(g), "completed_orders": float64(len(g.completed)),
			"completed_revenue": amountText(g.totalPaid), "completed_avg_order_value": paidAverageOf(g),
		})
	}
	return want
}

func WantPlaces(lines []SaleLine, by ByAmount) (want []JsonRow) {
	textOf := func(s bigquery.NullString) any {
		if !s.Valid {
			return nil
		}
		return s.StringVal
	}
	add := func(level string, key func(SaleLine) string, region, state, country func(SaleLine) any) {
		groups := GroupBy(lines, key)
		for _, place := range Ranked(groups, by.total) {
			g := groups[place]
			want = append(want, JsonRow{
				"level": level, "region": region(g.first), "state": state(g.first), "country": country(g.first),
				"orders": float64(len(g.Orders)), "revenue": amountText(g.revenue), "total_revenue": amountText(g.total), "completed_revenue": amountText(g.totalPaid),
			})
		}
	}
	none := func(SaleLine) any { return nil }
	region := func(l SaleLine) any { return l.Region }
	state := func(l SaleLine) any { return textOf(l.state) }
	country := func(l SaleLine) any { return textOf(l.country) }
	lines = slices.Clone(lines)
	for i, l := range lines {
		switch strings.ToUpper(strings.TrimSpace(l.country.StringVal)) {
		case "US", "USA", "UNITED STATES", "UNITED STATES OF AMERICA":
			lines[i].country.StringVal, lines[i].state.StringVal = "USA", strings.ToUpper(strings.TrimSpace(l.state.StringVal))
			if lines[i].state.StringVal == "TEXAS" {
				lines[i].state.StringVal = "TX"
			}
		}
	}
	shipped := slices.DeleteFunc(slices.Clone(lines), func(l SaleLine) bool { return !l.country.Valid })
	all := lines
	lines = shipped
	add("country", func(l SaleLine) string { return l.country.StringVal }, none, none, country)
	lines = all
	add("region", func(l SaleLine) string { return l.Region }, region, none, none)
	lines = shipped
	add("state", func(l SaleLine) string { return l.country.StringVal + "/" + l.state.StringVal }, region, state, country)
	return want
}

// paidBack is what of a paid order was given back: all, if it was paid back as a whole and nothing else is said.
func (l SaleLine) paidBack() *big.Rat {
	switch {
	case l.Refunded != nil:
		return l.Refunded
	case l.Status == "refunded":
		return l.Total
	}
	return new(big.Rat)
}

// givenBack is the amount that the source states, 0 without one.
func (l SaleLine) givenBack() *big.Rat {
	if l.Refunded == nil {
		return new(big.Rat)
	}
	return l.Refunded
}

// Column is a value for an INSERT.
type Column = struct {
	Name  string
	Value any
}

func (l SaleLine) Columns() []Column {
	columns := []Column{
		{"order_id", l.Order}, {"line_number", l.line}, {"customer_id", l.customer}, {"customer_tier", l.Tier}, {"order_timestamp", l.At},
		{"order_date", civil.DateOf(l.At)}, {"order_hour", l.At.Hour()}, {"product_id", l.product}, {"product_name", l.name}, {"category", l.Category}, {"category_line_number", l.categoryLine},
		{"quantity", l.quantity}, {"unit_price", l.LineTotal}, {"line_total", l.LineTotal}, {"total_amount", l.Total}, {"payment_status", l.Status},
		{"state", l.state}, {"country", l.country}, {"region", l.Region}, {"file_id", l.file}, {"record_index", 0}, {"loaded_at", l.At},
	}
	if l.Refunded != nil {
		columns = append(columns, Column{"refunded_amount", l.Refunded})
	}
	return columns
}

func HourRows(lines []SaleLine) (rows [][]Column) {
	hours, groups := byHour(lines)
	for _, hour := range hours {
		g := groups[hour]
		rows = append(rows, []Column{
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

func CategoryRows(lines []SaleLine) (rows [][]Column) {
	type key struct {
		day      civil.Date
		category string
	}
	for k, g := range GroupBy(lines, func(l SaleLine) key { return key{civil.DateOf(l.At), l.Category} }) {
		rows = append(rows, []Column{
			{"metric_date", k.day}, {"category", k.category}, {"orders", len(g.Orders)}, {"units", g.units}, {"revenue", g.ordered}, {"headline_revenue", g.headlineLines}, {"paid_revenue", g.sold},
			{"completed_revenue", g.soldPaid}, {"updated_at", g.first.At},
		})
	}
	return rows
}
