package catalog

import (
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
)

// recentStream is how long rows count as recently streamed:
// https://cloud.google.com/bigquery/docs/write-api-grpc#use_data_manipulation_language_dml_with_recently_streamed_data
const recentStream = 30 * time.Minute

// NoteStreamed notes that rows are about to be streamed to a table. The note is
// kept in memory: after a restart nothing counts as recently streamed.
func (c *Catalog) NoteStreamed(ref dialect.TableRef) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.streamed[ref] = c.now()
}

// RecentlyStreamed says whether the table may hold recently streamed rows.
func (c *Catalog) RecentlyStreamed(ref dialect.TableRef) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	at, ok := c.streamed[ref]
	return ok && c.now().Sub(at) < recentStream
}
