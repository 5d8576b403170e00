package e2e

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

// saleLine is a row of fact_orders as this test makes it up.
type saleLine struct {
	order, file, customer, tier, product, category, status string
	name, state, country                                   bigquery.NullString
	region                                                 string
	line, categoryLine, quantity                           int64
	lineTotal, total                                       *big.Rat
	at                                                     time.Time
}

type jsonRow = map[string]any

// makeSales makes orders of six days with up to three lines each.
func makeSales(today time.Time) []saleLine {
	rnd := rand.New(rand.NewPCG(7, 11))
	pick := func(words ...string) string { return words[rnd.IntN(len(words))] }
	places := [][3]string{
		{"NY", "USA", "Northeast"}, {"CA", "US", "West"}, {" ca", "United States of America ", "West"}, {"Texas", "usa", "usa"},
		{"", "France", "France"}, {hostileName, hostileName, hostileName},
	}
	var lines []saleLine
	for i := range 60 {
		place := places[rnd.IntN(len(places))]
		first := saleLine{
			order: fmt.Sprintf("order-%d", i), file: fmt.Sprintf("file-%d", i%len(fileDelays)), customer: fmt.Sprintf("customer-%d", rnd.IntN(15)), tier: pick("gold", "silver", "unknown", hostileName),
			status: pick("completed", "completed", "pending", "failed", "on hold"), region: place[2],
			state: bigquery.NullString{StringVal: place[0], Valid: place[0] != ""}, country: bigquery.NullString{StringVal: place[1], Valid: true},
			at: today.Add(-time.Duration(rnd.IntN(6*24*3600)) * time.Second), total: new(big.Rat),
		}
		var order []saleLine
		lineOf := make(map[string]int64)
		for line := range 1 + rnd.IntN(3) {
			l := first
			n := rnd.IntN(4)
			l.line, l.quantity = int64(line+1), int64(1+rnd.IntN(5))
			l.product, l.category = fmt.Sprintf("product-%d", n), []string{"Books", "Sports", "unknown", hostileName}[n]
			l.name = bigquery.NullString{StringVal: "Name " + l.category, Valid: l.category != "unknown"}
			lineOf[l.category]++
			l.categoryLine = lineOf[l.category]
			l.lineTotal = big.NewRat(int64(rnd.IntN(1_000_000_000)), 1000)
			first.total.Add(first.total, l.lineTotal)
			order = append(order, l)
		}
		lines = append(lines, order...)
	}
	return lines
}

// group is what the lines of one key come to.
type group struct {
	orders, customers map[string]bool
	completed         map[string]bool
	units, lines      int64
	sold, soldPaid    *big.Rat // line_total
	total, totalPaid  *big.Rat // total_amount
	first             saleLine
	byStatus          map[string]int64
}

// groupBy sums lines by a key; an order counts once per key, and its total_amount too.
func groupBy[K comparable](lines []saleLine, key func(saleLine) K) map[K]*group {
	groups := make(map[K]*group)
	for _, l := range lines {
		g := groups[key(l)]
		if g == nil {
			g = &group{
				orders: map[string]bool{}, customers: map[string]bool{}, completed: map[string]bool{}, byStatus: map[string]int64{},
				sold: new(big.Rat), soldPaid: new(big.Rat), total: new(big.Rat), totalPaid: new(big.Rat), first: l,
			}
			groups[key(l)] = g
		}
		paid := l.status == "completed"
		if !g.orders[l.order] {
			g.orders[l.order] = true
			g.byStatus[l.status]++
			g.total.Add(g.total, l.total)
			if paid {
				g.completed[l.order] = true
				g.totalPaid.Add(g.totalPaid, l.total)
			}
		}
		g.customers[l.customer] = true
		g.units += l.quantity
		g.lines++
		g.sold.Add(g.sold, l.lineTotal)
		if paid {
			g.soldPaid.Add(g.soldPaid, l.lineTotal)
		}
	}
	return groups
}

// ranked lists groups by an amount, highest first, then by name.
func ranked[K cmp.Ordered](groups map[K]*group, amount func(*group) *big.Rat) []K {
	keys := make([]K, 0, len(groups))
	for k := range groups {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b K) int {
		return cmp.Or(amount(groups[b]).Cmp(amount(groups[a])), cmp.Compare(a, b))
	})
	return keys
}

// byAmount is what a ranked list is ordered by: all revenue, or the completed.
type byAmount struct {
	param                string
	sold, total, average func(*group) *big.Rat
}

