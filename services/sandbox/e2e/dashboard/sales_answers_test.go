package dashboard

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

func wantSummary(all, within []saleLine, newestLoad time.Time) []harness.JsonRow {
	want := harness.JsonRow{
		"orders": 0.0, "sold_orders": 0.0, "revenue": "0.00", "total_revenue": "0.00", "refunded_revenue": "0.00", "net_revenue": "0.00",
		"failed_revenue": "0.00", "cancelled_revenue": "0.00", "pending_revenue": "0.00", "other_revenue": "0.00", "paid_back_revenue": "0.00",
		"paid_orders": 0.0, "completed_orders": 0.0, "completed_revenue": "0.00", "avg_order_value": nil, "total_avg_order_value": nil, "completed_avg_order_value": nil,
		"customers": 0.0, "newest_fact_at": nil, "files": 0.0, "load_p50_ms": nil, "load_p99_ms": nil,
		"newest_order_hour": newestOf(all).Truncate(time.Hour).Format(time.RFC3339), "newest_load_at": newestLoad.Format(time.RFC3339Nano),
	}
	g := groupBy(within, func(saleLine) string { return "" })[""]
	if g == nil {
		return []harness.JsonRow{want}
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
	for file := range groupBy(within, func(l saleLine) string { return l.file }) {
		n, _ := strconv.Atoi(strings.TrimPrefix(file, "file-"))
		delays = append(delays, float64(fileDelays[n].Milliseconds()))
	}
	slices.Sort(delays)
	want["files"], want["load_p50_ms"], want["load_p99_ms"] = float64(len(delays)), nearestRank(delays, 50), nearestRank(delays, 99)
	return []harness.JsonRow{want}
}

// nearestRank is the value that so many percent do not exceed.
func nearestRank(sorted []float64, percent int) any {
	for i, v := range sorted {
		if (i+1)*100 >= len(sorted)*percent {
			return v
		}
	}
	return nil
}

func wantHours(lines []saleLine) (want []harness.JsonRow) {
	hours, groups := byHour(lines)
	for _, hour := range hours {
		g := groups[hour]
		want = append(want, harness.JsonRow{
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

func wantCategories(lines []saleLine, by byAmount) (want []harness.JsonRow) {
	groups := groupBy(lines, func(l saleLine) string { return l.Category })
	for i, category := range ranked(groups, by.sold) {
		g := groups[category]
		want = append(want, harness.JsonRow{
			"place": float64(i + 1), "category": category, "orders": float64(len(g.Orders)), "units": float64(g.units),
			"revenue": amountText(g.sold), "total_revenue": amountText(g.ordered), "completed_revenue": amountText(g.soldPaid),
		})
	}
	return want
}

func wantProducts(lines []saleLine, by byAmount) (want []harness.JsonRow) {
	lines = slices.DeleteFunc(slices.Clone(lines), func(l saleLine) bool { return !l.product.Valid })
	groups := groupBy(lines, func(l saleLine) string { return l.product.StringVal })
	for i, product := range ranked(groups, by.sold) {
		g := groups[product]
		var name any
		if g.first.name.Valid {
			name = g.first.name.StringVal
		}
		want = append(want, harness.JsonRow{
			"place": float64(i + 1), "product_id": product, "product_name": name, "category": g.first.Category,
			"order_lines": float64(g.lines), "units": float64(g.units), "revenue": amountText(g.sold), "total_revenue": amountText(g.ordered), "completed_revenue": amountText(g.soldPaid),
		})
	}
	return want
}

func wantTiers(lines []saleLine, by byAmount) (want []harness.JsonRow) {
	groups := groupBy(lines, func(l saleLine) string { return l.Tier })
	for i, tier := range ranked(groups, by.average) {
		g := groups[tier]
		want = append(want, harness.JsonRow{
			"place": float64(i + 1), "total_revenue": amountText(g.total), "total_avg_order_value": amountText(averageOf(g)), "paid_orders": float64(g.paidOrders),
			"customer_tier": tier, "orders": float64(len(g.Orders)), "customers": float64(len(g.customers)),
			"sold_orders": float64(g.counted), "revenue": amountText(g.revenue), "avg_order_value": revenueAverageOf(g), "completed_orders": float64(len(g.completed)),
			"completed_revenue": amountText(g.totalPaid), "completed_avg_order_value": paidAverageOf(g),
		})
	}
	return want
}

func wantPlaces(lines []saleLine, by byAmount) (want []harness.JsonRow) {
	textOf := func(s bigquery.NullString) any {
		if !s.Valid {
			return nil
		}
		return s.StringVal
	}
	add := func(level string, key func(saleLine) string, region, state, country func(saleLine) any) {
		groups := groupBy(lines, key)
		for _, place := range ranked(groups, by.total) {
			g := groups[place]
			want = append(want, harness.JsonRow{
				"level": level, "region": region(g.first), "state": state(g.first), "country": country(g.first),
				"orders": float64(len(g.Orders)), "revenue": amountText(g.revenue), "total_revenue": amountText(g.total), "completed_revenue": amountText(g.totalPaid),
			})
		}
	}
	none := func(saleLine) any { return nil }
	region := func(l saleLine) any { return l.Region }
	state := func(l saleLine) any { return textOf(l.state) }
	country := func(l saleLine) any { return textOf(l.country) }
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
	shipped := slices.DeleteFunc(slices.Clone(lines), func(l saleLine) bool { return !l.country.Valid })
	all := lines
	lines = shipped
	add("country", func(l saleLine) string { return l.country.StringVal }, none, none, country)
	lines = all
	add("region", func(l saleLine) string { return l.Region }, region, none, none)
	lines = shipped
	add("state", func(l saleLine) string { return l.country.StringVal + "/" + l.state.StringVal }, region, state, country)
	return want
}
