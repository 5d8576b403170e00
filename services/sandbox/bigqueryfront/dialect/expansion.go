package dialect

import (
	"regexp"
	"strings"
)

// DuckDB puts a macro's body, with the arguments in it, where the macro stands,
// and does so before it checks anything: calls within calls grow as the
// translations that repeat an operand do, but out of this package's sight.

// maxExpanded bounds a statement's text with its macros expanded.
const maxExpanded = 32 << 20

// repeats says how often a macro's body holds the argument that it holds most.
var repeats = func() map[string]int {
	known := map[string]int{}
	for _, definition := range Prelude {
		m := macroDefinition.FindStringSubmatch(definition)
		if m == nil {
			continue
		}
		most := 1
		for _, parameter := range strings.Split(m[2], ",") {
			name := strings.Fields(parameter)[0]
			n := 0
			walk(m[3], known, func(token string, times int) {
				if token == name {
					n += times
				}
			})
			most = max(most, n)
		}
		known[m[1]] = most
	}
	return known
}()

var macroDefinition = regexp.MustCompile(`(?s)^CREATE OR REPLACE MACRO (\w+)\((.*?)\) AS (.*)$`)

// expanded is about the length of a statement with its macros expanded; beyond
// maxExpanded it says no more than that.
func expanded(sql string) int {
	n := 0
	walk(sql, repeats, func(token string, times int) { n = min(n+len(token)*times, maxExpanded+1) })
	return n
}

// walk visits a translation's tokens with the number of times that the macros
// around each repeat it.
func walk(sql string, repeats map[string]int, visit func(token string, times int)) {
	times := []int{1}
	name := ""
	for sql != "" {
		size := 1
		switch c := sql[0]; {
		case c == '\'' || c == '"':
			if end := strings.IndexByte(sql[1:], c); end >= 0 {
				size = end + 2
			}
		case wordByte(c):
			for size < len(sql) && wordByte(sql[size]) {
				size++
			}
		}
		token, inner := sql[:size], times[len(times)-1]
		visit(token, inner)
		switch token {
		case "(":
			times = append(times, min(inner*max(repeats[name], 1), maxExpanded+1))
		case ")":
			if len(times) > 1 {
				times = times[:len(times)-1]
			}
		}
		name, sql = token, sql[size:]
	}
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
