package sql

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// BigQuery's DATE runs from 0001-01-01 to 9999-12-31; in days since 1970-01-01.
const (
	minDate = -719162
	maxDate = 2932896
)

// noDate stands for membership in an empty list. Unlike any placeholder date
// it matches no row whatever the data, and a range of literals still prunes.
const noDate = "BETWEEN DATE '9999-12-31' AND DATE '0001-01-01'"

const datesSuffix = "_dates"

// InlineDates renders the dates that a statement is bounded by as literals,
// because BigQuery prunes partitions by literals but not by array parameters.
// Each
//
//	IN UNNEST(@landed_dates)
//
// whose parameter's name ends in _dates becomes a list, sorted and distinct:
//
//	IN (DATE '2026-11-01', DATE '2026-11-02')
//
// An empty list becomes a range that holds no date. Dates are days since
// 1970-01-01. Strings and comments are not touched.
//
// The statement may use any subset of params, so that one map can serve a
// whole folder. An error is returned for a key that does not end in _dates,
// for a *_dates parameter without an entry in params, for one that stands
// anywhere but in IN UNNEST(...), where no literal could replace it, and for a
// day outside BigQuery's DATE. It is the only function that puts values into
// SQL text.
func InlineDates(stmt string, params map[string][]int32) (string, error) {
	lists := make(map[string]string, len(params))
	for name, days := range params {
		if !isDatesParameter(name) {
			return "", fmt.Errorf("sql: parameter %q: the name of a list of dates must end in %s", name, datesSuffix)
		}
		list, err := dateList(days)
		if err != nil {
			return "", fmt.Errorf("sql: parameter %q: %w", name, err)
		}
		lists[name] = list
	}
	tokens, err := lex(stmt)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	copied := 0
	for i, t := range tokens {
		name := strings.TrimPrefix(t.text(stmt), "@")
		if t.kind != tokenParameter || !isDatesParameter(name) {
			continue
		}
		list, known := lists[name]
		if !known {
			return "", errorAt(stmt, t.start, "no dates given for @%s", name)
		}
		if !insideInUnnest(stmt, tokens, i) {
			return "", errorAt(stmt, t.start, "@%s must stand in IN UNNEST(@%s): only there a literal list can replace it", name, name)
		}
		out.WriteString(stmt[copied:tokens[i-3].start])
		out.WriteString(list)
		copied = tokens[i+1].end
	}
	out.WriteString(stmt[copied:])
	return out.String(), nil
}

func isDatesParameter(name string) bool {
	return strings.HasSuffix(strings.ToLower(name), datesSuffix)
}

// insideInUnnest reports whether token i is the parameter of IN UNNEST(@p).
func insideInUnnest(src string, tokens []token, i int) bool {
	return i >= 3 && i+1 < len(tokens) &&
		tokens[i-3].is(src, "IN") && tokens[i-2].is(src, "UNNEST") &&
		tokens[i-1].is(src, "(") && tokens[i+1].is(src, ")")
}

// dateList renders days as the right side of a comparison.
func dateList(days []int32) (string, error) {
	if len(days) == 0 {
		return noDate, nil
	}
	days = slices.Clone(days)
	slices.Sort(days)
	days = slices.Compact(days)
	if first, last := days[0], days[len(days)-1]; first < minDate || last > maxDate {
		return "", fmt.Errorf("days %d to %d since 1970-01-01 leave the range of DATE, %d to %d", first, last, minDate, maxDate)
	}
	list := make([]byte, 0, len("IN ()")+len(days)*len("DATE '2006-01-02', "))
	list = append(list, "IN ("...)
	for i, day := range days {
		if i > 0 {
			list = append(list, ", "...)
		}
		list = time.Unix(int64(day)*24*60*60, 0).UTC().AppendFormat(list, "DATE '2006-01-02'")
	}
	return string(append(list, ')')), nil
}
