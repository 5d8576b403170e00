package catalog

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
)

const (
	// recentStream is how long rows count as recently streamed:
	// https://cloud.google.com/bigquery/docs/write-api-grpc#use_data_manipulation_language_dml_with_recently_streamed_data
	recentStream = 30 * time.Minute
	// noteAhead is how far into the future a stored note reaches. Appends until
	// then write no other, so that it costs a small transaction per minute and
	// table; a restart may therefore count rows as recent a minute too long.
	noteAhead = time.Minute
)

// streamed says when rows were streamed to a table.
type streamed struct {
	last time.Time
	// noted is what the database says: last is at most that.
	noted time.Time
}

// NoteStreamed notes that rows are about to be streamed to a table, so that
// neither a restart nor a kill forgets it. Calls for one table come one at a
// time.
func (c *Catalog) NoteStreamed(ctx context.Context, ref dialect.TableRef) error {
	now := c.now()
	c.mu.RLock()
	s := c.streamed[ref]
	c.mu.RUnlock()
	if s.last = now; now.After(s.noted) {
		s.noted = now.Add(noteAhead)
		err := c.change(ctx, append(forgetStreamed(ref),
			fmt.Sprintf("INSERT INTO %s.streamed VALUES (%s, %s, %d)", meta, text(ref.Dataset), text(ref.Table), s.noted.UnixMicro()))...)
		if err != nil {
			return fmt.Errorf("note rows streamed to %s.%s: %w", ref.Dataset, ref.Table, err)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.streamed[ref] = s
	return nil
}

// RecentlyStreamed says whether the table may hold recently streamed rows.
func (c *Catalog) RecentlyStreamed(ref dialect.TableRef) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	s, ok := c.streamed[ref]
	return ok && c.now().Sub(s.last) < recentStream
}

// forgetStreamed are the statements for a table that is gone or begins anew.
func forgetStreamed(ref dialect.TableRef) []string {
	return []string{fmt.Sprintf("DELETE FROM %s.streamed WHERE dataset = %s AND lower(name) = lower(%s)", meta, text(ref.Dataset), text(ref.Table))}
}

// loadStreamed reads the notes of earlier runs. What one says of the time after
// this moment cannot have happened.
func (c *Catalog) loadStreamed(ctx context.Context, conn *engine.Conn) error {
	now := c.now()
	return eachOfTables(ctx, conn, "streamed", "noted", func(ref dialect.TableRef, micros string) error {
		n, err := strconv.ParseInt(micros, 10, 64)
		if err != nil {
			return fmt.Errorf("read catalogue: note of streamed rows: %w", err)
		}
		noted := time.UnixMicro(n)
		s := streamed{last: noted, noted: noted}
		if noted.After(now) {
			s.last = now
		}
		c.streamed[ref] = s
		return nil
	})
}

// NoteInserted notes that rows are about to be inserted into a table by tabledata.insertAll,
// in whose streaming buffer they stay for a while. A restart forgets it.
func (c *Catalog) NoteInserted(ref dialect.TableRef) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inserted[ref] = c.now()
}

// Buffered says whether rows of the table may be in the streaming buffer, where no
// statement changes them;
// https://cloud.google.com/bigquery/docs/data-manipulation-language#limitations
func (c *Catalog) Buffered(ref dialect.TableRef) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	at, ok := c.inserted[ref]
	return ok && c.now().Sub(at) < recentStream
}
