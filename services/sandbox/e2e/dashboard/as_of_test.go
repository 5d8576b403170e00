package dashboard

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/chromedp/chromedp"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// pastOrder is an order as a source tells it.
type pastOrder struct {
	ID       string      `json:"order_id"`
	Customer *string     `json:"customer_id"`
	At       string      `json:"order_timestamp"`
	Updated  string      `json:"updated_at,omitempty"`
	Items    []pastItem  `json:"items"`
	Total    json.Number `json:"total_amount"`
	Refunded json.Number `json:"refunded_amount,omitempty"`
	Status   string      `json:"payment_status"`
	Address  pastAddress `json:"shipping_address"`
}

type pastItem struct {
	Product  string      `json:"product_id"`
	Quantity int         `json:"quantity"`
	Price    json.Number `json:"unit_price"`
}

type pastAddress struct {
	City    string `json:"city"`
	State   string `json:"state"`
	Country string `json:"country"`
}

// shownLine is a line of the facts as a reader saw it.
type shownLine struct {
	order, status, tier, category, region, state string
	line                                         int64
	at                                           time.Time
	date                                         civil.Date
	lineTotal, total, refunded                   *big.Rat // refunded is nil if the source does not say
}

// shownNow are the facts as they are.
func shownNow(t *testing.T, p *harness.Pipeline) (lines []shownLine) {
	t.Helper()
	for _, row := range p.MustQuery(t, "SELECT order_id, payment_status, customer_tier, category, region, COALESCE(state, ''), line_number, order_timestamp, order_date, line_total, total_amount, refunded_amount FROM fact_orders ORDER BY order_id, line_number") {
		l := shownLine{
			order: row[0].(string), status: row[1].(string), tier: row[2].(string), category: row[3].(string), region: row[4].(string), state: row[5].(string),
			line: row[6].(int64), at: row[7].(time.Time), date: row[8].(civil.Date), lineTotal: row[9].(*big.Rat), total: row[10].(*big.Rat),
		}
		l.refunded, _ = row[11].(*big.Rat)
		lines = append(lines, l)
	}
	return lines
}

// pastFilter is a period and filters of a question, and which lines it leaves.
type pastFilter struct {
	query    string
	from, to time.Time
	passes   func(shownLine) bool
	category bool // of lines, not of orders
}

// worth is what an order comes to at one of two moments.
type worth struct {
	known                    bool // whether it is among the orders of the period's days, whatever the filters
	orders, paid             int64
	revenue, total, refunded *big.Rat
	date                     civil.Date
	status                   string
}

// worthOf is what each order of the lines comes to.
func (f pastFilter) worthOf(lines []shownLine, clock *time.Location) map[string]*worth {
	orders := make(map[string]*worth)
	for _, l := range lines {
		last := civil.DateOf(f.to.Add(-time.Microsecond).In(clock))
		if l.date.Before(civil.DateOf(f.from.In(clock))) || l.date.After(last) || !f.category && l.line != 1 {
			continue
		}
		w := orders[l.order]
		if w == nil {
			w = &worth{revenue: new(big.Rat), total: new(big.Rat), refunded: new(big.Rat)}
			orders[l.order] = w
		}
		w.known, w.date, w.status = true, l.date, l.status
		if l.at.Before(f.from) || !l.at.Before(f.to) || !f.passes(l) {
			continue
		}
		amount, refunded, back := l.total, new(big.Rat), new(big.Rat)
		switch {
		case f.category:
			amount = l.lineTotal
		case l.refunded != nil:
			refunded, back = l.refunded, l.refunded
		}
		if l.status == "refunded" && (f.category || l.refunded == nil) {
			back = amount
		}
		w.orders = 1
		w.total.Add(w.total, amount)
		w.refunded.Add(w.refunded, refunded)
		if l.status == "completed" || l.status == "refunded" || l.status == "partially_refunded" {
			w.paid = 1
			w.revenue.Add(w.revenue, new(big.Rat).Sub(amount, back))
		}
	}
	return orders
}

