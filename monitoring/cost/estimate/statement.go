package estimate

import (
	"fmt"
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
	word      = regexp.MustCompile(`\w+`)
	reading   = regexp.MustCompile(`(?:FROM|JOIN|USING|UPDATE|INTO)\s+(\w+)(?:\s+AS\s+(\w+))?`)
	inserting = regexp.MustCompile(`(?s)^\s*INSERT INTO (\w+)`)
	changing  = regexp.MustCompile(`(?s)^\s*(?:UPDATE|DELETE FROM|MERGE INTO) (\w+)`)
)

// bytes is what BigQuery bills for a statement: of each table the columns that the
// statement names, in the partitions that its conditions leave. It errs upwards: a word
// counts as a column wherever it stands, and clustering is not counted on.
func (t tables) bytes(s sql.NamedStatement, w windows) (int64, error) {
	text := strings.TrimSpace(comment.ReplaceAllString(s.Text, ""))
	named := make(map[string]bool)
	for _, name := range word.FindAllString(text, -1) {
		named[name] = true
	}
	found, err := t.read(s.Text, text)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", s.Name, err)
	}
	var sum int64
	for name, whole := range found {
		read := t[name]
		var row int64
		for column, size := range read.columns {
			if whole || named[column] {
				row += size
			}
		}
		rows := read.rows
		if read.partition != "" {
			rows = read.perDay * w.hours(text, read.partition) / 24
		}
		sum += max(minimumBilled, rows*row)
	}
	return sum, nil
}

// read gives the tables that a statement is billed for, and whether all of their
// columns count: those that it changes, and those of which it takes everything.
func (t tables) read(full, text string) (map[string]bool, error) {
	reads, _, err := sql.Uses(full)
	if err != nil {
		return nil, err
	}
	found := make(map[string]bool)
	for _, name := range reads {
		if _, known := t[name]; known { // a view stands for the tables under it
			found[name] = false
		}
	}
	target := inserting.FindStringSubmatch(text)
	for _, m := range reading.FindAllStringSubmatch(text, -1) {
		if _, known := t[m[1]]; !known || target != nil && target[1] == m[1] {
			continue
		}
		found[m[1]] = found[m[1]] || m[2] != "" && strings.Contains(text, m[2]+".*")
	}
	if m := changing.FindStringSubmatch(text); m != nil {
		found[m[1]] = true
	}
	return found, nil
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

// script is the sum of statements.
func (t tables) script(statements []sql.NamedStatement, w windows) (int64, error) {
	var sum int64
	for _, s := range statements {
		n, err := t.bytes(s, w)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}
