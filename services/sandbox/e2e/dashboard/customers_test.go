package dashboard

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/oracle"
)

// lifeOrder is an order with its versions, the first first.
type lifeOrder struct {
	id, customer string // "": a guest
	at           time.Time
	cents        int
	versions     []lifeVersion
}

type lifeVersion struct {
	status   string
	updated  time.Time
	refunded int // cents; 0: not said
}

func (o lifeOrder) now() lifeVersion { return o.versions[len(o.versions)-1] }

func (o lifeOrder) day() civil.Date { return civil.DateOf(o.at) }

func (o lifeOrder) isPaid() bool {
	return slices.Contains([]string{"completed", "refunded", "partially_refunded"}, o.now().status)
}

// revenue is in cents.
func (o lifeOrder) revenue() int {
	switch v := o.now(); {
	case !o.isPaid(), v.status == "refunded" && v.refunded == 0:
		return 0
	default:
		return o.cents - v.refunded
	}
}

// first is when the first version with one of the statuses was.
func (o lifeOrder) first(statuses ...string) (time.Time, bool) {
	for _, v := range o.versions {
		if slices.Contains(statuses, v.status) {
			return v.updated, true
		}
	}
	return time.Time{}, false
}

// line is a version as a shop sends it.
func (o lifeOrder) line(v lifeVersion) string {
	customer, refund := "null", ""
	if o.customer != "" {
		customer = fmt.Sprintf("%q", o.customer)
	}
	if v.refunded > 0 {
		refund = fmt.Sprintf(`"refunded_amount":%s,`, money(v.refunded))
	}
	return fmt.Sprintf(`{"order_id":%q,"customer_id":%s,"order_timestamp":%q,"updated_at":%q,"items":[{"product_id":"P-1","quantity":1,"unit_price":%[5]s}],`+
		`"total_amount":%[5]s,%s"payment_status":%q,"shipping_address":null}`+"\n",
		o.id, customer, o.at.Format(time.RFC3339), v.updated.Format(time.RFC3339), money(o.cents), refund, v.status)
}

func money(cents int) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }

// makeLives makes orders of 120 days up to today with up to three versions, an eighth of guests.
func makeLives(today time.Time) (orders []lifeOrder) {
	rnd := rand.New(rand.NewPCG(4, 18))
	for i := range 260 {
		o := lifeOrder{
			id: fmt.Sprintf("L-%d", i), customer: fmt.Sprintf("C-%d", rnd.IntN(70)), cents: 100 + rnd.IntN(90_000),
			at: today.Add(time.Duration(rnd.IntN(86_400))*time.Second).AddDate(0, 0, -rnd.IntN(120)),
		}
		if rnd.IntN(8) == 0 {
			o.customer = ""
		}
		wait := func() time.Duration {
			return time.Duration(rnd.IntN(1+[]int{600, 30_000, 500_000}[rnd.IntN(3)])) * time.Second
		}
		v := lifeVersion{status: []string{"pending", "pending", "completed", "failed"}[rnd.IntN(4)], updated: o.at}
		o.versions = append(o.versions, v)
		if v.status == "pending" && rnd.IntN(5) > 0 {
			v = lifeVersion{status: []string{"completed", "completed", "completed", "cancelled"}[rnd.IntN(4)], updated: v.updated.Add(wait() + time.Second)}
			o.versions = append(o.versions, v)
		}
		if v.status == "completed" && rnd.IntN(4) == 0 {
			v = lifeVersion{status: "refunded", updated: v.updated.Add(wait() + time.Second)}
			if rnd.IntN(2) == 0 {
				v.status, v.refunded = "partially_refunded", 1+rnd.IntN(o.cents-1)
			}
			o.versions = append(o.versions, v)
		}
		orders = append(orders, o)
	}
	// The first order of this one comes last of all.
	return append(orders, lifeOrder{"L-late", "C-0", today.AddDate(0, 0, -119), 5000, []lifeVersion{{"completed", today.AddDate(0, 0, -118), 0}}})
}

