package model

import (
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
}

// dimension is a table of master data: what it shows, and of which version.
type dimension[T any] struct {
	rows     map[string]T
	versions map[string]version
}

func newDimension[T any]() dimension[T] {
	return dimension[T]{make(map[string]T), make(map[string]version)}
}

// merge takes over the rows of a transaction's files, given in the order of
// landing. The last row of a key in its file speaks for the file, and the
// dimension takes it over if the file landed after the one that it has the row
// from. A row is a duplicate if it does not speak or says what is known already.
func merge[T any](d dimension[T], readings []*reading, rowsOf func(*reading) []row[T]) {
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
			if !speaks || known && have.content == row.content {
				r.outcome.Duplicates++
			} else {
				r.outcome.Loaded++
			}
			// Files of one transaction that landed at the same moment follow each other by id.
			newer := !known || row.landedAt.After(have.landedAt) || fresh[row.id] && row.landedAt.Equal(have.landedAt)
			if speaks && newer {
				d.rows[row.id], d.versions[row.id], fresh[row.id] = row.value, row.version, true
			}
		}
	}
}

func indexOf[T comparable](list []T, item T) int { return slices.Index(list, item) }

// sortedText makes one text of parts in any order.
func sortedText(parts []string) string {
	slices.Sort(parts)
	return strings.Join(parts, "\x00")
}
