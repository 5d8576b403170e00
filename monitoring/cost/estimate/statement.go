package estimate

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/monitoring/cost/measure"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// minimumBilled is the least that BigQuery bills for each table that a statement names
// (https://cloud.google.com/bigquery/pricing). Every statement of a script is billed
// as a query of its own.
const minimumBilled = 10 << 20

// table is what a statement may read.
type table struct {
	columns   measure.Columns
	partition string // the column it is partitioned by, or ""
	perDay    int64  // rows of one partition
	rows      int64  // rows of a table without partitions
}

// tables are those of the schema and the temp tables of one transaction.
type tables map[string]table

// windows are the hours of data that a statement's parameters span, by the name of the
// parameter. Today's partition is half full on average: twelve hours.
type windows map[string]int64

// everything is the window of a reading without a bound that BigQuery prunes by.
const everything = "everything"

var (
	comment   = regexp.MustCompile(`(?m)--.*$`)
	inserting = regexp.MustCompile(`(?s)^\s*INSERT INTO (\w+)`)
	merging   = regexp.MustCompile(`^MERGE\b`)
	rewriting = regexp.MustCompile(`(?s)\bMATCHED\b[^;]*?\bTHEN\s+(?:UPDATE|DELETE)\b`)
	changing  = regexp.MustCompile(`(?s)^\s*(?:UPDATE|DELETE FROM|MERGE INTO) (\w+)`)
)

// statement is what the model needs to know of one.
type statement struct {
	text string // without comments
	// reads are the tables that it is billed for, temporary ones among them, with the columns
	// that it names of each.
	reads map[string]map[string]bool
	// rewrites is the table that it changes rows of, or "": besides what it reads of that, all columns are billed.
	rewrites string
	// bounds are the texts, of each table, in which its conditions stand: those of the SELECTs that read it.
	bounds map[string]string
}

// statements remembers what is known of each statement, by its text; many bills ask for
// the same. Not for concurrent use.
type statements map[string]*statement

func (all statements) read(s sql.Statement) *statement {
	if known := all[s.Text]; known != nil {
		return known
	}
	st := &statement{text: strings.TrimSpace(comment.ReplaceAllString(s.Text, "")), reads: make(map[string]map[string]bool)}
	columns := named(st.text)
	st.bounds = boundsIn(st.text)
	target := ""
	if m := inserting.FindStringSubmatch(st.text); m != nil {
		target = m[1]
	}
	for table, named := range columns {
		if table != target {
			st.reads[table] = named
		}
	}
	for _, table := range s.Reads {
		if st.reads[table] = columns[table]; columns[table] == nil { // under a view
			st.reads[table] = words(st.text)
		}
	}
	if m := changing.FindStringSubmatch(st.text); m != nil && (!merging.MatchString(st.text) || rewriting.MatchString(st.text)) {
		st.rewrites = m[1]
	}
	all[s.Text] = st
	return st
}

// bytes is what BigQuery bills for a statement: of each table the columns that the
// statement names, in the partitions that its conditions leave, and all columns of those whose rows it changes
// (https://cloud.google.com/bigquery/docs/reference/standard-sql/dml-syntax#on-demand_query_size_calculation). It errs upwards: a word without an
// alias counts as a column of every table around it, and clustering is not counted on.
func (t tables) bytes(s *statement, w windows) int64 {
	var sum int64
	for name := range s.reads {
		read, known := t[name]
		if !known {
			continue // a CTE, or a view
		}
		rows := read.rows
		if read.partition != "" {
			rows = read.perDay * w.hours(s.bounds[name], s.text, read.partition) / 24
		}
		sum += max(minimumBilled, rows*read.width(s, name))
	}
	return sum
}

// width is what a statement is billed for a row of the table, which has this name in it.
func (r table) width(s *statement, name string) (row int64) {
	named := s.reads[name]
	for column, size := range r.columns {
		if named[everyColumn] || named[column] {
			row += size
		}
		if name == s.rewrites {
			row += size
		}
	}
	return row
}

// hours is the longest window that the conditions on a partition column leave: those of the SELECTs
// that read the table, or if they have none, as where the table is joined around them, those of all.
func (w windows) hours(own, text, column string) int64 {
	if hours, bounded := w.longest(own, column); bounded {
		return hours
	}
	if hours, bounded := w.longest(text, column); bounded {
		return hours
	}
	return w[everything]
}

func (w windows) longest(text, column string) (longest int64, bounded bool) {
	condition := regexp.MustCompile(`\b` + column + `\b\)?\s*(?:IN UNNEST\(@(\w+)\)|BETWEEN @(\w+) AND|= @(\w+)|>= @(\w+)|` +
		`BETWEEN DATE_SUB\(@report_date, INTERVAL (\d+) DAY\)|>= TIMESTAMP\(DATE_SUB\(@report_date, INTERVAL (\d+) DAY)`)
	for _, m := range condition.FindAllStringSubmatch(text, -1) {
		for _, parameter := range m[1:5] {
			if hours, known := w[parameter]; known {
				longest, bounded = max(longest, hours), true
			}
		}
		for _, days := range m[5:] {
			if n, err := strconv.ParseInt(days, 10, 64); err == nil {
				longest, bounded = max(longest, (n+1)*24), true
			}
		}
	}
	return longest, bounded
}
