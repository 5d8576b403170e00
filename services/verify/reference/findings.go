package reference

import (
	"cmp"
	"slices"
)

// The findings that a catalog can close.
const (
	missingProduct  = "missing_product"
	missingCustomer = "missing_customer"
)

// missingRef is a finding: a record names what no catalog has named.
type missingRef struct {
	record int64
	id     string
}

// missingRefs are findings of a file, by check_type.
type missingRefs map[string][]missingRef

// find adds findings of missing references.
func (m *model) find(r *reading, missing missingRefs) {
	all := m.missing[r.file.ID]
	if all == nil {
		all = make(missingRefs)
		m.missing[r.file.ID] = all
	}
	for rule, refs := range missing {
		r.outcome.Findings[rule] += int64(len(refs))
		all[rule] = append(all[rule], refs...)
	}
}

// closeFindings counts the rows that the findings of each file stand in, and those of missing
// references that are open in the end. Those that stand as one row are open as long as one of
// them is.
func (m *model) closeFindings() {
	for id, o := range m.warehouse.Files {
		o.Open, o.FindingRows = make(map[string]int64), make(map[string]int64)
		for rule, n := range o.Findings {
			o.FindingRows[rule] = min(n, m.policy.MaxFindings+1)
		}
		for rule, refs := range m.missing[id] {
			refs = slices.SortedFunc(slices.Values(refs), func(a, b missingRef) int {
				return cmp.Or(cmp.Compare(a.record, b.record), cmp.Compare(a.id, b.id))
			})
			own := min(int64(len(refs)), m.policy.MaxFindings)
			for _, ref := range refs[:own] {
				if !m.knows(rule, ref) {
					o.Open[rule]++
				}
			}
			if slices.ContainsFunc(refs[own:], func(ref missingRef) bool { return !m.knows(rule, ref) }) {
				o.Open[rule] += int64(len(refs)) - own
			}
		}
		m.warehouse.Files[id] = o
	}
}

// knows tells whether a catalog has named the reference.
func (m *model) knows(rule string, ref missingRef) bool {
	var known bool
	if rule == missingProduct {
		_, known = m.products.rows[ref.id]
	} else {
		_, known = m.customers.rows[ref.id]
	}
	return known
}
