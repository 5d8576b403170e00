package generate

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// historyEnd is an afternoon in a zone where the clocks were changed four weeks before.
var historyEnd = time.Date(2026, 11, 30, 15, 30, 0, 0, newYork)

var newYork = func() *time.Location {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	return zone
}()

func newHistory(t *testing.T, seed uint64, faults Shares) *History {
	t.Helper()
	h, err := NewHistory(HistoryOptions{Seed: seed, To: historyEnd, Days: 120, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// written is a history, written until its end.
func written(t *testing.T, h *History) []byte {
	t.Helper()
	var out bytes.Buffer
	n, err := h.WriteUntil(&out, historyEnd)
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(out.Bytes(), []byte("\n")); n != lines {
		t.Errorf("%d records are said to be written, there are %d", n, lines)
	}
	return out.Bytes()
}

// TestHistoryIsDeterministic: the seed decides everything, and files may end on any day.
func TestHistoryIsDeterministic(t *testing.T) {
	t.Parallel()
	faults := Shares{rules.DuplicateOrderReplay: 0.05, rules.DuplicateOrderConflict: 0.05, rules.MalformedJSON: 0.05}
	whole := written(t, newHistory(t, 1, faults))
	var cut bytes.Buffer
	h := newHistory(t, 1, faults)
	for _, day := range h.Days()[1:] {
		if _, err := h.WriteUntil(&cut, day); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(whole, cut.Bytes()) {
		t.Error("the same history, written by days, differs")
	}
	if bytes.Equal(whole, written(t, newHistory(t, 2, faults))) {
		t.Error("another seed gave the same history")
	}
	for rule := range faults {
		if share := float64(h.Counts()[rule]) / float64(h.position); share < 0.035 || share > 0.055 {
			t.Errorf("a share of %.3f of the records breaks %s, want about 0.05 of the orders", share, rule)
		}
	}
}

// TestHistory: the days have the shapes that the dashboard and the reports are to show.
func TestHistory(t *testing.T) {
	t.Parallel()
	h := newHistory(t, 1, nil)
	var products, customers bytes.Buffer
	if err := h.WriteProducts(&products); err != nil {
		t.Fatal(err)
	}
	if err := h.WriteCustomers(&customers); err != nil {
		t.Fatal(err)
	}
	catalog, buyers := readRows(t, products.Bytes()), readRows(t, customers.Bytes())
	days := h.Days()
	if len(catalog) != ShopProducts || len(buyers) != ShopCustomers || len(days) != 122 {
		t.Fatalf("%d products, %d customers, %d days with the end", len(catalog), len(buyers), len(days))
	}
	begin := time.Date(2026, 8, 2, 0, 0, 0, 0, newYork)
	if !days[0].Equal(begin) {
		t.Errorf("the first day begins at %v", days[0])
	}
	var (
		orders   = make(map[string]int) // by day
		campaign = make(map[string]int) // lines of the advertised category
		versions = make(map[string]int)
		words    = make(map[string]int)
		last     = make(map[string]time.Time) // by customer
		times    = make(map[string]int)
		unknown  int
		lines    int
		before   time.Time
	)
	for _, o := range decode(t, written(t, h)) {
		checkTotal(t, o)
		at, updated := onShopClock(t, o.Time), onShopClock(t, o.Updated)
		if at.Before(begin) || !updated.Before(historyEnd) || updated.Before(at) || updated.Before(before.Add(-time.Hour)) {
			t.Fatalf("order %s of %v was updated at %v, after one of %v", o.OrderID, at, updated, before)
		}
		before = updated
		versions[o.OrderID]++
		words[o.Status]++
		if versions[o.OrderID] > 1 {
			continue
		}
		day := at.Format(time.DateOnly)
		orders[day]++
		if o.CustomerID != nil {
			last[*o.CustomerID] = at
			times[*o.CustomerID]++
		}
		for _, item := range o.Items {
			if item.ProductID == nil {
				continue
			}
			lines++
			row, ok := catalog[*item.ProductID]
			if !ok {
				unknown++
			} else if row[2] == categories[campaignCategory] {
				campaign[day]++
			}
			if ok && row[3] != item.UnitPrice.String() {
				t.Fatalf("%s sells at %s, the catalog says %s", *item.ProductID, item.UnitPrice, row[3])
			}
		}
	}
	all, later := 0, 0
	for id, n := range versions {
		if all, later = all+1, later+n-1; n > 4 {
			t.Errorf("order %s has %d versions", id, n)
		}
	}
	if all < 30_000 || all > 60_000 || later != h.Updated() || later < all/10 || later > all/4 {
		t.Errorf("%d orders, %d later versions", all, later)
	}
	if share := float64(unknown) / float64(lines); share < 0.015 || share > 0.025 {
		t.Errorf("a share of %.3f of the lines points at nothing, want about 0.02", share)
	}
	for _, word := range []string{"completed", "pending", "failed", "refunded", "partially_refunded", "cancelled"} {
		if words[word] < all/200 {
			t.Errorf("%d records are %s", words[word], word)
		}
	}
	of := func(ago int) string { return historyEnd.AddDate(0, 0, -ago).Format(time.DateOnly) }
	if got := h.Happenings(); len(got) != 2 || got[0].Day.Format(time.DateOnly) != of(outageAgo) || got[1].Day.Format(time.DateOnly) != of(campaignAgo) || got[1].Category != categories[campaignCategory] {
		t.Errorf("what happened: %+v", got)
	}
	if a, b := orders[of(outageAgo)], orders[of(outageAgo+7)]; a*2 > b {
		t.Errorf("%d orders on the day on which the shop was down, %d a week before", a, b)
	}
	if a, b := campaign[of(campaignAgo)], campaign[of(campaignAgo+7)]; a < 2*b {
		t.Errorf("%d lines of the category that was advertised, %d a week before", a, b)
	}
	saturday, tuesday, first, newest := 0, 0, 0, 0
	for ago := 2; ago <= 120; ago++ {
		n := orders[of(ago)]
		switch day := historyEnd.AddDate(0, 0, -ago); {
		case n < 50:
			t.Errorf("%d orders %d days ago", n, ago)
		case day.Weekday() == time.Saturday:
			saturday += n
		case day.Weekday() == time.Tuesday:
			tuesday += n
		}
		if ago > 92 {
			first += n
		} else if ago <= 29 && ago > 1 {
			newest += n
		}
	}
	if saturday*10 < tuesday*12 || newest*10 < first*11 {
		t.Errorf("%d orders on Saturdays, %d on Tuesdays; %d in four weeks at the beginning, %d at the end", saturday, tuesday, first, newest)
	}
	gone, once := 0, 0
	for id, at := range last {
		switch {
		case times[id] == 1:
			once++
		case times[id] >= 4 && historyEnd.Sub(at) > 45*24*time.Hour:
			gone++
		}
	}
	if gone < 150 || once < 500 {
		t.Errorf("%d customers of four orders and more have stopped, %d have come once", gone, once)
	}
}

// TestHistoryGoesOn: after its end come fresh orders, and what became of those before.
func TestHistoryGoesOn(t *testing.T) {
	t.Parallel()
	h := newHistory(t, 1, nil)
	seen := make(map[string]bool)
	for _, o := range decode(t, written(t, h)) {
		seen[o.OrderID] = true
	}
	fresh, later := 0, 0
	for at := historyEnd; at.Before(historyEnd.Add(2 * time.Hour)); at = at.Add(time.Minute) {
		for _, o := range decode(t, h.AppendFresh(nil, at, 1)) {
			if updated := onShopClock(t, o.Updated); updated.After(at) || updated.Before(at.Add(-time.Minute)) {
				t.Fatalf("at %v order %s says that it was updated at %v", at, o.OrderID, updated)
			}
			if seen[o.OrderID] {
				later++
			} else {
				fresh++
			}
			seen[o.OrderID] = true
		}
	}
	if fresh < 60 || fresh > 120 || later < 2 {
		t.Errorf("%d new orders in two hours, want less than one a minute, and %d later versions", fresh, later)
	}
	h.Forget()
	if next := h.AppendFresh(nil, historyEnd.AddDate(0, 0, 30), 0); len(next) > 0 {
		t.Errorf("what was forgotten is written: %s", next)
	}
}

func TestHistoryOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]HistoryOptions{
		"no day":        {To: historyEnd},
		"unknown fault": {To: historyEnd, Days: 1, Faults: Shares{"nonsense": 0.1}},
	} {
		if _, err := NewHistory(options); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// readRows are a catalog's rows by their ids.
func readRows(t *testing.T, data []byte) map[string][]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	byID := make(map[string][]string, len(rows))
	for _, row := range rows[1:] {
		if strings.Contains(fmt.Sprint(row), "%!") || byID[row[0]] != nil {
			t.Fatalf("row %q", row)
		}
		byID[row[0]] = row
	}
	return byID
}

// onShopClock reads a time as the parser does: of the shop's clock.
func onShopClock(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02T15:04:05.999999", text, newYork)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