// wantAsOf are the figures of two moments by level.
func wantAsOf(then, now map[string]*worth) []harness.JsonRow {
	type key struct{ level, date, status string }
	type sums struct {
		orders, paid             [2]int64
		revenue, total, refunded [2]*big.Rat
	}
	groups := map[key]*sums{}
	group := func(k key) *sums {
		if groups[k] == nil {
			groups[k] = &sums{}
			for side := range 2 {
				groups[k].revenue[side], groups[k].total[side], groups[k].refunded[side] = new(big.Rat), new(big.Rat), new(big.Rat)
			}
		}
		return groups[k]
	}
	group(key{level: "all"})
	for side, orders := range []map[string]*worth{then, now} {
		for _, w := range orders {
			if w.orders == 0 {
				continue
			}
			status := w.status
			if !slices.Contains([]string{"completed", "pending", "failed", "refunded", "partially_refunded", "cancelled"}, status) {
				status = "other"
			}
			for _, k := range []key{{level: "all"}, {level: "day", date: w.date.String()}, {level: "status", status: status}} {
				g := group(k)
				g.orders[side] += w.orders
				g.paid[side] += w.paid
				g.revenue[side].Add(g.revenue[side], w.revenue)
				g.total[side].Add(g.total[side], w.total)
				g.refunded[side].Add(g.refunded[side], w.refunded)
			}
		}
	}
	var rows []harness.JsonRow
	for _, k := range sortedKeys(groups, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.level, b.level), cmp.Compare(a.date, b.date), cmp.Compare(a.status, b.status))
	}) {
		g := groups[k]
		row := harness.JsonRow{"level": k.level, "order_date": orNil(k.date), "payment_status": orNil(k.status)}
		for side, suffix := range []string{"_then", "_now"} {
			row["orders"+suffix], row["paid_orders"+suffix] = float64(g.orders[side]), float64(g.paid[side])
			row["revenue"+suffix], row["total_revenue"+suffix], row["refunded_revenue"+suffix] = amountText(g.revenue[side]), amountText(g.total[side]), amountText(g.refunded[side])
		}
		rows = append(rows, row)
	}
	return rows
}

func sortedKeys[K comparable, V any](m map[K]V, compare func(a, b K) int) []K {
	var keys []K
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compare)
	return keys
}

func orNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// wantChanges are the orders that differ, as the API lists them.
func wantChanges(then, now map[string]*worth) []harness.JsonRow {
	nobody := &worth{revenue: new(big.Rat), total: new(big.Rat), refunded: new(big.Rat)}
	type change struct {
		row            harness.JsonRow
		id             string
		revenue, total *big.Rat
	}
	ids := map[string]bool{}
	for id := range then {
		ids[id] = true
	}
	for id := range now {
		ids[id] = true
	}
	var changes []change
	for id := range ids {
		a, b := cmp.Or(then[id], nobody), cmp.Or(now[id], nobody)
		sameAmounts := a.revenue.Cmp(b.revenue) == 0 && a.total.Cmp(b.total) == 0 && a.refunded.Cmp(b.refunded) == 0
		if a.orders == b.orders && sameAmounts && (a.orders == 0 || a.date == b.date && a.status == b.status) {
			continue
		}
		kind := "other"
		switch {
		case !a.known:
			kind = "new"
		case !b.known:
			kind = "removed"
		case a.status != b.status:
			kind = "status"
		case a.orders == b.orders && a.refunded.Cmp(b.refunded) != 0:
			kind = "refund"
		case a.orders == b.orders && a.total.Cmp(b.total) != 0:
			kind = "amount"
		}
		sub := func(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(b, a) }
		row := harness.JsonRow{
			"order_id": id, "kind": kind, "orders_difference": float64(b.orders - a.orders), "revenue_difference": amountText(sub(a.revenue, b.revenue)),
			"total_revenue_difference": amountText(sub(a.total, b.total)), "refunded_revenue_difference": amountText(sub(a.refunded, b.refunded)),
		}
		for suffix, w := range map[string]*worth{"_then": a, "_now": b} {
			row["order_date"+suffix], row["status"+suffix] = nil, orNil(w.status)
			if w.known {
				row["order_date"+suffix] = w.date.String()
			}
			row["orders"+suffix], row["revenue"+suffix], row["total_revenue"+suffix], row["refunded_revenue"+suffix] = float64(w.orders), amountText(w.revenue), amountText(w.total), amountText(w.refunded)
		}
		changes = append(changes, change{row, id, sub(a.revenue, b.revenue), sub(a.total, b.total)})
	}
	abs := func(r *big.Rat) *big.Rat { return new(big.Rat).Abs(r) }
	slices.SortFunc(changes, func(a, b change) int {
		return cmp.Or(abs(b.revenue).Cmp(abs(a.revenue)), abs(b.total).Cmp(abs(a.total)), cmp.Compare(a.id, b.id))
	})
	var rows []harness.JsonRow
	for i, c := range changes {
		c.row["place"] = float64(i + 1)
		rows = append(rows, c.row)
	}
	return rows
}