var (
	byRevenue = byAmount{
		"revenue", func(g *group) *big.Rat { return g.sold }, func(g *group) *big.Rat { return g.total }, averageOf,
	}
	byCompleted = byAmount{
		"completed_revenue", func(g *group) *big.Rat { return g.soldPaid }, func(g *group) *big.Rat { return g.totalPaid },
		func(g *group) *big.Rat {
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

func averageOf(g *group) *big.Rat { return average(g.total, len(g.orders)) }

// fileDelays are how long the files of the orders took from landing to facts.
var fileDelays = []time.Duration{100 * time.Millisecond, 900 * time.Millisecond, 20 * time.Millisecond, time.Minute, 2 * time.Second}

// nearestRank is the value that so many percent do not exceed.
func nearestRank(sorted []float64, percent int) any {
	for i, v := range sorted {
		if (i+1)*100 >= len(sorted)*percent {
			return v
		}
	}
	return nil
}

func wantSummary(all, within []saleLine, newestLoad time.Time) []jsonRow {
	want := jsonRow{
		"orders": 0.0, "revenue": "0.00", "completed_orders": 0.0, "completed_revenue": "0.00", "avg_order_value": nil, "completed_avg_order_value": nil,
		"customers": 0.0, "newest_fact_at": nil, "files": 0.0, "load_p50_ms": nil, "load_p99_ms": nil,
		"newest_order_hour": newestOf(all).Truncate(time.Hour).Format(time.RFC3339), "newest_load_at": newestLoad.Format(time.RFC3339Nano),
	}
	g := groupBy(within, func(saleLine) string { return "" })[""]
	if g == nil {
		return []jsonRow{want}
	}
	want["orders"], want["revenue"], want["avg_order_value"] = float64(len(g.orders)), amountText(g.total), amountText(averageOf(g))
	want["completed_orders"], want["completed_revenue"] = float64(len(g.completed)), amountText(g.totalPaid)
	want["completed_avg_order_value"] = paidAverageOf(g)
	want["customers"], want["newest_fact_at"] = float64(len(g.customers)), newestOf(within).Format(time.RFC3339Nano)
	var delays []float64
	for file := range groupBy(within, func(l saleLine) string { return l.file }) {
		n, _ := strconv.Atoi(strings.TrimPrefix(file, "file-"))
		delays = append(delays, float64(fileDelays[n].Milliseconds()))
	}
	slices.Sort(delays)
	want["files"], want["load_p50_ms"], want["load_p99_ms"] = float64(len(delays)), nearestRank(delays, 50), nearestRank(delays, 99)
	return []jsonRow{want}
}

func newestOf(lines []saleLine) time.Time {
	return slices.MaxFunc(lines, func(a, b saleLine) int { return a.at.Compare(b.at) }).at
}

// paidAverageOf is the average of the completed orders, nil without one.
func paidAverageOf(g *group) any {
	if len(g.completed) == 0 {
		return nil
	}
	return amountText(average(g.totalPaid, len(g.completed)))
}

func byHour(lines []saleLine) ([]string, map[string]*group) {
	groups := groupBy(lines, func(l saleLine) string { return l.at.Truncate(time.Hour).Format(time.RFC3339) })
	keys := make([]string, 0, len(groups))
	for k := range groups {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys, groups
}

func otherOrders(g *group) int64 {
	return int64(len(g.orders)) - g.byStatus["completed"] - g.byStatus["pending"] - g.byStatus["failed"]
}

func wantHours(lines []saleLine) (want []jsonRow) {
	hours, groups := byHour(lines)
	for _, hour := range hours {
		g := groups[hour]
		want = append(want, jsonRow{
			"metric_hour": hour, "total_orders": float64(len(g.orders)), "total_revenue": amountText(g.total), "avg_order_value": amountText(averageOf(g)),
			"unique_customers": float64(len(g.customers)), "completed_orders": float64(g.byStatus["completed"]), "completed_revenue": amountText(g.totalPaid),
			"pending_orders": float64(g.byStatus["pending"]), "failed_orders": float64(g.byStatus["failed"]), "other_orders": float64(otherOrders(g)),
		})
	}
	return want
}

func wantCategories(lines []saleLine, by byAmount) (want []jsonRow) {
	groups := groupBy(lines, func(l saleLine) string { return l.category })
	for _, category := range ranked(groups, by.sold) {
		g := groups[category]
		want = append(want, jsonRow{
			"category": category, "orders": float64(len(g.orders)), "units": float64(g.units),
			"revenue": amountText(g.sold), "completed_revenue": amountText(g.soldPaid),
		})
	}
	return want
}

func wantProducts(lines []saleLine, by byAmount) (want []jsonRow) {
	groups := groupBy(lines, func(l saleLine) string { return l.product })
	for _, product := range ranked(groups, by.sold) {
		g := groups[product]
		var name any
		if g.first.name.Valid {
			name = g.first.name.StringVal
		}
		want = append(want, jsonRow{
			"product_id": product, "product_name": name, "category": g.first.category,
			"order_lines": float64(g.lines), "units": float64(g.units), "revenue": amountText(g.sold), "completed_revenue": amountText(g.soldPaid),
		})
	}
	return want
}

func wantTiers(lines []saleLine, by byAmount) (want []jsonRow) {
	groups := groupBy(lines, func(l saleLine) string { return l.tier })
	for _, tier := range ranked(groups, by.average) {
		g := groups[tier]
		want = append(want, jsonRow{
			"customer_tier": tier, "orders": float64(len(g.orders)), "customers": float64(len(g.customers)),
			"revenue": amountText(g.total), "avg_order_value": amountText(averageOf(g)), "completed_orders": float64(len(g.completed)),
			"completed_revenue": amountText(g.totalPaid), "completed_avg_order_value": paidAverageOf(g),
		})
	}
	return want
}

func wantPlaces(lines []saleLine, by byAmount) (want []jsonRow) {
	text := func(s bigquery.NullString) any {
		if !s.Valid {
			return nil
		}
		return s.StringVal
	}
	add := func(level string, key func(saleLine) string, region, state, country func(saleLine) any) {
		groups := groupBy(lines, key)
		for _, place := range ranked(groups, by.total) {
			g := groups[place]
			want = append(want, jsonRow{
				"level": level, "region": region(g.first), "state": state(g.first), "country": country(g.first),
				"orders": float64(len(g.orders)), "revenue": amountText(g.total), "completed_revenue": amountText(g.totalPaid),
			})
		}
	}
	none := func(saleLine) any { return nil }
	region := func(l saleLine) any { return l.region }
	state := func(l saleLine) any { return text(l.state) }
	country := func(l saleLine) any { return text(l.country) }
	lines = slices.Clone(lines)
	for i, l := range lines {
		switch strings.ToUpper(strings.TrimSpace(l.country.StringVal)) {
		case "US", "USA", "UNITED STATES", "UNITED STATES OF AMERICA":
			lines[i].country.StringVal, lines[i].state.StringVal = "USA", strings.ToUpper(strings.TrimSpace(l.state.StringVal))
		}
	}
	add("country", func(l saleLine) string { return l.country.StringVal }, none, none, country)
	add("region", func(l saleLine) string { return l.region }, region, none, none)
	add("state", func(l saleLine) string { return l.country.StringVal + "/" + l.state.StringVal }, region, state, country)
	return want
}

// column is a value for an INSERT.
type column struct {
	name  string
	value any
}

func (l saleLine) columns() []column {
	return []column{
		{"order_id", l.order}, {"line_number", l.line}, {"customer_id", l.customer}, {"customer_tier", l.tier}, {"order_timestamp", l.at},
		{"order_date", civil.DateOf(l.at)}, {"order_hour", l.at.Hour()}, {"product_id", l.product}, {"product_name", l.name}, {"category", l.category}, {"category_line_number", l.categoryLine},
		{"quantity", l.quantity}, {"unit_price", l.lineTotal}, {"line_total", l.lineTotal}, {"total_amount", l.total}, {"payment_status", l.status},
		{"state", l.state}, {"country", l.country}, {"region", l.region}, {"file_id", l.file}, {"record_index", 0}, {"loaded_at", l.at},
	}
}

func hourRows(lines []saleLine) (rows [][]column) {
	hours, groups := byHour(lines)
	for _, hour := range hours {
		g := groups[hour]
		rows = append(rows, []column{
			{"metric_hour", g.first.at.Truncate(time.Hour)}, {"total_orders", len(g.orders)}, {"total_revenue", g.total}, {"avg_order_value", averageOf(g)},
			{"unique_customers", len(g.customers)}, {"completed_orders", len(g.completed)}, {"completed_revenue", g.totalPaid}, {"pending_orders", g.byStatus["pending"]},
			{"failed_orders", g.byStatus["failed"]}, {"other_orders", otherOrders(g)}, {"updated_at", g.first.at},
		})
	}
	return rows
}

func categoryRows(lines []saleLine) (rows [][]column) {
	type key struct {
		day      civil.Date
		category string
	}
	for k, g := range groupBy(lines, func(l saleLine) key { return key{civil.DateOf(l.at), l.category} }) {
		rows = append(rows, []column{
			{"metric_date", k.day}, {"category", k.category}, {"orders", len(g.orders)}, {"units", g.units}, {"revenue", g.sold},
			{"completed_revenue", g.soldPaid}, {"updated_at", g.first.at},
		})
	}
	return rows
}