// TestCustomersPage holds the customers of any period, the cohorts and the orders' lives against sums over the orders that
// were made, version by version, with guests and refunds, of files in the wrong order of which one is read twice; and
// the page against the API.
func TestCustomersPage(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	if rows := p.Ask(t, "customers", "rows"); len(rows) != 0 {
		t.Errorf("without a report: %v", rows)
	}
	today := time.Now().UTC().Truncate(24 * time.Hour)
	orders := makeLives(today)
	var files [3]bytes.Buffer
	for i, o := range orders {
		for n, v := range o.versions {
			files[(n+i)%3].WriteString(o.line(v)) // a third of the versions comes before the one that it replaces
		}
	}
	for n := range files {
		p.Land(t, fmt.Sprintf("orders/lives_%d.json", n), files[n].Bytes())
		p.AwaitFiles(t, n+1)
	}
	p.BringBack(t, 1, "reprocess", p.FileID(t, "orders/lives_1.json"))
	known := civil.DateOf(today).AddDays(-1)
	if err := p.Daily(t, time.Now).Make(t.Context(), known, nil); err != nil {
		t.Fatal(err)
	}
	for _, days := range [][2]int{{-30, 0}, {-6, 0}, {-119, -1}, {-60, -31}, {-1, -1}, {-200, -150}, {0, 0}} {
		period := [2]civil.Date{civil.DateOf(today).AddDays(days[0]), civil.DateOf(today).AddDays(days[1])}
		checkCustomers(t, p, orders, period, known)
		checkLives(t, p, orders, period, known)
	}
	showsCustomers(t, p, openBrowser(t, p.Dashboard))
}

// checkCustomers compares what a period's customers are with what they are by the orders.
func checkCustomers(t *testing.T, p *harness.Pipeline, orders []lifeOrder, period [2]civil.Date, known civil.Date) {
	t.Helper()
	first, count, in := make(map[string]civil.Date), make(map[string]int), make(map[string]bool)
	paid, guests, revenue, guestRevenue := 0, 0, 0, 0
	for _, o := range orders {
		if !o.isPaid() || o.day().After(known) || o.day().After(period[1]) {
			continue
		}
		inside := !o.day().Before(period[0])
		if o.customer == "" {
			if inside {
				guests, guestRevenue = guests+1, guestRevenue+o.revenue()
			}
			continue
		}
		if d, ok := first[o.customer]; !ok || o.day().Before(d) {
			first[o.customer] = o.day()
		}
		count[o.customer]++
		if inside {
			in[o.customer] = true
			paid, revenue = paid+1, revenue+o.revenue()
		}
	}
	fresh, again := 0, 0
	for c := range in {
		if !first[c].Before(period[0]) {
			fresh++
		}
	}
	for _, n := range count {
		if n >= 2 {
			again++
		}
	}
	rows := p.Ask(t, fmt.Sprintf("customers?from=%s&to=%s", period[0], period[1]), "rows")
	fields := []string{"known_to", "customers", "new_customers", "returning_customers", "ever_customers", "repeat_customers", "orders", "revenue", "guest_orders", "guest_revenue"}
	end := "<nil>"
	if !period[0].After(known) {
		end = known.AddDays(min(period[1].DaysSince(known), 0)).String()
	}
	want := []any{end, len(in), fresh, len(in) - fresh, len(count), again, paid, money(revenue), guests, money(guestRevenue)}
	var got []string
	for _, f := range fields {
		got = append(got, fmt.Sprint(rows[0][f]))
	}
	if diff := cmp.Diff(texts(want), got); diff != "" {
		t.Errorf("customers of %v, %v (-orders +API):\n%s", period, fields, diff)
	}
	fresh = 0
	for _, d := range p.Ask(t, fmt.Sprintf("customers?from=%s&to=%s", period[0], period[1]), "days") {
		n, _ := d["new_customers"].(float64)
		fresh += int(n)
	}
	if fresh != want[2] {
		t.Errorf("the days of %v have %d new customers, all %d", period, fresh, want[2])
	}
}

func texts(values []any) (list []string) {
	for _, v := range values {
		list = append(list, fmt.Sprint(v))
	}
	return list
}

// checkLives compares what became of a period's orders, and how long that took.
func checkLives(t *testing.T, p *harness.Pipeline, orders []lifeOrder, period [2]civil.Date, known civil.Date) {
	t.Helper()
	states, took := make(map[string]int), make(map[string][]int64)
	oldest := known.AddDays(-89)
	for _, o := range orders {
		if o.day().Before(period[0]) || o.day().After(period[1]) {
			continue
		}
		states[o.now().status]++
		if o.day().After(known) || o.day().Before(oldest) {
			continue
		}
		tell := func(step string, until time.Time, ok bool) {
			if ok {
				took[step] = append(took[step], oracle.TimeTold(until.Sub(o.at)))
			}
		}
		if o.isPaid() {
			until, ok := o.first("completed")
			tell("completed", until, ok)
			until, ok = o.first("refunded", "partially_refunded")
			tell("refunded", until, ok)
		}
		if o.now().status == "pending" {
			took["pending"] = append(took["pending"], oracle.TimeTold(oracle.Waited(known.AddDays(1).In(time.UTC), o.at)))
		}
	}
	query := fmt.Sprintf("?from=%s&to=%s", period[0], period[1])
	got := make(map[string]int)
	for _, r := range p.Ask(t, "order-life"+query, "rows") {
		n, _ := r["orders"].(float64)
		got[r["status"].(string)] = int(n)
	}
	if diff := cmp.Diff(states, got); diff != "" {
		t.Errorf("orders of %v by status (-orders +API):\n%s", period, diff)
	}
	var want []string
	rank := func(list []int64, tenths int) int64 { return list[(len(list)*tenths+9)/10-1] }
	for _, step := range []string{"completed", "pending", "refunded"} {
		list := took[step]
		if len(list) == 0 {
			continue
		}
		slices.Sort(list)
		overdue := "<nil>"
		if done := took["completed"]; step == "pending" && len(done) > 0 {
			late := 0
			for _, s := range list {
				if s > rank(done, 9) {
					late++
				}
			}
			overdue = fmt.Sprint(late)
		}
		want = append(want, fmt.Sprint(step, " ", len(list), " ", rank(list, 5), " ", rank(list, 9), " ", overdue))
	}
	var times []string
	for _, r := range p.Ask(t, "order-times"+query, "rows") {
		times = append(times, fmt.Sprintf("%v %.0f %.0f %.0f %v", r["step"], r["orders"], r["p50_seconds"], r["p90_seconds"], r["overdue_orders"]))
	}
	if diff := cmp.Diff(want, times); diff != "" {
		t.Errorf("times of %v (-orders +API):\n%s", period, diff)
	}
}

