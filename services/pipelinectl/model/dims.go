package model

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// row is an accepted row of a catalog.
type row[T any] struct {
	id    string
	value T
	version
}

// version is what a dimension holds for a key.
type version struct {
	content  content
	landedAt time.Time
	fileID   string
}

// dimension is a table of master data: what it shows, and of which version.
type dimension[T any] struct {
	rows     map[string]T
	versions map[string]version
	inactive map[string]bool
	newest   *reading // the loaded file that landed last, or nil
}

func newDimension[T any]() *dimension[T] {
	return &dimension[T]{rows: make(map[string]T), versions: make(map[string]version), inactive: make(map[string]bool)}
}

// merge takes over the rows of a transaction's files, given in the order of
// landing. The last row of a key in its file speaks for the file, and the
// dimension takes it over if the file landed after the one that it has the row
// from, or is the same file, read again. A row is a duplicate if it does not speak or says
// what is known already from another file.
func merge[T any](d *dimension[T], readings []*reading, rowsOf func(*reading) []row[T]) {
	fresh := make(map[string]bool) // keys taken over in this transaction
	for _, r := range readings {
		if r.outcome.Verdict != loaded {
			continue
		}
		rows := rowsOf(r)
		last := make(map[string]int)
		for i, row := range rows {
			last[row.id] = i
		}
		for i, row := range rows {
			have, known := d.versions[row.id]
			speaks := last[row.id] == i
			if !speaks || known && have.content == row.content && have.fileID != row.fileID {
				r.outcome.Duplicates++
			} else {
				r.outcome.Loaded++
			}
			// Files of one transaction that landed at the same moment follow each other by id.
			newer := !known || row.landedAt.After(have.landedAt) || fresh[row.id] && row.landedAt.Equal(have.landedAt) ||
				have.fileID == row.fileID
			if speaks && newer {
				d.rows[row.id], d.versions[row.id], fresh[row.id] = row.value, row.version, true
				delete(d.inactive, row.id)
			}
		}
	}
}

// deactivate marks the rows that the newest file of a catalog no longer names, if
// it came with this transaction, nothing of it was refused, and they are not too many.
func deactivate[T any](d *dimension[T], readings []*reading, policy Policy, kind string, rowsOf func(*reading) []row[T], mark func(*T, string)) {
	for _, r := range readings {
		if r.outcome.Kind == kind && r.outcome.Verdict == loaded && !r.landedBefore(d.newest) {
			d.newest = r
		}
	}
	if d.newest == nil || !slices.Contains(readings, d.newest) || d.newest.outcome.Rejected > 0 {
		return
	}
	named := make(map[string]bool)
	for _, row := range rowsOf(d.newest) {
		named[row.id] = true
	}
	var missing []string
	active := 0
	for id := range d.rows {
		if d.inactive[id] {
			continue
		}
		active++
		if !named[id] {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return
	}
	if float64(len(missing)) >= policy.MaxDeactivateShare*float64(active) {
		d.newest.outcome.Findings["catalog_shrunk"]++
		return
	}
	for _, id := range missing {
		row := d.rows[id]
		mark(&row, d.newest.file.ID)
		d.rows[id], d.inactive[id] = row, true
		d.versions[id] = version{d.versions[id].content, d.newest.file.LandedAt, d.newest.file.ID}
	}
}

// landedBefore tells whether r landed before another file; nil never landed.
func (r *reading) landedBefore(other *reading) bool {
	if other == nil {
		return false
	}
	return cmp.Or(r.file.LandedAt.Compare(other.file.LandedAt), cmp.Compare(r.file.ID, other.file.ID)) < 0
}

func indexOf[T comparable](list []T, item T) int { return slices.Index(list, item) }

// sortedText makes one text of parts in any order.
func sortedText(parts []string) string {
	slices.Sort(parts)
	return strings.Join(parts, "\x00")
}
