// Package billing weighs what statements read, as BigQuery bills it on demand: of each
// table the columns that are needed, in the partitions that the conditions leave, each value as
// wide as BigQuery counts it, and 10 MiB for each table at least
// (https://cloud.google.com/bigquery/pricing, .../docs/reference/standard-sql/data-types,
// .../docs/reference/standard-sql/dml-syntax#on-demand_query_size_calculation).
//
// What is read is taken from DuckDB's plan of the statement. Tables that a statement reads twice
// are billed once, as BigQuery does it. Limits: counts of rows are up to two seconds old; the
// widths of a large table are those of a sample; a field counts as the column that it is in; rows in the
// streaming buffer, which BigQuery does not bill, are billed; clustering saves nothing.
package billing

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/catalog"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
)

const (
	// Least is what each table that a statement names is billed at least, in bytes.
	Least = 10 << 20
	// step is what a bill is rounded up to, in bytes.
	step = 1 << 20
)

// Bytes are those of a statement or of a script.
type Bytes struct {
	Processed, Billed int64
}

// Add adds those of another statement of a script.
func (b *Bytes) Add(other Bytes) {
	b.Processed += other.Processed
	b.Billed += other.Billed
}

// Meter weighs statements. It may be used concurrently.
type Meter struct {
	cat *catalog.Catalog

	mu      sync.Mutex
	weights map[dialect.TableRef]weights
	counts  map[string]counted
}

// New returns a meter of the tables of a catalog.
func New(cat *catalog.Catalog) *Meter {
	return &Meter{cat: cat, weights: make(map[dialect.TableRef]weights), counts: make(map[string]counted)}
}

// reading is what a statement reads of a table.
type reading struct {
	columns    map[string]bool // that are read
	words      map[string]bool // of conditions, among them the columns that these are about
	conditions []string        // of each scan those that partitions are pruned by
	whole      bool            // a scan has no such condition
}

func newReading() *reading {
	return &reading{columns: make(map[string]bool), words: make(map[string]bool)}
}

// Of weighs a statement that has run, or is only planned, by its scans. The connection is the
// one that it runs on, which sees its temporary tables and its transaction.
func (m *Meter) Of(ctx context.Context, conn *engine.Conn, st dialect.Statement, scans []engine.Scan) (Bytes, error) {
	readings := make(map[dialect.TableRef]*reading)
	for _, ref := range st.Refs {
		if ref.Dataset == "" || m.holdsRows(ref) {
			readings[ref] = newReading()
		}
	}
	for _, scan := range scans {
		ref := dialect.TableRef{Dataset: scan.Schema, Table: scan.Table}
		if ref.Dataset != "" && m.cat.Lookup(ref) == nil {
			continue // the front's own
		}
		r := readings[ref]
		if r == nil { // under a view
			r = newReading()
			readings[ref] = r
		}
		r.add(scan, partitionColumn(m.cat.Lookup(ref)))
	}
	var all Bytes
	for ref, r := range readings {
		n, whole, err := m.bytes(ctx, conn, ref, r)
		if err != nil {
			return all, err
		}
		if ref == st.Target && changes(st) {
			n += whole
		}
		all.Add(Bytes{n, max(n, Least)})
	}
	all.Billed = (all.Billed + step - 1) / step * step
	return all, nil
}

// Lacks tells whether a table of a statement is in none of its scans: DuckDB saw by the smallest and largest
// values of the columns that no row is asked for, where BigQuery would have looked.
func (m *Meter) Lacks(st dialect.Statement, scans []engine.Scan) bool {
	return slices.ContainsFunc(st.Refs, func(ref dialect.TableRef) bool {
		return m.holdsRows(ref) && !slices.ContainsFunc(scans, func(s engine.Scan) bool {
			return s.Schema == ref.Dataset && s.Table == ref.Table
		})
	})
}

// holdsRows tells whether there is such a table, which is no view.
func (m *Meter) holdsRows(ref dialect.TableRef) bool {
	t := m.cat.Lookup(ref)
	return t != nil && t.Type != "VIEW"
}

// AtMost is what a statement processes if it reads all rows and columns of its tables, which is
// found without a plan; known is false if that cannot be told.
func (m *Meter) AtMost(ctx context.Context, conn *engine.Conn, st dialect.Statement) (most Bytes, known bool, err error) {
	known = true
	for _, ref := range st.Refs {
		t := m.cat.Lookup(ref)
		if t != nil && t.Type == "VIEW" {
			known = false
			continue
		}
		_, n, err := m.bytes(ctx, conn, ref, &reading{whole: true})
		if err != nil {
			return most, false, err
		}
		if ref == st.Target && changes(st) {
			n *= 2
		}
		most.Add(Bytes{n, max(n, Least)})
	}
	return most, known, nil
}

// Forget has the next statement count rows again.
func (m *Meter) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.counts)
}