// TestAsOf loads orders, catalogs, later versions, refunds and files that are read again with other orders, notes after each what
// the facts show, and holds what As of tells of each of these moments to that, for every filter; and the list of the
// orders that have changed to the difference. The shop's clock is put back within the period.
func TestAsOf(t *testing.T) {
	t.Parallel()
	const zone = "America/New_York"
	config := harness.NewConfig(t.TempDir(), "all")
	config.Variables["TIME_ZONE"] = zone
	p := harness.StartWith(t, config)
	clock, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	problem := func(query string) string {
		t.Helper()
		status, body := p.Fetch(t, "/api/v1/as-of?"+query)
		if status != http.StatusBadRequest {
			t.Errorf("%s: status %d", query, status)
		}
		return string(body)
	}
	if got := problem("moment=2025-11-01"); !strings.Contains(got, "Nothing has been loaded yet") {
		t.Errorf("of an empty warehouse: %s", got)
	}

	gold, guest := "C-1", (*string)(nil)
	hostile := []string{shownName, `..`, `a/b?c=d&e#f%2F"'` + "`; DROP TABLE fact_orders; --", "%'@moment"}
	order := func(id string, customer *string, at, updated, status, total, refunded, state string, items ...pastItem) pastOrder {
		if items == nil {
			items = []pastItem{{"P-1", 1, json.Number(total)}}
		}
		return pastOrder{ID: id, Customer: customer, At: at, Updated: updated, Items: items, Total: json.Number(total), Refunded: json.Number(refunded), Status: status, Address: pastAddress{"X", state, "USA"}}
	}
	content := func(orders ...pastOrder) []byte {
		var text []byte
		for _, o := range orders {
			line, err := json.Marshal(o)
			if err != nil {
				t.Fatal(err)
			}
			text = append(append(text, line...), '\n')
		}
		return text
	}
	late := "C-late"
	first := []pastOrder{
		order(hostile[0], &gold, "2025-11-01T12:00:00Z", "2025-11-01T12:00:00Z", "pending", "10.01", "", "NY"),
		order(hostile[1], &late, "2025-11-02T05:30:00Z", "2025-11-01T12:00:00Z", "completed", "20.02", "", "CA", pastItem{"P-1", 1, "5.02"}, pastItem{"P-2", 3, "5.00"}),
		order(hostile[2], guest, "2025-11-02T06:30:00Z", "2025-11-01T12:00:00Z", "completed", "30.03", "", "TX", pastItem{"P-2", 1, "30.03"}),
		order("moves", &gold, "2025-11-03T04:59:59Z", "2025-11-01T12:00:00Z", "completed", "40.04", "", "NY"),
		order("leaves", &gold, "2025-11-03T12:00:00Z", "2025-11-01T12:00:00Z", "completed", "50.05", "", "NY"),
		order("fails", &late, "2025-11-03T13:00:00Z", "2025-11-01T12:00:00Z", "pending", "60.06", "", "NY"),
		order("stays", &gold, "2025-11-03T14:00:00Z", "2025-11-01T12:00:00Z", "on hold", "70.07", "", "NY", pastItem{"P-1", 1, "60.07"}, pastItem{"P-late", 1, "10.00"}),
		order("vanishes", &gold, "2025-11-01T14:00:00Z", "2025-11-01T12:00:00Z", "refunded", "80.08", "", "NY"),
		order("resized", &gold, "2025-11-01T15:00:00Z", "2025-11-01T12:00:00Z", "completed", "90.09", "1.00", "NY"),
		order("regretted", &gold, "2025-11-01T16:00:00Z", "2025-11-01T12:00:00Z", "partially_refunded", "91.00", "1.00", "NY"),
		order("gone", &gold, "2025-11-01T17:00:00Z", "2025-11-01T12:00:00Z", "completed", "92.00", "", "NY"),
	}
	var moments []time.Time
	var snapshots [][]shownLine
	note := func() {
		t.Helper()
		moments, snapshots = append(moments, time.Now()), append(snapshots, shownNow(t, p))
	}
	p.Land(t, "orders/first.json", content(first...))
	p.AwaitFiles(t, 1)
	note()
	p.Land(t, "products/p.csv", []byte("product_id,product_name,category,price,stock_level\nP-1,Lamp,Home,10.00,5\nP-2,Ball,Sports,2.50,0\n"))
	p.Land(t, "customers/c.csv", []byte("customer_id,name,email,registration_date,customer_tier\nC-1,Ada,ada@example.com,2025-01-02,gold\n"))
	p.AwaitFiles(t, 3)
	note()
	second := []pastOrder{
		order(hostile[0], &gold, "2025-11-01T12:00:00Z", "2025-11-02T12:00:00Z", "completed", "10.01", "", "NY"),
		order(hostile[1], &late, "2025-11-02T05:30:00Z", "2025-11-02T12:00:00Z", "partially_refunded", "20.02", "3.33", "CA", pastItem{"P-1", 1, "5.02"}, pastItem{"P-2", 3, "5.00"}),
		order("moves", &gold, "2025-11-03T05:00:00Z", "2025-11-02T12:00:00Z", "completed", "40.04", "", "NY"),
		order("leaves", &gold, "2025-10-20T12:00:00Z", "2025-11-02T12:00:00Z", "completed", "50.05", "", "NY"),
		order("fails", &late, "2025-11-03T13:00:00Z", "2025-11-02T12:00:00Z", "failed", "60.06", "", "NY"),
		order(hostile[3], &gold, "2025-11-04T12:00:00Z", "2025-11-02T12:00:00Z", "completed", "15.15", "", "TX"),
	}
	p.Land(t, "orders/second.json", content(second...))
	p.AwaitFiles(t, 4)
	note()
	// What the first file brought is read otherwise: two orders are gone, one is worth less, one is of another state.
	firstID := p.FileID(t, "orders/first.json")
	again := slices.DeleteFunc(slices.Clone(first), func(o pastOrder) bool { return o.ID == "vanishes" || o.ID == "gone" })
	for i, o := range again {
		switch o.ID {
		case "resized":
			again[i] = order("resized", &gold, o.At, o.Updated, o.Status, "85.00", "1.00", "NY")
		case "stays":
			again[i].Address.State = "CA"
		}
	}
	p.ReplaceBytes(t, firstID, string(content(again...)))
	p.BringBack(t, 1, "reprocess", firstID)
	note()
	p.Land(t, "customers/more.csv", []byte("customer_id,name,email,registration_date,customer_tier\nC-1,Ada,ada@example.com,2025-01-02,silver\nC-late,Bo,bo@example.com,2025-01-02,bronze\n"))
	p.Land(t, "products/more.csv", []byte("product_id,product_name,category,price,stock_level\nP-1,Lamp,Home,10.00,5\nP-2,Ball,Games,2.50,0\nP-late,Hat,Home,10.00,1\n"))
	p.AwaitFiles(t, 6)
	note()
	p.Land(t, "orders/third.json", content(
		order(hostile[0], &gold, "2025-11-01T12:00:00Z", "2025-11-03T12:00:00Z", "refunded", "10.01", "10.01", "NY"),
		order("resized", &gold, "2025-11-01T15:00:00Z", "2025-11-03T12:00:00Z", "completed", "99.00", "1.00", "NY"),
		order("regretted", &gold, "2025-11-01T16:00:00Z", "2025-11-03T12:00:00Z", "partially_refunded", "91.00", "1.01", "NY"),
		order("vanishes", &gold, "2025-11-01T14:00:00Z", "2025-11-03T12:00:00Z", "completed", "81.00", "", "NY"),
	))
	p.AwaitFiles(t, 7)
	note()
	// The second file again without its later versions: those before count again.
	secondID := p.FileID(t, "orders/second.json")
	p.ReplaceBytes(t, secondID, string(content(second[4:]...)))
	p.BringBack(t, 1, "reprocess", secondID)
	note()
	now := shownNow(t, p)

	midnight := func(month time.Month, day int) time.Time { return time.Date(2025, month, day, 0, 0, 0, 0, clock) }
	all := func(shownLine) bool { return true }
	whole := func(query string, passes func(shownLine) bool) pastFilter {
		return pastFilter{query: "from=2025-11-01&to=2025-11-04" + query, from: midnight(11, 1), to: midnight(11, 5), passes: passes}
	}
	ofLines := func(f pastFilter) pastFilter { f.category = true; return f }
	filters := map[string]pastFilter{
		"all":               whole("", all),
		"a wider period":    {query: "from=2025-10-01&to=2025-11-04", from: midnight(10, 1), to: midnight(11, 5), passes: all},
		"the day of 25 h":   {query: "from=2025-11-02&to=2025-11-02", from: midnight(11, 2), to: midnight(11, 3), passes: all},
		"the second 1 h":    {query: "from=2025-11-02T06:00:00Z&to=2025-11-02T07:00:00Z", from: time.Date(2025, 11, 2, 6, 0, 0, 0, time.UTC), to: time.Date(2025, 11, 2, 7, 0, 0, 0, time.UTC), passes: all},
		"completed":         whole("&status=completed", func(l shownLine) bool { return l.status == "completed" }),
		"other":             whole("&status=other", func(l shownLine) bool { return l.status == "on hold" }),
		"gold":              whole("&tier=gold", func(l shownLine) bool { return l.tier == "gold" }),
		"unknown tier":      whole("&tier=unknown", func(l shownLine) bool { return l.tier == "unknown" }),
		"bronze":            whole("&tier=bronze", func(l shownLine) bool { return l.tier == "bronze" }),
		"West":              whole("&region=West", func(l shownLine) bool { return l.region == "West" }),
		"NY":                whole("&state=NY", func(l shownLine) bool { return l.state == "NY" }),
		"Sports":            ofLines(whole("&category=Sports", func(l shownLine) bool { return l.category == "Sports" })),
		"Home":              ofLines(whole("&category=Home", func(l shownLine) bool { return l.category == "Home" })),
		"unknown category":  ofLines(whole("&category=unknown", func(l shownLine) bool { return l.category == "unknown" })),
		"Home, gold, in NY": ofLines(whole("&category=Home&tier=gold&state=NY", func(l shownLine) bool { return l.category == "Home" && l.tier == "gold" && l.state == "NY" })),
		"nothing":           whole("&region="+url.QueryEscape(shownName), func(shownLine) bool { return false }),
	}
	kinds := map[any]bool{}
	for name, f := range filters {
		for i, moment := range moments {
			query := f.query + "&moment=" + url.QueryEscape(moment.UTC().Format(time.RFC3339Nano))
			then, current := f.worthOf(snapshots[i], clock), f.worthOf(now, clock)
			if diff := gocmp.Diff(wantAsOf(then, current), p.Ask(t, "as-of?"+query, "rows")); diff != "" {
				t.Errorf("%s, moment %d (-model +api):\n%s", name, i, diff)
			}
			want := wantChanges(then, current)
			var got []harness.JsonRow
			var totals []harness.JsonRow
			for token := ""; len(got) == 0 || token != ""; {
				var answer struct {
					Rows, Totals  []harness.JsonRow
					NextPageToken string `json:"next_page_token"`
				}
				p.AskInto(t, "as-of/orders?limit=2&"+query+"&page_token="[:len("&page_token=")*min(1, len(token))]+token, &answer)
				got, totals, token = append(got, answer.Rows...), answer.Totals, answer.NextPageToken
				if len(answer.Rows) == 0 {
					break
				}
			}
			if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s, moment %d, orders (-model +api):\n%s", name, i, diff)
			}
			for _, row := range got {
				kinds[row["kind"]] = true
			}
			checkDifference(t, fmt.Sprintf("%s, moment %d", name, i), got, totals, wantAsOf(then, current)[0])
		}
	}
	for _, kind := range []string{"new", "removed", "status", "refund", "amount", "other"} {
		if !kinds[kind] {
			t.Errorf("no order is %s: the test does not test it", kind)
		}
	}

	// A moment may be told in words of the shop's clock.
	for query, want := range map[string]string{
		"moment=": "moment must be a time", "moment=2025-11-01": "The first file was loaded then", "moment=1850-01-01": "moment must be a time",
		"moment=2999-01-01": "moment must not lie ahead", "moment=" + url.QueryEscape(shownName): "moment must be a time",
		"moment=" + url.QueryEscape(time.Now().In(clock).Add(-24*time.Hour).Format("2006-01-02T15:04")): "The first file was loaded then",
	} {
		if got := problem(query); !strings.Contains(got, want) {
			t.Errorf("%q: %s", query, got)
		}
	}
	t.Run("browser", func(t *testing.T) { readsAsOf(t, p, moments, filters["a wider period"], snapshots, now, clock) })
	p.VerifyInvariants(t)
}