// showsCustomers holds the page against the API, which is held against the orders.
func showsCustomers(t *testing.T, p *harness.Pipeline, b *browser) {
	t.Helper()
	b.open(t, "/customers?period=90d")
	b.until(t, "the cohorts", `document.querySelector("#cohorts table")`)
	to := civil.DateOf(time.Now().UTC())
	row := p.Ask(t, fmt.Sprintf("customers?from=%s&to=%s", to.AddDays(-89), to), "rows")[0]
	for tile, field := range map[string]string{"new": "new_customers", "returning": "returning_customers", "guests": "guest_orders"} {
		if got, want := eval[string](t, b, figure(tile)), fmt.Sprintf("%.0f", row[field]); got != want {
			t.Errorf("%s: %q, want %s", tile, got, want)
		}
	}
	if got := b.text(t, "#known"); !strings.HasPrefix(got, "Counted up to ") {
		t.Errorf("what is known: %q", got)
	}
	if got, want := eval[int](t, b, `document.querySelectorAll("#by-day tbody tr").length`), len(p.Ask(t, fmt.Sprintf("customers?from=%s&to=%s", to.AddDays(-89), to), "days")); got != want {
		t.Errorf("%d days, want %d", got, want)
	}
	if got, want := eval[int](t, b, `document.querySelectorAll("#life li").length`), len(p.Ask(t, fmt.Sprintf("order-life?from=%s&to=%s", to.AddDays(-89), to), "rows")); got != want {
		t.Errorf("%d statuses, want %d", got, want)
	}
	// Every cell of the cohorts, as shares and as amounts.
	cells := p.Ask(t, "reports/cohorts?limit=1000", "rows")
	for _, view := range []struct {
		first float64
		field string
	}{{1, "buyer_share"}, {0, "revenue_per_customer"}} {
		var want []string
		for _, c := range cells {
			if months, _ := c["months_since"].(float64); months >= view.first {
				want = append(want, c[view.field].(string))
			}
		}
		got := eval[[]string](t, b, `[...document.querySelectorAll("#cohorts td .heat")].map((c) => { const n = Number(c.firstChild.textContent.replace(/[$,%]/g, "")); return c.textContent.includes("%") ? String(n / 100) : String(n); })`)
		if len(got) != len(want) || len(want) == 0 {
			t.Fatalf("%d cells of %s, want %d", len(got), view.field, len(want))
		}
		for i := range want {
			var shown, exact float64
			fmt.Sscan(got[i], &shown)
			fmt.Sscan(want[i], &exact)
			if diff := shown - exact; diff > 0.0006 || diff < -0.0006 {
				t.Errorf("cell %d of %s: %s, want %s", i, view.field, got[i], want[i])
			}
		}
		if view.first == 1 {
			b.do(t, chromedp.Click(`.cohort-tools button[aria-pressed="false"]`))
			b.until(t, "the amounts", `document.querySelector("#cohorts caption").textContent.includes("paid so far")`)
		}
	}
	if got, want := eval[string](t, b, `document.querySelector(".cohort-tools a").getAttribute("href")`), fmt.Sprintf("/reports/%s/cohorts.csv", to.AddDays(-1)); got != want {
		t.Errorf("CSV at %q, want %q", got, want)
	}
	b.do(t, chromedp.Click(`#periods button[data-key="7d"]`))
	b.until(t, "seven days", `document.querySelectorAll("#by-day tbody tr").length < 8`)
	b.settle(t, "the page of the customers")
}