// changes tells whether BigQuery rewrites partitions of the target, which it bills with all their columns.
func changes(st dialect.Statement) bool {
	return st.Kind == dialect.Update || st.Kind == dialect.Delete || st.Kind == dialect.Merge && !st.InsertOnly
}

// bytes weighs what is read of one table, and all columns of the rows that are read.
func (m *Meter) bytes(ctx context.Context, conn *engine.Conn, ref dialect.TableRef, r *reading) (read, whole int64, err error) {
	if !r.whole && len(r.conditions) == 0 {
		return 0, 0, nil // no row of it can be needed
	}
	total, err := m.rows(ctx, conn, ref, "")
	if err != nil || total == 0 {
		return 0, 0, err
	}
	rows := total
	if !r.whole {
		if rows, err = m.rows(ctx, conn, ref, strings.Join(r.conditions, " OR ")); err != nil {
			return 0, 0, err
		}
	}
	w, err := m.weigh(ctx, conn, ref, total, r.columns)
	if err != nil {
		return 0, 0, err
	}
	read = w.of(rows, func(column string) bool { return r.columns[column] || r.words[column] })
	return read, w.of(rows, func(string) bool { return true }), nil
}

// add adds a scan of a table that is partitioned by a column, or by none.
func (r *reading) add(scan engine.Scan, partition string) {
	for _, column := range scan.Columns {
		r.columns[strings.ToLower(column)] = true
	}
	var prunes []string
	for _, condition := range scan.Conditions {
		names := namesIn(condition)
		for _, name := range names {
			r.words[name] = true
		}
		if partition != "" && prunable(names, partition) {
			prunes = append(prunes, condition)
		}
	}
	if len(prunes) == 0 {
		r.whole = true
		return
	}
	r.conditions = append(r.conditions, "(("+strings.Join(prunes, ") AND (")+"))")
}

// plain are the words of conditions that say no more than how a column stands to constants; epoch_us is
// in how the day of a TIMESTAMP is found.
var plain = []string{"and", "or", "not", "in", "is", "null", "between", "cast", "as", "date", "timestamp", "with", "time", "zone",
	"timezone", "epoch_us", "integer", "bigint", "true", "false"}

// prunable tells whether a condition is one on the partition column alone.
func prunable(names []string, partition string) bool {
	return slices.Contains(names, partition) && !slices.ContainsFunc(names, func(name string) bool {
		return name != partition && !slices.Contains(plain, name)
	})
}

// namesIn are the words of a condition that stand outside of quoted texts, in lower case.
func namesIn(condition string) (names []string) {
	var word strings.Builder
	quoted := false
	for _, c := range condition + " " {
		if c == '\'' {
			quoted = !quoted
		}
		if !quoted && (c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c > 127) {
			word.WriteRune(c)
			continue
		}
		if name := strings.ToLower(word.String()); name != "" && (name[0] < '0' || name[0] > '9') {
			names = append(names, name)
		}
		word.Reset()
	}
	return names
}

func partitionColumn(t *bq.Table) string {
	if t == nil || t.TimePartitioning == nil {
		return ""
	}
	return strings.ToLower(t.TimePartitioning.Field)
}

// counted is how many rows there were.
type counted struct {
	rows  int64
	until time.Time // how long that is believed
}

// Counts are believed for a time, and for longer if counting takes long, so that it never takes more
// than a fiftieth of all time.
const (
	believed = 2 * time.Second
	share    = 50
)

// rows counts those in the partitions in which a condition holds for some row; all without one.
func (m *Meter) rows(ctx context.Context, conn *engine.Conn, ref dialect.TableRef, condition string) (int64, error) {
	key := ref.SQL() + condition
	m.mu.Lock()
	known := m.counts[key]
	m.mu.Unlock()
	began := time.Now()
	if ref.Dataset != "" && began.Before(known.until) {
		return known.rows, nil
	}
	text := "SELECT count(*) FROM " + ref.SQL()
	if condition != "" {
		text = fmt.Sprintf("SELECT CAST(coalesce(sum(n), 0) AS BIGINT) FROM (SELECT count(*) AS n, bool_or(%s) AS met FROM %s GROUP BY %s) WHERE met",
			condition, ref.SQL(), catalog.Partition(m.cat.Lookup(ref)))
	}
	numbers, err := integers(ctx, conn, text)
	if err != nil {
		return 0, err
	}
	if ref.Dataset != "" { // one transaction's temporary table is not another's
		now := time.Now()
		m.mu.Lock()
		m.counts[key] = counted{numbers[0], now.Add(max(believed, share*now.Sub(began)))}
		m.mu.Unlock()
	}
	return numbers[0], nil
}

// Over is what a limit of a script is held against once so much was read before: how BigQuery
// counts it is not documented.
func (b Bytes) Over(before Bytes) int64 { return max(b.Billed, before.Processed+b.Processed) }
