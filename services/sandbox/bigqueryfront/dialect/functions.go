package dialect

import (
	"fmt"
	"regexp/syntax"
	"strconv"
	"strings"
)

// template is a function whose translation needs no look at its arguments.
type template struct {
	min, max int
	template string
}

// spaces are the characters that TRIM removes by default: Unicode's White_Space.
const spaces = `' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ` + "'\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005' || " +
	"'\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'"

var templates = map[string]template{
	"ABS": {1, 1, "abs($1)"}, "SQRT": {1, 1, "sqrt(bq_real($1))"}, "LN": {1, 1, "ln(bq_real($1))"}, "EXP": {1, 1, "bq_exp(bq_real($1))"},
	"LOG10": {1, 1, "log10(bq_real($1))"}, "POW": {2, 2, "bq_pow(bq_real($1), bq_real($2))"}, "POWER": {2, 2, "bq_pow(bq_real($1), bq_real($2))"},
	"MOD": {2, 2, "bq_rem($1, $2)"}, "DIV": {2, 2, "bq_quo($1, $2)"}, "SIGN": {1, 1, "bq_sign($1)"},
	"CEIL": {1, 1, "bq_ceiling($1)"}, "CEILING": {1, 1, "bq_ceiling($1)"}, "FLOOR": {1, 1, "bq_floor($1)"},
	"ROUND": {1, 2, "bq_rounded($*)"}, "TRUNC": {1, 2, "bq_truncated($*)"},
	"RAND": {0, 0, "random()"}, "IS_NAN": {1, 1, "isnan($1)"}, "IS_INF": {1, 1, "isinf($1)"},
	"IEEE_DIVIDE":   {2, 2, "(CAST($1 AS DOUBLE) / CAST($2 AS DOUBLE))"},
	"SAFE_ADD":      {2, 2, "TRY($1 + $2)"},
	"SAFE_SUBTRACT": {2, 2, "TRY($1 - $2)"}, "SAFE_NEGATE": {1, 1, "TRY(-$1)"},

	"IF": {3, 3, "(CASE WHEN $1 THEN $2 ELSE $3 END)"}, "IFNULL": {2, 2, "coalesce($1, $2)"},
	"COALESCE": {1, -1, "coalesce($*)"}, "NULLIF": {2, 2, "nullif($1, $2)"},

	"LOWER": {1, 1, "lower($1)"}, "UPPER": {1, 1, "upper($1)"}, "LENGTH": {1, 1, "bq_length($1)"},
	"CHAR_LENGTH": {1, 1, "length($1)"}, "CHARACTER_LENGTH": {1, 1, "length($1)"}, "BYTE_LENGTH": {1, 1, "bq_byte_length($1)"},
	"OCTET_LENGTH": {1, 1, "bq_byte_length($1)"},
	"TRIM":         {1, 1, "trim($1, " + spaces + ")"}, "LTRIM": {1, 1, "ltrim($1, " + spaces + ")"}, "RTRIM": {1, 1, "rtrim($1, " + spaces + ")"},
	"REVERSE": {1, 1, "bq_reverse($1)"}, "REPEAT": {2, 2, "bq_repeat($1, $2)"}, "REPLACE": {3, 3, "replace($1, $2, $3)"},
	"LPAD": {3, 3, "lpad($1, CAST(bq_size($2) AS INTEGER), $3)"}, "RPAD": {3, 3, "rpad($1, CAST(bq_size($2) AS INTEGER), $3)"},
	"LEFT": {2, 2, "left($1, bq_natural($2))"}, "RIGHT": {2, 2, "right($1, bq_natural($2))"}, "INITCAP": {1, 2, "bq_capitals($*)"},
	"STRPOS": {2, 2, "strpos($1, $2)"}, "STARTS_WITH": {2, 2, "starts_with($1, $2)"}, "ENDS_WITH": {2, 2, "ends_with($1, $2)"},
	"SPLIT": {2, 2, "string_split($1, $2)"}, "CHR": {1, 1, "bq_chr($1)"}, "ASCII": {1, 1, "bq_ascii($1)"},
	"REGEXP_CONTAINS": {2, 2, "regexp_matches($1, $2)"}, "REGEXP_REPLACE": {3, 3, "regexp_replace($1, $2, $3, 'g')"},
	"TO_HEX": {1, 1, "lower(hex($1))"}, "FROM_HEX": {1, 1, "unhex($1)"}, "TO_BASE64": {1, 1, "base64($1)"}, "FROM_BASE64": {1, 1, "from_base64($1)"},
	"SHA256": {1, 1, "unhex(sha256($1))"}, "SHA1": {1, 1, "unhex(sha1($1))"}, "MD5": {1, 1, "unhex(md5($1))"},
	"FARM_FINGERPRINT":             {1, 1, "bq_fingerprint($1)"},
	"SAFE_CONVERT_BYTES_TO_STRING": {1, 1, "bq_text($1)"}, "GENERATE_UUID": {0, 0, "CAST(uuid() AS VARCHAR)"},

	"ARRAY_LENGTH": {1, 1, "len($1)"}, "ARRAY_REVERSE": {1, 1, "list_reverse($1)"},
	"ARRAY_TO_STRING": {2, 2, "array_to_string($1, $2)"},

	"JSON_VALUE": {2, 2, "bq_json_value($1, $2)"}, "JSON_EXTRACT_SCALAR": {2, 2, "bq_json_value($1, $2)"},
	"JSON_QUERY": {2, 2, "json_extract($1, $2)"}, "JSON_EXTRACT": {2, 2, "json_extract($1, $2)"},
	"JSON_QUERY_ARRAY": {2, 2, "bq_json_array($1, $2)"},
	"PARSE_JSON":       {1, 1, "CAST($1 AS JSON)"}, "TO_JSON": {1, 1, "bq_to_json($1)"}, "TO_JSON_STRING": {1, 1, "CAST(bq_to_json($1) AS VARCHAR)"},

	"DATE_FROM_UNIX_DATE": {1, 1, "(DATE '1970-01-01' + CAST($1 AS INTEGER))"},
	"UNIX_DATE":           {1, 1, "date_diff('day', DATE '1970-01-01', $1)"},
	"TIMESTAMP_MICROS":    {1, 1, "make_timestamptz($1)"}, "TIMESTAMP_MILLIS": {1, 1, "make_timestamptz($1 * 1000)"},
	"TIMESTAMP_SECONDS": {1, 1, "make_timestamptz($1 * 1000000)"},
	"UNIX_MICROS":       {1, 1, "epoch_us($1)"}, "UNIX_MILLIS": {1, 1, "bq_floordiv(epoch_us($1), 1000)"},
	"UNIX_SECONDS": {1, 1, "bq_floordiv(epoch_us($1), 1000000)"},
	"CURRENT_DATE": {0, 0, "bq_date(now())"}, "CURRENT_TIMESTAMP": {0, 0, "now()"},
	"CURRENT_DATETIME": {0, 0, "CAST(now() AS TIMESTAMP)"}, "LAST_DAY": {1, 1, "last_day($1)"},
	"ERROR": {1, 1, "error($1)"},
}

