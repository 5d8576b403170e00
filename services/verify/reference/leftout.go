package reference

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// mostRanges is how many ranges of records that did not become facts the ledger names of a file.
const mostRanges = 10_000

// leftOut is a published record that did not become a fact, and why.
type leftOut struct {
	record  int64
	outcome string
}

// leaveOut notes such a record.
func (r *reading) leaveOut(record int64, outcome string) {
	r.leftOut = append(r.leftOut, leftOut{record, outcome})
}

// leftOutOf are the words for the judgements that leave an order out.
var leftOutOf = map[string]string{replay: "duplicate", conflict: "conflict", stale: "stale"}

// settleLeftOut ends a transaction for a file: of what it loaded, that is left out as well which
// the transaction itself has replaced, and of a file that is held everything, in one range.
func (m *model) settleLeftOut(r *reading) {
	if r.outcome.Verdict == quarantined {
		if held := r.accepted()[:r.outcome.Held]; len(held) > 0 {
			r.outcome.LeftOut = fmt.Sprintf("%d-%d held", held[0], held[len(held)-1])
		}
		return
	}
	for _, v := range r.counted {
		if m.owners[v.order.id] != v {
			r.leaveOut(v.order.record, "superseded")
		}
	}
	slices.SortFunc(r.leftOut, func(a, b leftOut) int { return cmp.Compare(a.record, b.record) })
	var ranges []string
	for i := 0; i < len(r.leftOut) && len(ranges) < mostRanges; {
		first := r.leftOut[i]
		last := first
		for i++; i < len(r.leftOut) && r.leftOut[i] == (leftOut{last.record + 1, last.outcome}); i++ {
			last = r.leftOut[i]
		}
		ranges = append(ranges, fmt.Sprintf("%d-%d %s", first.record, last.record, first.outcome))
	}
	r.outcome.LeftOut = strings.Join(ranges, ", ")
}

// accepted are the positions of the records that were published.
func (r *reading) accepted() []int64 {
	var positions []int64
	for _, o := range r.orders {
		positions = append(positions, o.record)
	}
	for _, p := range r.products {
		positions = append(positions, p.record)
	}
	for _, c := range r.customers {
		positions = append(positions, c.record)
	}
	return positions
}
