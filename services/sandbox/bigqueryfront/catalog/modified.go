package catalog

import (
	"time"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
)

// NoteModified notes that statements have changed rows of tables, after their commit.
func (c *Catalog) NoteModified(refs ...dialect.TableRef) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, ref := range refs {
		at := c.now()
		// Two changes within a millisecond would be one to those who read the time.
		if next := c.modified[ref].Add(time.Millisecond); at.Before(next) {
			at = next
		}
		c.modified[ref] = at
	}
}

// LastModified is when a table or its rows last changed, in milliseconds. What was
// changed before the catalogue was opened counts as changed then.
func (c *Catalog) LastModified(t *bq.Table) uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	last := max(t.CreationTime, c.opened.UnixMilli())
	for _, at := range []time.Time{c.modified[refOf(t)], c.streamed[refOf(t)].last} {
		if !at.IsZero() {
			last = max(last, at.UnixMilli())
		}
	}
	return uint64(last)
}
