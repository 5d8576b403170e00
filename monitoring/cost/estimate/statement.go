package estimate

import (
	"regexp"
	"slices"
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
	word      = regexp.MustCompile(`(\w+\.)?(\w+)`)
	reading   = regexp.MustCompile(`(?:FROM|JOIN|USING|UPDATE|INTO)\s+(\w+)(?:\s+AS\s+(\w+))?`)
	inserting = regexp.MustCompile(`(?s)^\s*INSERT INTO (\w+)`)
	changing  = regexp.MustCompile(`(?s)^\s*(?:UPDATE|DELETE FROM|MERGE INTO) (\w+)`)
)

// statement is what the model needs to know of one.
type statement struct {
	text  string                     // without comments
	words map[string]bool            // names of columns among them, that no alias stands before
	after map[string]map[string]bool // words by the alias before them
	// reads are the tables that it is billed for, temporary ones among them.
	reads map[string]tableRead
}

// tableRead is how a statement reads a table.
type tableRead struct {
	// whole: all of its columns count, as of a table that it changes, or takes everything of.
	whole bool
	// aliases are what it is called; none: it may be called anything.
	aliases []string
}

// statements remembers what is known of each statement, by its text; many bills ask for
// the same. Not for concurrent use.
type statements map[string]*statement

func (all statements) read(s sql.Statement) *statement {
	if known := all[s.Text]; known != nil {
		return known
	}
	st := &statement{
		text: strings.TrimSpace(comment.ReplaceAllString(s.Text, "")), words: make(map[string]bool),
		after: make(map[string]map[string]bool), reads: make(map[string]tableRead),
	}
	for _, m := range word.FindAllStringSubmatch(st.text, -1) {
		switch alias := strings.TrimSuffix(m[1], "."); {
		case alias == "":
			st.words[m[2]] = true
		case st.after[alias] == nil:
			st.after[alias] = map[string]bool{m[2]: true}
		default:
			st.after[alias][m[2]] = true
		}
	}
	for _, name := range s.Reads { // a view stands for the tables under it
		st.reads[name] = tableRead{}
	}
	target := inserting.FindStringSubmatch(st.text)
	for _, m := range reading.FindAllStringSubmatch(st.text, -1) {
		if target == nil || target[1] != m[1] {
			read := st.reads[m[1]]
			read.whole = read.whole || m[2] != "" && regexp.MustCompile(`\b`+m[2]+`\.\*`).MatchString(st.text)
			if m[2] != "" {
				read.aliases = append(read.aliases, m[2])
			}
			st.reads[m[1]] = read
		}
	}
	if m := changing.FindStringSubmatch(st.text); m != nil {
		st.reads[m[1]] = tableRead{whole: true}
	}
	all[s.Text] = st
	return st
}

// names tells whether it names a column of a table with these aliases.
func (s *statement) names(column string, aliases []string) bool {
	if s.words[column] {
		return true
	}
	for alias, columns := range s.after {
		if columns[column] && (len(aliases) == 0 || slices.Contains(aliases, alias)) {
			return true
		}
	}
	return false
}

// bytes is what BigQuery bills for a statement: of each table the columns that the
// statement names, in the partitions that its conditions leave. It errs upwards: a word without an
// alias counts as a column wherever it stands, and clustering is not counted on.
func (t tables) bytes(s *statement, w windows) int64 {
	var sum int64
	for name, how := range s.reads {
		read, known := t[name]
		if !known {
			continue // a CTE, or a view
		}
		var row int64
		for column, size := range read.columns {
			if how.whole || s.names(column, how.aliases) {
				row += size
			}
		}
		rows := read.rows
		if read.partition != "" {
			rows = read.perDay * w.hours(s.text, read.partition) / 24
		}
		sum += max(minimumBilled, rows*row)
	}
	return sum
}

// hours is the longest window that the conditions on a partition column leave.
func (w windows) hours(text, column string) int64 {
	condition := regexp.MustCompile(`\b` + column + `\b\)?\s*(?:IN UNNEST\(@(\w+)\)|BETWEEN @(\w+) AND|= @(\w+)|>= @(\w+)|` +
		`BETWEEN DATE_SUB\(@report_date, INTERVAL (\d+) DAY\)|>= TIMESTAMP\(DATE_SUB\(@report_date, INTERVAL (\d+) DAY)`)
	longest, bounded := int64(0), false
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
	if !bounded {
		return w[everything]
	}
	return longest
}
