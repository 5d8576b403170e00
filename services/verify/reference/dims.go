package reference

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// row is an accepted row of a catalog.
type row[T any] struct {
	id      string
	value   T
	record  int64
	retired bool // it says itself that it is not active
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
	files    map[string]*reading  // that hold records, by id
	since    map[string]time.Time // when it began to show the row
	history  map[ShownKey]Shown[T]
}

func newDimension[T any]() *dimension[T] {
	return &dimension[T]{
		rows: make(map[string]T), versions: make(map[string]version), inactive: make(map[string]bool), files: make(map[string]*reading),
		since: make(map[string]time.Time), history: make(map[ShownKey]Shown[T]),
	}
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
			if rows[last[row.id]].content != row.content {
				r.outcome.Findings["duplicate_row_conflict"]++
			}
			if !speaks || known && have.content == row.content && have.fileID != row.fileID {
				r.outcome.Duplicates++
				r.leaveOut(row.record, leftOutOf[replay])
			} else {
				r.outcome.Loaded++
			}
			// Files of one transaction that landed at the same moment follow each other by id.
			newer := !known || row.landedAt.After(have.landedAt) || fresh[row.id] && row.landedAt.Equal(have.landedAt) ||
				have.fileID == row.fileID
			if speaks && newer {
				d.rows[row.id], d.versions[row.id], fresh[row.id] = row.value, row.version, true
				if delete(d.inactive, row.id); row.retired {
					d.inactive[row.id] = true
				}
			}
		}
	}
}

// deactivate marks the rows that have disappeared, if this transaction brought what tells that,
// and they are not too many.
func deactivate[T any](d *dimension[T], readings []*reading, policy Policy, kind string, rowsOf func(*reading) []row[T], mark func(*T, string)) {
	for _, r := range readings {
		if r.outcome.Kind != kind {
			continue
		}
		delete(d.files, r.file.ID)
		if r.outcome.Records > 0 {
			d.files[r.file.ID] = r
		}
	}
	var tells *reading
	var since time.Time // when a row must have been named last, to be there; zero: by the file
	switch newest := d.newest(policy); {
	case newest == nil:
	case policy.modeOf(newest) == "parts":
		tells, since = d.completeDay(readings, policy)
	case slices.Contains(readings, newest) && newest.outcome.Rejected == 0:
		tells = newest
	}
	if tells == nil {
		return
	}
	named := make(map[string]bool)
	for _, row := range rowsOf(tells) {
		named[row.id] = true
	}
	var missing []string
	active := 0
	for id := range d.rows {
		if d.inactive[id] {
			continue
		}
		active++
		at := d.versions[id].landedAt // a delta may have named it after the catalog landed
		if since.IsZero() && !named[id] && !at.After(tells.file.LandedAt) || at.Before(since) {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return
	}
	if float64(len(missing)) >= policy.MaxDeactivateShare*float64(active) {
		tells.outcome.Findings["catalog_shrunk"]++
		return
	}
	from := tells.file.LandedAt // when a file that brings the row back must have landed, at least
	if !since.IsZero() {
		from = since.Add(-time.Microsecond)
	}
	for _, id := range missing {
		row := d.rows[id]
		mark(&row, tells.file.ID)
		d.rows[id], d.inactive[id] = row, true
		d.versions[id] = version{d.versions[id].content, from, tells.file.ID}
	}
}

// newest is the loaded file that landed last of those that are a catalog or a part of one; nil if
// there is none.
func (d *dimension[T]) newest(policy Policy) (newest *reading) {
	for _, r := range d.files {
		if r.outcome.Verdict == loaded && policy.modeOf(r) != "delta" && !r.landedBefore(newest) {
			newest = r
		}
	}
	return newest
}

// completeDay is when the last day but one began of which there are parts, if nothing of them was
// refused, and the file of this transaction by which that is seen: the first part of the last day, or a
// late part of the day before.
func (d *dimension[T]) completeDay(readings []*reading, policy Policy) (tells *reading, began time.Time) {
	days := make(map[time.Time][]*reading)
	for _, r := range d.files {
		if policy.modeOf(r) != "parts" {
			continue
		}
		day := r.file.LandedAt.UTC().Truncate(24 * time.Hour)
		days[day] = append(days[day], r)
	}
	if len(days) < 2 {
		return nil, began
	}
	order := slices.SortedFunc(maps.Keys(days), time.Time.Compare)
	last, began := order[len(order)-1], order[len(order)-2]
	var first *reading
	for _, r := range days[last] {
		if r.outcome.Verdict == loaded && (first == nil || r.landedBefore(first)) {
			first = r
		}
	}
	for _, r := range days[began] {
		if r.outcome.Verdict != loaded || r.outcome.Rejected > 0 {
			return nil, began
		}
	}
	for _, r := range append(days[began], first) {
		if r != nil && slices.Contains(readings, r) && (tells == nil || tells.landedBefore(r)) {
			tells = r
		}
	}
	return tells, began
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
