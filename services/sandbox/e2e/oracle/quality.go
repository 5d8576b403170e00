package oracle

import (
	"cmp"
	"maps"
	"math/big"
	"slices"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"

	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// check is a row of the audit before it is numbered.
type check struct {
	section, place                                      int
	name, table, subject, value, unit, expected, status string
}

var sections = []string{"", "findings", "completeness", "duplicates", "references", "freshness", "volume", "ledger", "rows"}

// audit collects the checks of a report.
type audit struct {
	*reference.Warehouse
	o      Options
	files  []reference.File          // the newest reading of each, if loaded in time
	newest map[string]reference.File // of every file
	reads  map[string]int64          // how often each of them was read
	checks []check
}

func (a *audit) tell(section, place int, name, table, subject string, count int64) {
	a.checks = append(a.checks, check{section, place, name, table, subject, wholeText(count), "count", "", "info"})
}

// expect0 adds a check whose count should be 0.
func (a *audit) expect0(section, place int, name, table, subject string, count int64, otherwise string) {
	status := otherwise
	if count == 0 {
		status = "ok"
	}
	a.checks = append(a.checks, check{section, place, name, table, subject, wholeText(count), "count", "0", status})
}

// DataQuality is the report data-quality, given the readings that the warehouse was
// computed from; of a file that was read again the ledger has the newest. What the
// pipeline promises is taken for granted here: that nothing stands twice and that the
// aggregates equal the facts.
func DataQuality(w *reference.Warehouse, o Options, files []reference.File) Sheet {
	a := &audit{Warehouse: w, o: o, newest: make(map[string]reference.File), reads: make(map[string]int64)}
	for _, f := range files {
		a.reads[f.ID]++
		if known, ok := a.newest[f.ID]; !ok || f.LoadedAt.After(known.LoadedAt) {
			a.newest[f.ID] = f
		}
	}
	for _, f := range a.newest {
		if f.LoadedAt.Before(o.Through) {
			a.files = append(a.files, f)
		}
	}
	a.findings()
	a.completeness()
	a.duplicates()
	a.references()
	a.freshness()
	a.volume()
	a.ledger()
	a.counts()
	slices.SortStableFunc(a.checks, func(x, y check) int {
		return cmp.Or(x.section-y.section, x.place-y.place, cmp.Compare(x.table, y.table), cmp.Compare(x.subject, y.subject))
	})
	var sheet Sheet
	for _, c := range a.checks {
		sheet = append(sheet, []string{sections[c.section], c.name, c.table, c.subject, c.value, c.unit, c.expected, c.status, ""})
	}
	return sheet.number()
}

func (a *audit) ofDay(t time.Time) bool { return !t.Before(a.o.midnight(0)) }

func (a *audit) findings() {
	type key struct{ kind, rule string }
	total, ofDay := make(map[key]int64), make(map[key]int64)
	for _, f := range a.files {
		outcome := a.Files[f.ID]
		for rule, n := range outcome.Findings {
			if n == 0 {
				continue
			}
			total[key{outcome.Kind, rule}] += n
			if a.ofDay(f.LoadedAt) {
				ofDay[key{outcome.Kind, rule}] += n
			}
		}
	}
	for k, n := range total {
		known, _ := rules.Lookup(rules.ID(k.rule))
		status := string(known.Severity)
		if status != "info" && ofDay[k] == 0 {
			status = "ok"
		}
		a.checks = append(a.checks, check{1, 1, "found_on_day", k.kind, k.rule, wholeText(ofDay[k]), "count", "", status})
		a.tell(1, 2, "found_in_total", k.kind, k.rule, n)
	}
}

func (a *audit) duplicates() {
	a.expect0(3, 1, "repeated_lines", "fact_orders", "", 0, "error")
	a.expect0(3, 2, "orders_of_two_records", "fact_orders", "", 0, "error")
	for i, table := range []string{"order_keys", "dim_products", "dim_customers", "file_ledger", "data_quality_checks"} {
		a.expect0(3, 11+i, "repeated_keys", table, "", 0, "error")
	}
	for kind, files := range a.byKind() {
		var ofDay, total int64
		for _, f := range files {
			total += a.Files[f.ID].Duplicates
			if a.ofDay(f.LoadedAt) {
				ofDay += a.Files[f.ID].Duplicates
			}
		}
		a.tell(3, 21, "left_out_on_day", "file_ledger", kind, ofDay)
		a.tell(3, 22, "left_out_in_total", "file_ledger", kind, total)
	}
}

func (a *audit) byKind() map[string][]reference.File {
	kinds := make(map[string][]reference.File)
	for _, f := range a.files {
		kind := a.Files[f.ID].Kind
		kinds[kind] = append(kinds[kind], f)
	}
	return kinds
}

func (a *audit) references() {
	products, customers := make(map[string]bool), make(map[string]bool)
	var lines, orders int64
	upTo(a.Warehouse, a.o, func(key reference.LineKey, f reference.Fact) {
		if _, known := a.Products[f.ProductID]; !known && f.ProductID != "" {
			products[f.ProductID] = true
			lines++
		}
		if _, known := a.Customers[f.CustomerID]; !known && f.CustomerID != "" {
			customers[f.CustomerID] = true
			if key.Line == 1 {
				orders++
			}
		}
	})
	a.expect0(4, 1, "lines_without_product", "fact_orders", "product_id", lines, "warning")
	a.expect0(4, 2, "unknown_products", "fact_orders", "product_id", int64(len(products)), "warning")
	a.expect0(4, 3, "orders_without_customer", "fact_orders", "customer_id", orders, "warning")
	a.expect0(4, 4, "unknown_customers", "fact_orders", "customer_id", int64(len(customers)), "warning")
	a.expect0(4, 5, "lines_not_repaired", "fact_orders", "product_name", 0, "error")
	a.expect0(4, 6, "lines_not_repaired", "fact_orders", "customer_tier", 0, "error")
	a.expect0(4, 11, "orders_without_owner", "fact_orders", "order_id", 0, "error")
	a.expect0(4, 12, "owners_without_order", "order_keys", "order_id", 0, "error")
	a.expect0(4, 13, "orders_of_no_file", "fact_orders", "file_id", 0, "error")
}

func (a *audit) freshness() {
	newest, landed := make(map[string]time.Time), make(map[string]int64)
	var load, hour time.Time
	for _, f := range a.newest {
		landed[a.Files[f.ID].Kind]++
	}
	for _, f := range a.files {
		outcome := a.Files[f.ID]
		newest[outcome.Kind] = latest(newest[outcome.Kind], f.LandedAt)
		if outcome.Verdict == loaded {
			load = latest(load, f.LoadedAt)
		}
	}
	for at := range a.Hours {
		if at.Before(a.o.Through) {
			hour = latest(hour, at)
		}
	}
	for i, kind := range []string{"orders", "products", "customers"} {
		status := "ok"
		if landed[kind] == 0 {
			status = "error"
		}
		a.checks = append(a.checks, check{5, i + 1, "files_landed", "file_ledger", kind, wholeText(landed[kind]), "count", "at least 1", status})
		most := a.o.CatalogsMaxAgeHours
		if kind == "orders" {
			most = a.o.OrdersMaxAgeHours
		}
		a.age(11+i, "newest_file_age", "file_ledger", kind, newest[kind], most)
	}
	a.age(21, "newest_load_age", "file_ledger", "loaded_at", load, a.o.OrdersMaxAgeHours)
	a.age(22, "newest_order_hour_age", "agg_hourly_metrics", "metric_hour", hour, a.o.OrdersMaxAgeHours)
	a.landings()
	a.recounts()
}

// recounts tells that all days have been recounted since the date was over: so it is of a warehouse whose days have
// never been recounted before, or are fewer than a night recounts.
func (a *audit) recounts() {
	days := make(map[int]bool)
	for _, f := range a.Facts {
		days[a.o.daysBefore(f.Time)] = true
	}
	n := len(days)
	c := check{5, 41, "days_recounted", "audit_days", "recounted_at", wholeText(n), "count", "at least " + wholeText(min(n, a.o.AuditDays)), "ok"}
	if a.checks = append(a.checks, c); n > 0 {
		nights := (n + a.o.AuditDays - 1) / a.o.AuditDays
		a.checks = append(a.checks, check{5, 42, "oldest_recount_age", "audit_days", "recounted_at", "0", "hours", "at most " + wholeText(24*(nights+1)), "ok"})
	}
}

// landings tells how much of the day's orders landed after it was over.
func (a *audit) landings() {
	var orders, later int64
	var last time.Time
	for key, f := range a.Facts {
		if key.Line != 1 || a.o.daysBefore(f.Time) != 0 {
			continue
		}
		orders++
		if at := a.newest[f.FileID].LandedAt; !at.Before(a.o.midnight(1)) {
			later++
			last = latest(last, at)
		}
	}
	a.tell(5, 31, "orders_of_day", "order_keys", "landed_at", orders)
	a.tell(5, 32, "orders_landed_later", "order_keys", "landed_at", later)
	if later > 0 {
		hours := rounded(quotient(ratOf(int64(last.Sub(a.o.midnight(1))/time.Second)), ratOf(3600)), 2)
		a.checks = append(a.checks, check{5, 33, "last_landing_after_day", "order_keys", "landed_at", plainText(hours), "hours", "", "info"})
	}
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (a *audit) age(place int, name, table, subject string, newest time.Time, most int) {
	if newest.IsZero() {
		return
	}
	seconds := int64(a.o.Through.Sub(newest) / time.Second)
	hours := rounded(quotient(ratOf(seconds), ratOf(3600)), 2)
	status := "ok"
	if hours.Cmp(ratOf(most)) > 0 {
		status = "warning"
	}
	a.checks = append(a.checks, check{5, place, name, table, subject, plainText(hours), "hours", "at most " + wholeText(most), status})
}

func (a *audit) volume() {
	orders, revenue := make(map[int]*big.Rat), make(map[int]*big.Rat)
	history := -1
	for at, hour := range a.Hours {
		n := a.o.daysBefore(at)
		if n < 0 {
			continue
		}
		history = max(history, n)
		orders[n] = add(or0(orders[n]), ratOf(hour.Orders))
		revenue[n] = add(or0(revenue[n]), hour.Revenue.Rat())
	}
	a.compareVolume(1, "orders", "agg_hourly_metrics", "", "count", orders, history)
	a.compareVolume(2, "revenue", "agg_hourly_metrics", "", "amount", revenue, history)
	first := -1
	landed := make(map[string]map[int]*big.Rat)
	for _, f := range a.files {
		n, kind := a.o.daysBefore(f.LandedAt), a.Files[f.ID].Kind
		first = max(first, n)
		if landed[kind] == nil {
			landed[kind] = make(map[int]*big.Rat)
		}
		landed[kind][n] = add(or0(landed[kind][n]), ratOf(1))
	}
	for i, kind := range []string{"orders", "products", "customers"} {
		a.compareVolume(3+i, "files", "file_ledger", kind, "count", landed[kind], first)
	}
}

// compareVolume compares a measure with the same weekdays before, if it ever was above 0.
func (a *audit) compareVolume(place int, name, table, subject, unit string, days map[int]*big.Rat, history int) {
	if len(days) == 0 {
		return
	}
	c := check{6, place, name, table, subject, plainText(or0(days[0])), unit, "", "info"}
	var seen []*big.Rat
	for n := 7; n <= 7*comparedWeeks && n <= history; n += 7 {
		seen = append(seen, or0(days[n]))
	}
	if len(seen) >= fewestWeeks {
		expected := middle(seen)
		tolerance := larger(product(deviations, spread(seen, expected)), product(quarter, expected))
		c.expected = "from " + plainText(rounded(larger(subtract(expected, tolerance), new(big.Rat)), 2)) +
			" to " + plainText(rounded(add(expected, tolerance), 2))
		switch {
		case a.o.Through.Before(a.o.midnight(1)):
		case magnitude(subtract(or0(days[0]), expected)).Cmp(tolerance) > 0:
			c.status = "warning"
		default:
			c.status = "ok"
		}
	}
	a.checks = append(a.checks, c)
}

func (a *audit) ledger() {
	a.expect0(7, 1, "unbalanced_files", "file_ledger", "", 0, "error")
	a.expect0(7, 2, "files_with_other_lines", "fact_orders", "", 0, "error")
	a.expect0(7, 3, "differs_from_facts", "agg_hourly_metrics", "total_orders", 0, "error")
	for i, c := range [][2]string{{"agg_hourly_metrics", "total_revenue"}, {"agg_category_revenue", "revenue"}} {
		a.checks = append(a.checks, check{7, 4 + i, "differs_from_facts", c[0], c[1], "0", "amount", "0", "ok"})
	}
	a.expect0(7, 6, "differs_from_facts", "agg_daily_orders", "orders", 0, "error")
	a.checks = append(a.checks, check{7, 7, "differs_from_facts", "agg_daily_orders", "total_revenue", "0", "amount", "0", "ok"})
	a.expect0(7, 8, "differs_from_facts", "agg_daily_products", "product_id", 0, "error")
	a.expect0(7, 9, "differs_from_facts", "agg_daily_customers", "customer_id", 0, "error")
	a.expect0(7, 10, "differs_from_facts", "agg_daily_files", "file_id", 0, "error")
	var ofDay, total int64
	for _, f := range a.files {
		if a.Files[f.ID].Verdict == quarantined {
			total++
			if a.ofDay(f.LoadedAt) {
				ofDay++
			}
		}
	}
	a.expect0(7, 11, "quarantined_on_day", "file_ledger", "", ofDay, "warning")
	a.tell(7, 12, "quarantined_in_total", "file_ledger", "", total)
	for kind, files := range a.byKind() {
		var sum reference.Outcome
		for _, f := range files {
			o := a.Files[f.ID]
			sum.Records += o.Records
			sum.Loaded += o.Loaded
			sum.Duplicates += o.Duplicates
			sum.Rejected += o.Rejected
			sum.Held += o.Held
		}
		a.tell(7, 21, "files", "file_ledger", kind, int64(len(files)))
		a.tell(7, 22, "records", "file_ledger", kind, sum.Records)
		a.tell(7, 23, "loaded", "file_ledger", kind, sum.Loaded)
		a.tell(7, 24, "duplicates", "file_ledger", kind, sum.Duplicates)
		a.tell(7, 25, "rejected", "file_ledger", kind, sum.Rejected)
		a.tell(7, 26, "held", "file_ledger", kind, sum.Held)
	}
}

func (a *audit) counts() {
	var facts, orders, hours, findings, rejected int64
	upTo(a.Warehouse, a.o, func(key reference.LineKey, _ reference.Fact) {
		facts++
		if key.Line == 1 {
			orders++
		}
	})
	for at := range a.Hours {
		if a.o.daysBefore(at) >= 0 {
			hours++
		}
	}
	categories := int64(0)
	for key := range a.Categories {
		if !key.Day.After(a.o.Date) {
			categories++
		}
	}
	for _, f := range a.files {
		for n := range maps.Values(a.Files[f.ID].FindingRows) {
			findings += n
		}
		// Each reading leaves its refused records, the same for the same bytes.
		rejected += a.reads[f.ID] * a.Files[f.ID].Rejected
	}
	open := make(map[[3]string]bool)
	for _, f := range a.Facts {
		if f.Orphan() {
			open[[3]string{"product", f.ProductID, dateText(f.Time)}] = true
		}
		if !f.IsCustomerKnown() {
			open[[3]string{"customer", f.CustomerID, dateText(f.Time)}] = true
		}
	}
	for i, c := range []struct {
		table string
		rows  int64
	}{
		{"fact_orders", facts}, {"order_keys", orders}, {"dim_products", int64(len(a.Products))}, {"dim_customers", int64(len(a.Customers))},
		{"agg_hourly_metrics", hours}, {"agg_category_revenue", categories}, {"file_ledger", int64(len(a.files))},
		{"data_quality_checks", findings}, {"v_rejected_records", rejected}, {"v_dead_letters", 0}, {"unresolved_refs", int64(len(open))},
	} {
		a.tell(8, i+1, "rows", c.table, "", c.rows)
	}
}
