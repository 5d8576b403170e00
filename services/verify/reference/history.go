package reference

import (
	"maps"
	"time"
)

// ShownKey is the grain of a dimension's history.
type ShownKey struct {
	ID   string
	From time.Time
}

// Shown is a row of a dimension's history: what it has shown until then.
type Shown[T any] struct {
	Row T
	To  time.Time
}

// snapshot is what a dimension shows before a transaction.
type snapshot[T any] struct {
	rows     map[string]T
	versions map[string]version
	inactive map[string]bool
}

func (d *dimension[T]) snapshot() snapshot[T] {
	return snapshot[T]{maps.Clone(d.rows), maps.Clone(d.versions), maps.Clone(d.inactive)}
}

// keepShown ends a transaction: rows that show something else now, or are active where they
// were not, have been shown until its time.
func keepShown[T any](d *dimension[T], before snapshot[T], now time.Time) {
	now = now.UTC()
	for id := range d.rows {
		row, known := before.rows[id]
		switch {
		case !known:
			d.since[id] = now
		case d.versions[id].content != before.versions[id].content, d.inactive[id] != before.inactive[id]:
			d.history[ShownKey{id, d.since[id]}] = Shown[T]{row, now}
			d.since[id] = now
		}
	}
}
