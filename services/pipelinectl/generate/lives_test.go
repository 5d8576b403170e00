package generate

import (
	"bytes"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// TestUpdates: the later versions of orders are as many as asked for, follow those before
// them, and say something else in every way that they may.
func TestUpdates(t *testing.T) {
	t.Parallel()
	const n, share = 20_000, 0.3
	s := newOrders(t, func(o *OrderOptions) { o.UpdateShare = share })
	var out bytes.Buffer
	if err := s.WriteOrders(&out, n); err != nil {
		t.Fatal(err)
	}
	before := make(map[string]sample)
	seen, most, updates := make(map[string]int), 0, 0
	counts := make(map[string]int)
	for _, o := range decode(t, out.Bytes()) {
		checkTotal(t, o)
		seen[o.OrderID]++
		most = max(most, seen[o.OrderID])
		if p, again := before[o.OrderID]; again {
			updates++
			counts[p.Status+" to "+o.Status]++
			for what, is := range map[string]bool{
				"later":    o.Updated > p.Updated,
				"day":      o.Time[:10] != p.Time[:10],
				"customer": o.CustomerID != nil && (p.CustomerID == nil || *o.CustomerID != *p.CustomerID),
				"total":    o.Total != p.Total,
				"days":     timeOf(t, o.Updated).Sub(timeOf(t, p.Updated)) > 12*time.Hour,
				"an hour":  timeOf(t, o.Updated).Sub(timeOf(t, p.Updated)) < time.Hour,
			} {
				if is {
					counts[what]++
				}
			}
		} else if o.Updated != o.Time {
			t.Fatalf("the first version of order %s says %s, want %s", o.OrderID, o.Updated, o.Time)
		}
		if at := timeOf(t, o.Updated); !at.Before(to) {
			t.Fatalf("order %s was updated at %v", o.OrderID, at)
		}
		before[o.OrderID] = o
	}
	if updates != s.Updated() || math.Abs(float64(updates)-n*share) > n/50 || counts["later"] != updates || most < 3 {
		t.Errorf("%d later versions, %d counted, %d of them later, up to %d of an order", updates, s.Updated(), counts["later"], most)
	}
	for _, what := range []string{
		"day", "customer", "total", "days", "an hour", "pending to completed", "pending to failed", "pending to cancelled",
		"failed to completed", "failed to cancelled", "completed to refunded", "completed to partially_refunded",
		"completed to completed", "pending to pending", "partially_refunded to refunded",
	} {
		if counts[what] < 20 {
			t.Errorf("%d later versions: %s", counts[what], what)
		}
	}
}

func timeOf(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04:05.999999", text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestUpdatesAreDeterministic: how the sequence is cut makes no difference.
func TestUpdatesAreDeterministic(t *testing.T) {
	t.Parallel()
	change := func(o *OrderOptions) {
		o.UpdateShare, o.Faults = 0.4, Shares{rules.DuplicateOrderReplay: 0.1, rules.DuplicateOrderConflict: 0.1}
	}
	whole := orders(t, 500, change)
	var cut bytes.Buffer
	for s := newOrders(t, change); s.Written() < 500; {
		if err := s.WriteOrders(&cut, 50); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(whole, cut.Bytes()) {
		t.Error("the same sequence, written in parts, differs")
	}
}

// TestUpdatesInAnotherRange: orders go on when the time has moved on, and each fault of an
// order that came before is still what it is meant to be.
func TestUpdatesInAnotherRange(t *testing.T) {
	t.Parallel()
	s := newOrders(t, func(o *OrderOptions) {
		o.UpdateShare, o.Faults = 0.3, Shares{rules.DuplicateOrderReplay: 0.2, rules.DuplicateOrderConflict: 0.1}
	})
	lines, versions := make(map[string]bool), make(map[string]map[string]bool)
	counts := make(map[rules.ID]int)
	var across, updated int
	next := func() {
		line := string(s.Append(nil))
		o := decode(t, []byte(line))[0]
		switch of := versions[o.OrderID]; {
		case lines[line]:
			counts[rules.DuplicateOrderReplay]++
		case o.Updated == "":
			counts[rules.DuplicateOrderConflict]++
		case of == nil:
			versions[o.OrderID] = map[string]bool{o.Updated: true}
		case of[o.Updated]:
			t.Fatalf("two versions of order %s were updated at %s", o.OrderID, o.Updated)
		default:
			updated++
			of[o.Updated] = true
			if timeOf(t, o.Time).Before(to) && !timeOf(t, o.Updated).Before(to) {
				across++
			}
		}
		lines[line] = true
	}
	for range 1000 {
		next()
	}
	if err := s.Between(to, to.Add(48*time.Hour)); err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		next()
	}
	if diff := cmp.Diff(counts, s.Counts()); diff != "" || updated != s.Updated() {
		t.Errorf("%d later versions found, %d counted; faults (-found +counted):\n%s", updated, s.Updated(), diff)
	}
	if across < 20 {
		t.Errorf("%d orders went on in another range of time", across)
	}
	if err := s.Between(to, to); err == nil {
		t.Error("an empty range is taken")
	}
}
