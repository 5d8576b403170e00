package engine

import (
	"strings"
	"unicode"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

var texts = []function{
	// Each byte that is not of a character becomes U+FFFD, as Go reads it.
	{"bq_text", []mapping.Type{mapping.TypeBlob}, mapping.TypeVarchar, func(c *call) (bool, error) {
		return resultText(c, string([]rune(string(bytesArg(c, 0)))))
	}},
	{"bq_capitals", []mapping.Type{mapping.TypeVarchar}, mapping.TypeVarchar, func(c *call) (bool, error) {
		return resultText(c, capitals(string(bytesArg(c, 0)), func(r rune) bool {
			return unicode.IsSpace(r) || strings.ContainsRune(`[](){}/|\<>!?@"^#$&~_,.:;*%+-`, r)
		}))
	}},
	{"bq_capitals", []mapping.Type{mapping.TypeVarchar, mapping.TypeVarchar}, mapping.TypeVarchar, func(c *call) (bool, error) {
		delimiters := string(bytesArg(c, 1))
		return resultText(c, capitals(string(bytesArg(c, 0)), func(r rune) bool { return strings.ContainsRune(delimiters, r) }))
	}},
}

// capitals begins the words between delimiters with a capital letter.
func capitals(s string, delimiter func(rune) bool) string {
	begins := true
	return strings.Map(func(r rune) rune {
		first := begins
		switch begins = delimiter(r); {
		case begins:
			return r
		case first:
			return unicode.ToUpper(r)
		}
		return unicode.ToLower(r)
	}, s)
}

// resultText gives a string, which DuckDB copies.
func resultText(c *call, s string) (bool, error) {
	mapping.VectorAssignStringElementLen(c.vector, mapping.IdxT(c.row), []byte(s))
	return true, nil
}
