package reference

import (
	"strings"
	"testing"
)

func TestDuplicates(t *testing.T) {
	t.Parallel()
	changed := strings.Replace(orderA, `"2026-11-01T10:59:59.5"`, `"2026-11-01T10:59:58"`, 1)
	rewritten := strings.Replace(orderA, "20.25", "2025e-2", 1) // the same, written otherwise
	late := landed("late", "orders/late.json", 5, 7, changed)
	early := landed("early", "orders/early.json", 4, 7, orderA, rewritten)
	for name, files := range map[string][]File{
		"one transaction":          {late, early},
		"the earlier loaded first": {landed("late", "orders/late.json", 5, 8, changed), early},
	} {
		w := compute(t, files...)
		equal(t, name+": early", Outcome{
			Kind: "orders", Verdict: "loaded", Records: 2, Loaded: 1, Lines: 2, Duplicates: 1, LeftOut: "1-1 duplicate",
			Findings: map[string]int64{"duplicate_order_replay": 1, "missing_customer": 1, "missing_product": 2},
			Open:     map[string]int64{"missing_customer": 1, "missing_product": 2},
		}, w.Files["early"])
		equal(t, name+": late", Outcome{
			Kind: "orders", Verdict: "loaded", Records: 1, Duplicates: 1, LeftOut: "0-0 conflict",
			Findings: map[string]int64{"duplicate_order_conflict": 1},
		}, w.Files["late"])
	}
	// What is loaded stays, also against a file that landed before but is loaded after.
	w := compute(t, landed("late", "orders/late.json", 5, 6, changed), early)
	if f := w.Facts[LineKey{"A", 1}]; f.FileID != "late" || w.Files["early"].Duplicates != 2 {
		t.Errorf("owner %s, duplicates %d; want the file loaded first and 2", f.FileID, w.Files["early"].Duplicates)
	}
}

// A reading takes the place of the file's earlier one; what other files were found
// to repeat stays with them.
func TestRevisions(t *testing.T) {
	t.Parallel()
	again := landed("f1", "orders/a.json", 0, 20, orderC)
	w := compute(t,
		landed("f1", "orders/a.json", 0, 0, orderA, orderB),
		landed("f2", "orders/b.json", 1, 10, orderA),
		again,
		landed("f3", "orders/c.json", 2, 30, orderB),
	)
	got := make(map[string][3]int64)
	for id, o := range w.Files {
		got[id] = [3]int64{o.Records, o.Loaded, o.Duplicates}
	}
	equal(t, "records, loaded, duplicates", map[string][3]int64{"f1": {1, 1, 0}, "f2": {1, 0, 1}, "f3": {1, 1, 0}}, got)
	owners := make(map[string]string)
	for key, f := range w.Facts {
		owners[key.OrderID] = f.FileID
	}
	equal(t, "owners", map[string]string{"B": "f3", "C": "f1"}, owners)
}

// What is left out of one file: neighbours with one outcome in one range, and what the file has
// replaced itself.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	at := func(order, hour string) string {
		return strings.Replace(order, `"items"`, `"updated_at":"2026-11-01T`+hour+`:00:00Z","items"`, 1)
	}
	w := compute(t,
		landed("1", "orders/1.json", 1, 1, orderB, at(orderA, "09"), at(orderA, "11"), orderB, orderB, "{", orderB, at(orderA, "10")),
		landed("2", "orders/2.json", 2, 2, strings.Replace(orderB, "9.75,", "9.50,", 1), at(orderA, "12")))
	for id, want := range map[string]string{
		"1": "1-1 superseded, 3-4 duplicate, 6-6 duplicate, 7-7 stale",
		"2": "0-0 conflict",
	} {
		equal(t, "file "+id, want, w.Files[id].LeftOut)
	}
}