// readsAsOf holds what the page shows to the model, in a browser: the figures then and now, each order, and the way back.
func readsAsOf(t *testing.T, p *harness.Pipeline, moments []time.Time, f pastFilter, snapshots [][]shownLine, now []shownLine, clock *time.Location) {
	b := openBrowser(t, p.Dashboard)
	for i, moment := range moments {
		b.open(t, "/as-of?"+f.query+"&moment="+url.QueryEscape(moment.UTC().Format(time.RFC3339Nano)))
		then, current := f.worthOf(snapshots[i], clock), f.worthOf(now, clock)
		all, changes := wantAsOf(then, current)[0], wantChanges(then, current)
		if got, want := b.text(t, "#earlier"), "As of "+moment.In(clock).Format("Monday, 2 Jan 2006, 15:04:05"); !strings.HasPrefix(got, want) || !strings.Contains(got, "Back to now") {
			t.Errorf("moment %d: the page says %q, want %q", i, got, want)
		}
		money := func(field string) string {
			r, _ := new(big.Rat).SetString(all[field].(string))
			return dollars(r)
		}
		for tile, want := range map[string][2]string{
			"orders":  {fmt.Sprint(all["orders_then"]), fmt.Sprint("now ", all["orders_now"])},
			"revenue": {money("revenue_then"), "now " + money("revenue_now")}, "total": {money("total_revenue_then"), "now " + money("total_revenue_now")},
			"refunds": {money("refunded_revenue_then"), "now " + money("refunded_revenue_now")},
		} {
			if got := [2]string{eval[string](t, b, figure(tile)), b.text(t, fmt.Sprintf(`[data-tile=%q] .aside`, tile))}; got != want {
				t.Errorf("moment %d, %s: the page shows %q, want %q", i, tile, got, want)
			}
		}
		var ids, links []string
		for _, c := range changes {
			ids = append(ids, c["order_id"].(string))
			links = append(links, c["order_id"].(string))
		}
		got := eval[[]string](t, b, `[...document.querySelectorAll("#then-orders tbody th")].map((c) => c.textContent)`)
		if diff := gocmp.Diff(ids, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("moment %d, orders (-model +page):\n%s", i, diff)
		}
		got = eval[[]string](t, b, `[...document.querySelectorAll("#then-orders tbody th a")].map((a) => decodeURIComponent(a.getAttribute("href").replace("/orders/", "")))`)
		if diff := gocmp.Diff(links, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("moment %d, links (-model +page):\n%s", i, diff)
		}
		if n := eval[int](t, b, `document.querySelectorAll("main img, main script").length`); n != 0 {
			t.Errorf("%d elements were made of ids", n)
		}
	}
	// From the overview and back, with the same filters.
	b.open(t, "/?"+f.query+"&status=completed&compare=none")
	b.do(t, chromedp.Click("#then"))
	b.until(t, "as of", fmt.Sprintf(`location.pathname === "/as-of" && location.search === %q && document.getElementById("earlier").textContent.startsWith("As of ")`, "?"+f.query+"&status=completed"))
	b.settle(t, "as of")
	b.do(t, chromedp.SetValue(`#moments [name=moment]`, moments[0].In(clock).Add(-time.Hour).Format("2006-01-02T15:04")))
	b.expect("/api/v1/as-of") // the browser logs each refusal
	b.do(t, chromedp.Click("#moments button"))
	b.until(t, "a moment before all that is known", `document.getElementById("earlier").textContent.startsWith("The first file was loaded then: nothing is known of moments before ") && document.querySelector('[data-tile="orders"] .figure').textContent === "–"`)
	b.do(t, chromedp.NavigateBack())
	b.until(t, "the moment before", `document.getElementById("earlier").textContent.startsWith("As of ")`)
	b.do(t, chromedp.Click("#earlier a"))
	b.until(t, "now", fmt.Sprintf(`location.pathname === "/" && location.search === %q && document.querySelector("h1").textContent === "Overview"`, "?"+f.query+"&status=completed"))
	b.settle(t, "the overview")
}

