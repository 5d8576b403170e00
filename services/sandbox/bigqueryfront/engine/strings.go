package engine

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dgryski/go-farm"
	"github.com/duckdb/duckdb-go/v2/mapping"
)

// maxOutput is what BigQuery lets a function make of a shorter string, in bytes.
const maxOutput = 1 << 20

const tText = mapping.TypeVarchar

var errNegative = errors.New("a length or a number of repetitions cannot be negative")

// fingerprint is Fingerprint64 of FarmHash, as a signed number.
func fingerprint(c *call) (bool, error) { return result(c, int64(farm.Fingerprint64(bytesArg(c, 0)))) }

var texts = []function{
	// bq_natural is a length that may be any, bq_size one of a string to be made.
	{"bq_natural", []mapping.Type{tInt}, tInt, func(c *call) (bool, error) {
		if arg[int64](c, 0) < 0 {
			return false, errNegative
		}
		return result(c, arg[int64](c, 0))
	}},
	{"bq_size", []mapping.Type{tInt}, tInt, func(c *call) (bool, error) {
		n := arg[int64](c, 0)
		if n < 0 {
			return false, errNegative
		}
		if n > maxOutput {
			return false, fmt.Errorf("output exceeds max allowed output size of 1MB: %d characters", n)
		}
		return result(c, n)
	}},
	{"bq_repeat", []mapping.Type{tText, tInt}, tText, func(c *call) (bool, error) {
		s, n := bytesArg(c, 0), arg[int64](c, 1)
		if n < 0 {
			return false, errNegative
		}
		if len(s) > 0 && n > int64(maxOutput/len(s)) {
			return false, errors.New("Output of REPEAT exceeds max allowed output size of 1MB")
		}
		return resultText(c, strings.Repeat(string(s), int(min(n, maxOutput))))
	}},
	{"bq_fingerprint", []mapping.Type{tText}, tInt, fingerprint},
	{"bq_fingerprint", []mapping.Type{mapping.TypeBlob}, tInt, fingerprint},
	// bq_position is where SUBSTR begins: before the string is its beginning.
	{"bq_position", []mapping.Type{tText, tInt}, tInt, func(c *call) (bool, error) {
		n := arg[int64](c, 1)
		if n == 0 || n < 0 && n < -int64(utf8.RuneCount(bytesArg(c, 0))) {
			n = 1
		}
		return result(c, n)
	}},
	{"bq_reverse", []mapping.Type{tText}, tText, func(c *call) (bool, error) {
		characters := []rune(string(bytesArg(c, 0)))
		slices.Reverse(characters)
		return resultText(c, string(characters))
	}},
	{"bq_chr", []mapping.Type{tInt}, tText, func(c *call) (bool, error) {
		switch n := arg[int64](c, 0); {
		case n == 0:
			return resultText(c, "")
		case n < 0 || n > unicode.MaxRune || !utf8.ValidRune(rune(n)):
			return false, fmt.Errorf("Invalid codepoint %d", n)
		default:
			return resultText(c, string(rune(n)))
		}
	}},
	{"bq_ascii", []mapping.Type{tText}, tInt, func(c *call) (bool, error) {
		s := bytesArg(c, 0)
		if len(s) == 0 {
			return result(c, int64(0))
		}
		if s[0] >= utf8.RuneSelf {
			return false, errors.New("Non-ASCII character in the argument of ASCII")
		}
		return result(c, int64(s[0]))
	}},
	// bq_float_text rewrites DuckDB's text of a FLOAT64: BigQuery shows 15 digits
	// where they suffice, else 17, as C's printf does.
	{"bq_float_text", []mapping.Type{tText}, tText, func(c *call) (bool, error) {
		text := string(bytesArg(c, 0))
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return false, fmt.Errorf("not a FLOAT64: %s", text)
		}
		switch {
		case math.IsNaN(x):
			return resultText(c, "nan")
		case math.IsInf(x, 0):
			return resultText(c, strings.TrimPrefix(strings.ToLower(fmt.Sprint(x)), "+"))
		}
		short := fmt.Sprintf("%.15g", x)
		if y, err := strconv.ParseFloat(short, 64); err == nil && y == x {
			return resultText(c, short)
		}
		return resultText(c, fmt.Sprintf("%.17g", x))
	}},
	// bq_whole is what FORMAT's %d takes.
	{"bq_whole", []mapping.Type{tInt}, tInt, same[int64]},
	// bq_fixed is FORMAT's %.nf.
	{"bq_fixed", []mapping.Type{tDouble, tInt}, tText, func(c *call) (bool, error) {
		x := arg[float64](c, 0)
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return false, errors.New("Unsupported here: FORMAT of a FLOAT64 that is not finite")
		}
		return resultText(c, strconv.FormatFloat(x, 'f', int(arg[int64](c, 1)), 64))
	}},
	{"bq_fixed", []mapping.Type{tNumeric, tInt}, tText, func(c *call) (bool, error) {
		r := new(big.Rat).SetFrac(arg[hugeInt](c, 0).big(), bigUnit)
		return resultText(c, r.FloatString(int(arg[int64](c, 1))))
	}},
	{"bq_bool", []mapping.Type{mapping.TypeBoolean}, mapping.TypeBoolean, same[bool]},
	{"bq_bool", []mapping.Type{tInt}, mapping.TypeBoolean, func(c *call) (bool, error) { return result(c, arg[int64](c, 0) != 0) }},
	{"bq_bool", []mapping.Type{tText}, mapping.TypeBoolean, func(c *call) (bool, error) {
		text := string(bytesArg(c, 0))
		yes := strings.EqualFold(text, "true")
		if !yes && !strings.EqualFold(text, "false") {
			return false, fmt.Errorf("Bad bool value: %s", text)
		}
		return result(c, yes)
	}},
	// Each byte that is not of a character becomes U+FFFD, as Go reads it.
	{"bq_text", []mapping.Type{mapping.TypeBlob}, tText, func(c *call) (bool, error) {
		return resultText(c, string([]rune(string(bytesArg(c, 0)))))
	}},
	{"bq_capitals", []mapping.Type{tText}, tText, func(c *call) (bool, error) {
		return resultText(c, capitals(string(bytesArg(c, 0)), func(r rune) bool {
			return unicode.IsSpace(r) || strings.ContainsRune(`[](){}/|\<>!?@"^#$&~_,.:;*%+-`, r)
		}))
	}},
	{"bq_capitals", []mapping.Type{tText, tText}, tText, func(c *call) (bool, error) {
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