// special is a function whose translation depends on its arguments.
type special struct {
	min, max  int
	translate func(p *parser, c *callArgs) expr
}

var specials = map[string]special{
	"CONCAT": {1, -1, func(_ *parser, c *callArgs) expr {
		return plain("(%s)", strings.Join(c.sql(), " || "))
	}},
	"SAFE_DIVIDE": {2, 2, func(_ *parser, c *callArgs) expr {
		x, y := besides(c.args[0], c.args[1])
		return plain("bq_safe_div(%s, %s)", x, y)
	}},
	"SAFE_MULTIPLY": {2, 2, func(_ *parser, c *callArgs) expr {
		x, y := besides(c.args[0], c.args[1])
		return plain("TRY(bq_mul(%s, %s))", x, y)
	}},
	"ARRAY_CONCAT": {1, -1, func(_ *parser, c *callArgs) expr { return strict("list_concat", c) }},
	"GREATEST":     {1, -1, func(_ *parser, c *callArgs) expr { return strict("greatest", c) }},
	"LEAST":        {1, -1, func(_ *parser, c *callArgs) expr { return strict("least", c) }},
	"SUBSTR":       {2, 3, substring}, "SUBSTRING": {2, 3, substring},
	"REGEXP_EXTRACT": {2, 2, regexpExtract},
	"FORMAT":         {1, -1, format},
	"DATE":           {1, 3, dateCall}, "TIMESTAMP": {1, 2, timestampCall}, "DATETIME": {1, 6, datetimeCall},
	"DATE_ADD": {2, 2, dateAdd(1)}, "DATE_SUB": {2, 2, dateAdd(-1)},
	"TIMESTAMP_ADD": {2, 2, timestampAdd("+")}, "TIMESTAMP_SUB": {2, 2, timestampAdd("-")},
	"DATETIME_ADD": {2, 2, datetimeAdd("+")}, "DATETIME_SUB": {2, 2, datetimeAdd("-")},
	"DATE_DIFF": {3, 3, dateDiff("DATE")}, "TIMESTAMP_DIFF": {3, 3, timestampDiff}, "DATETIME_DIFF": {3, 3, dateDiff("TIMESTAMP")},
	"DATE_TRUNC": {2, 2, dateTrunc}, "TIMESTAMP_TRUNC": {2, 3, timestampTrunc}, "DATETIME_TRUNC": {2, 2, datetimeTrunc},
	"FORMAT_DATE": {2, 2, formatTime}, "FORMAT_TIMESTAMP": {2, 3, formatTime}, "FORMAT_DATETIME": {2, 2, formatTime},
	"PARSE_DATE": {2, 2, parseTime("DATE")}, "PARSE_TIMESTAMP": {2, 2, parseTime("TIMESTAMPTZ")}, "PARSE_DATETIME": {2, 2, parseTime("TIMESTAMP")},
	"GENERATE_ARRAY": {2, 3, func(_ *parser, c *callArgs) expr {
		args := c.sql()
		if len(args) == 3 {
			args[2] = "bq_step(" + args[2] + ")"
		}
		return plain("generate_series(%s)", strings.Join(args, ", "))
	}},
	"GENERATE_DATE_ARRAY": {2, 3, generateDates}, "GENERATE_TIMESTAMP_ARRAY": {3, 3, generateTimestamps},
}

