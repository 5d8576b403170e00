package sql

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
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

// InlineDates is the statement's text with the dates that it is bounded by as literals,
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
// The statement may use any subset of dates, so that one map can serve a
// whole folder. An error is returned for a key that does not end in _dates,
// for a *_dates parameter without an entry in dates, and for a day outside
// BigQuery's DATE. It is the only function that puts values into SQL text.
func (s Statement) InlineDates(dates map[string][]int32) (string, error) {
	lists := make(map[string]string, len(dates))
	for name, days := range dates {
		if !isDatesParameter(name) {
			return "", fmt.Errorf("sql: parameter %q: the name of a list of dates must end in %s", name, datesSuffix)
		}
		list, err := dateList(days)
		if err != nil {
			return "", fmt.Errorf("sql: parameter %q: %w", name, err)
		}
		lists[name] = list
	}
	var out strings.Builder
	copied := 0
	for _, d := range s.dates {
		list, known := lists[d.name]
		if !known {
			return "", lexer.ErrorAt(s.Text, d.start, "no dates given for @%s", d.name)
		}
		out.WriteString(s.Text[copied:d.start])
		out.WriteString(list)
		copied = d.end
	}
	out.WriteString(s.Text[copied:])
	return out.String(), nil
}

// datesList is IN UNNEST(@name) in a statement's text.
type datesList struct {
	name       string
	start, end int
}

// datesIn finds the lists of dates. One that stands anywhere but in IN UNNEST(...) is
// refused: no literal could replace it.
func datesIn(text string, tokens []lexer.Token) ([]datesList, error) {
	var found []datesList
	for i, t := range tokens {
		name := strings.TrimPrefix(text[t.Pos:t.End], "@")
		if t.Kind != lexer.Parameter || !isDatesParameter(name) {
			continue
		}
		if !insideInUnnest(tokens, i) {
			return nil, lexer.ErrorAt(text, t.Pos, "@%s must stand in IN UNNEST(@%s): only there a literal list can replace it", name, name)
		}
		found = append(found, datesList{name, tokens[i-3].Pos, tokens[i+1].End})
	}
	return found, nil
}

func isDatesParameter(name string) bool {
	return strings.HasSuffix(strings.ToLower(name), datesSuffix)
}

// insideInUnnest reports whether token i is the parameter of IN UNNEST(@p).
func insideInUnnest(tokens []lexer.Token, i int) bool {
	return i >= 3 && i+1 < len(tokens) &&
		tokens[i-3].Is("IN") && tokens[i-2].Is("UNNEST") && tokens[i-1].Is("(") && tokens[i+1].Is(")")
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