// checkDifference compares the sums over a list with those of its rows, and with the difference of the figures.
func checkDifference(t *testing.T, what string, rows, totals []harness.JsonRow, all harness.JsonRow) {
	t.Helper()
	number := func(v any) *big.Rat {
		switch v := v.(type) {
		case float64:
			return new(big.Rat).SetInt64(int64(v))
		case string:
			r, _ := new(big.Rat).SetString(v)
			return r
		}
		return new(big.Rat)
	}
	if len(rows) == 0 {
		if len(totals) > 0 {
			t.Errorf("%s: totals of nothing: %v", what, totals)
		}
		totals = []harness.JsonRow{{}}
	}
	if got := number(totals[0]["entries"]); got.Cmp(number(float64(len(rows)))) != 0 {
		t.Errorf("%s: %v entries, %d rows", what, got, len(rows))
	}
	for _, field := range []string{"orders", "revenue", "total_revenue", "refunded_revenue"} {
		sum := new(big.Rat)
		for _, row := range rows {
			sum.Add(sum, number(row[field+"_difference"]))
		}
		difference := new(big.Rat).Sub(number(all[field+"_now"]), number(all[field+"_then"]))
		if total := number(totals[0][field+"_difference"]); sum.Cmp(difference) != 0 || total.Cmp(sum) != 0 {
			t.Errorf("%s, %s: the rows come to %v, the totals say %v, the difference is %v", what, field, sum, total, difference)
		}
	}
	for _, kind := range []string{"new", "removed", "status", "refund", "amount", "other"} {
		orders, revenue := new(big.Rat), new(big.Rat)
		for _, row := range rows {
			if row["kind"] == kind {
				orders.Add(orders, big.NewRat(1, 1))
				revenue.Add(revenue, number(row["revenue_difference"]))
			}
		}
		if number(totals[0][kind+"_orders"]).Cmp(orders) != 0 || number(totals[0][kind+"_revenue"]).Cmp(revenue) != 0 {
			t.Errorf("%s, %s: %v", what, kind, totals[0])
		}
	}
}