// strict is NULL as soon as one argument is, where DuckDB skips NULLs.
func strict(name string, c *callArgs) expr {
	tests := make([]string, len(c.args))
	for i, a := range c.args {
		tests[i] = a.sql + " IS NULL"
	}
	return plain("(CASE WHEN %s THEN NULL ELSE %s(%s) END)", strings.Join(tests, " OR "), name, strings.Join(supertype(c.args), ", "))
}

// substring counts from 1, or from the end when negative.
func substring(_ *parser, c *callArgs) expr {
	args := c.sql()
	if n, err := strconv.Atoi(c.args[1].integer); err != nil || n <= 0 {
		args[1] = fmt.Sprintf("bq_position(%s, %s)", args[0], args[1])
	}
	if len(args) == 3 {
		args[2] = "bq_natural(" + args[2] + ")"
	}
	return plain("substr(%s)", strings.Join(args, ", "))
}

// regexpExtract returns the group if the pattern has one, and NULL where
// DuckDB returns an empty string.
func regexpExtract(p *parser, c *callArgs) expr {
	pattern := c.args[1].text
	if pattern == nil {
		p.refuse(c.args[1].pos, "REGEXP_EXTRACT with a pattern that is not a literal")
		return expr{}
	}
	parsed, err := syntax.Parse(*pattern, syntax.Perl)
	if err != nil {
		p.fail(c.args[1].pos, "Cannot parse regular expression: %s", err)
		return expr{}
	}
	groups := parsed.MaxCap()
	if groups > 1 {
		p.fail(c.args[1].pos, "Regular expression has more than one capturing group")
	}
	if mayMiss(parsed, false) {
		// DuckDB does not tell a group without a match from an empty one.
		p.refuse(c.args[1].pos, "REGEXP_EXTRACT with a capturing group that a match may leave out")
	}
	s, r := c.args[0].sql, c.args[1].sql
	return plain("(CASE WHEN regexp_matches(%s, %s) THEN regexp_extract(%s, %s, %d) END)", s, r, s, r, groups)
}

// mayMiss reports whether a pattern can match without its capturing group.
func mayMiss(re *syntax.Regexp, optional bool) bool {
	switch re.Op {
	case syntax.OpCapture:
		if optional {
			return true
		}
	case syntax.OpStar, syntax.OpQuest, syntax.OpAlternate:
		optional = true
	case syntax.OpRepeat:
		optional = optional || re.Min == 0
	}
	for _, part := range re.Sub {
		if mayMiss(part, optional) {
			return true
		}
	}
	return false
}

// format takes FORMAT with a literal format of %s, %d, %t, %f and %%.
func format(p *parser, c *callArgs) expr {
	pattern := c.args[0].text
	if pattern == nil {
		p.refuse(c.args[0].pos, "FORMAT with a format that is not a literal")
		return expr{}
	}
	parts, next := []string{"''"}, 1
	rest := *pattern
	for rest != "" {
		i := strings.IndexByte(rest, '%')
		if i < 0 {
			parts = append(parts, literal(rest))
			break
		}
		if i > 0 {
			parts = append(parts, literal(rest[:i]))
		}
		verb := strings.IndexAny(rest[i+1:], "sdtf%")
		if verb < 0 || strings.Trim(rest[i+1:i+1+verb], "0123456789.") != "" {
			p.refuse(c.args[0].pos, "FORMAT specifier "+rest[i:])
			return expr{}
		}
		spec := rest[i+1 : i+1+verb]
		kind := rest[i+1+verb]
		rest = rest[i+2+verb:]
		if kind == '%' {
			parts = append(parts, "'%'")
			continue
		}
		if next >= len(c.args) {
			p.fail(c.args[0].pos, "Too few arguments to FORMAT for pattern %q", *pattern)
			return expr{}
		}
		parts = append(parts, p.formatOne(kind, spec, c.args[next]))
		next++
	}
	if next != len(c.args) {
		p.fail(c.args[0].pos, "Too many arguments to FORMAT for pattern %q", *pattern)
	}
	return plain("(%s)", strings.Join(parts, " || "))
}

func (p *parser) formatOne(kind byte, spec string, arg expr) string {
	switch {
	case kind == 'd':
		return fmt.Sprintf("printf('%%%sd', bq_whole(%s))", spec, arg.value())
	case kind == 'f':
		digits, err := strconv.Atoi(strings.TrimPrefix(spec, "."))
		if spec == "" {
			digits, err = 6, nil
		}
		if err != nil || digits > 9 || digits < 1 || spec != "" && spec[0] != '.' {
			p.refuse(arg.pos, "FORMAT specifier %"+spec+"f")
		}
		return fmt.Sprintf("bq_fixed(%s, %d)", arg.value(), digits)
	case spec != "":
		p.refuse(arg.pos, "FORMAT specifier %"+spec+string(kind))
	case kind == 't':
		return fmt.Sprintf("coalesce(bq_shown(%s), 'NULL')", arg.value())
	}
	return fmt.Sprintf("CAST(%s AS VARCHAR)", arg.sql)
}
