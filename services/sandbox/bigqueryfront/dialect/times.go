package dialect

import (
	"fmt"
	"strings"
	"time"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
)

// units of fixed length, in microseconds.
var units = map[string]int64{
	"MICROSECOND": 1, "MILLISECOND": 1000, "SECOND": 1_000_000, "MINUTE": 60_000_000, "HOUR": 3_600_000_000, "DAY": 86_400_000_000,
}

// months of the units that have no fixed length.
var months = map[string]int{"MONTH": 1, "QUARTER": 3, "YEAR": 12}

// datePart takes the name of a part where a function expects one.
func (p *parser) datePart(function string, index int) (string, bool) {
	at := -1
	switch {
	case strings.HasSuffix(function, "_DIFF"):
		at = 2
	case strings.HasSuffix(function, "_TRUNC"):
		at = 1
	}
	if index != at {
		return "", false
	}
	t := p.advance()
	part := t.Upper
	if t.Kind != lexer.Identifier {
		part = ""
	}
	_, fixed := units[part]
	_, varied := months[part]
	switch {
	case fixed || varied || part == "ISOWEEK" || part == "ISOYEAR":
	case part == "WEEK":
		if p.accept("(") {
			day := p.advance().Upper
			p.expect(")")
			if day != "MONDAY" && day != "SUNDAY" {
				p.refuse(t.Pos, "WEEK("+day+")")
			}
			if day == "MONDAY" {
				part = "ISOWEEK"
			}
		}
	default:
		p.noPart(t)
	}
	return part, true
}

func (p *parser) noPart(t lexer.Token) {
	p.fail(t.Pos, "A valid date part name is required but found %s", p.src[t.Pos:t.End])
}

// intervalExpr takes INTERVAL n unit.
func (p *parser) intervalExpr() expr {
	t := p.advance()
	count := p.unary()
	unit := p.advance()
	_, fixed := units[unit.Upper]
	_, varied := months[unit.Upper]
	if unit.Kind != lexer.Identifier || !fixed && !varied && unit.Upper != "WEEK" {
		p.refuse(unit.Pos, "INTERVAL in "+unit.Text)
	}
	e := expr{pos: t.Pos, interval: &interval{count: count, unit: unit.Upper}}
	e.sql = e.interval.sql()
	return e
}

// sql writes the interval as DuckDB's.
func (i *interval) sql() string {
	n := "CAST(" + i.count.sql + " AS BIGINT)"
	switch {
	case i.unit == "WEEK":
		return fmt.Sprintf("to_days(CAST(%s * 7 AS INTEGER))", n)
	case i.unit == "DAY":
		return fmt.Sprintf("to_days(CAST(%s AS INTEGER))", n)
	case months[i.unit] > 0:
		return fmt.Sprintf("to_months(CAST(%s * %d AS INTEGER))", n, months[i.unit])
	}
	return fmt.Sprintf("to_microseconds(%s * %d)", n, units[i.unit])
}

func wantInterval(p *parser, e expr) *interval {
	if e.interval == nil {
		p.fail(e.pos, "Syntax error: Expected INTERVAL expression")
		return &interval{unit: "DAY"}
	}
	return e.interval
}

// shift is + or - with an interval.
func (p *parser) shift(op string, a, b expr) expr {
	switch {
	case op == "+" && a.interval != nil && b.interval == nil:
		a, b = b, a
	case b.interval == nil || a.interval != nil || op != "+" && op != "-":
		p.refuse(a.pos, "this arithmetic with INTERVAL")
	}
	return plain("(%s %s %s)", a.sql, op, b.sql)
}

// isDate reports whether a bare string is a date, and nothing more.
func isDate(text string) bool {
	_, err := time.Parse("2006-1-2", text)
	return err == nil
}

// asDate is a bare string's date, or what must be one.
func asDate(e expr) string {
	if e.text != nil {
		return "CAST(" + e.sql + " AS DATE)"
	}
	return "bq_only_date(" + e.sql + ")"
}

func dateAdd(sign int) func(*parser, *callArgs) expr {
	return func(p *parser, c *callArgs) expr {
		i := wantInterval(p, c.args[1])
		op := "+"
		if sign < 0 {
			op = "-"
		}
		switch {
		case i.unit == "DAY":
			return plain("(%s %s CAST(%s AS INTEGER))", asDate(c.args[0]), op, i.count.sql)
		case i.unit == "WEEK" || months[i.unit] > 0:
			return plain("CAST(%s %s %s AS DATE)", asDate(c.args[0]), op, i.sql())
		}
		p.fail(c.args[1].pos, "DATE_ADD does not support the %s date part", i.unit)
		return expr{}
	}
}

func timestampAdd(op string) func(*parser, *callArgs) expr {
	return func(p *parser, c *callArgs) expr {
		i := wantInterval(p, c.args[1])
		size, ok := units[i.unit]
		if !ok {
			p.fail(c.args[1].pos, "TIMESTAMP_ADD does not support the %s date part", i.unit)
		}
		return plain("make_timestamptz(epoch_us(%s) %s CAST(%s AS BIGINT) * %d)", asTimestamp(c.args[0]), op, i.count.sql, size)
	}
}

func datetimeAdd(op string) func(*parser, *callArgs) expr {
	return func(p *parser, c *callArgs) expr {
		return plain("(CAST(%s AS TIMESTAMP) %s %s)", c.args[0].sql, op, wantInterval(p, c.args[1]).sql())
	}
}

// asTimestamp gives a bare string the type that the function wants.
func asTimestamp(e expr) string {
	if e.text != nil {
		return "CAST(" + e.sql + " AS TIMESTAMPTZ)"
	}
	return e.sql
}

// dateDiff is of dates or of datetimes, which a bare string becomes.
func dateDiff(kind string) func(*parser, *callArgs) expr {
	return func(_ *parser, c *callArgs) expr {
		list := c.sql()
		for i, a := range c.args[:2] {
			if a.text != nil {
				list[i] = "CAST(" + a.sql + " AS " + kind + ")"
			}
		}
		return plain("bq_date_diff(%s, %s, %s)", list[0], list[1], literal(c.args[2].name))
	}
}

// timestampDiff counts whole units between two instants.
func timestampDiff(p *parser, c *callArgs) expr {
	size, ok := units[c.args[2].name]
	if !ok {
		p.fail(c.args[2].pos, "TIMESTAMP_DIFF does not support the %s date part", c.args[2].name)
		return expr{}
	}
	list := []string{asTimestamp(c.args[0]), asTimestamp(c.args[1])}
	for i, a := range c.args[:2] {
		if a.text == nil {
			list[i] = "bq_only_timestamp(" + list[i] + ")"
		}
	}
	return plain("((epoch_us(%s) - epoch_us(%s)) // %d)", list[0], list[1], size)
}

func dateTrunc(_ *parser, c *callArgs) expr {
	d, part := c.args[0].sql, c.args[1].name
	if c.args[0].text != nil {
		d = "CAST(" + d + " AS DATE)"
	}
	return plain("bq_date_trunc(%s, %s)", d, literal(part))
}

// timestampTrunc cuts by arithmetic: DuckDB's own function for zoned
// timestamps asks the calendar for every row and takes ten times as long.
func timestampTrunc(p *parser, c *callArgs) expr {
	ts, part := asTimestamp(c.args[0]), c.args[1].name
	if c.args[0].text == nil {
		ts = "bq_only_timestamp(" + ts + ")"
	}
	if len(c.args) == 3 && !isUTC(c.args[2]) {
		zone := c.args[2].sql
		return plain("(%s AT TIME ZONE %s)", truncated("("+ts+" AT TIME ZONE "+zone+")", part), zone)
	}
	if size, ok := units[part]; ok {
		return plain("bq_truncate(%s, %d, 0)", ts, size)
	}
	switch part {
	case "WEEK":
		return plain("bq_truncate(%s, %d, %d)", ts, 7*units["DAY"], 3*units["DAY"])
	case "ISOWEEK":
		return plain("bq_truncate(%s, %d, %d)", ts, 7*units["DAY"], 4*units["DAY"])
	}
	return plain("date_trunc('%s', %s)", strings.ToLower(part), ts)
}

func isUTC(e expr) bool {
	return e.text != nil && (*e.text == "UTC" || *e.text == "Etc/UTC" || *e.text == "+00" || *e.text == "+00:00")
}

func datetimeTrunc(_ *parser, c *callArgs) expr {
	return plain("%s", truncated("CAST("+c.args[0].sql+" AS TIMESTAMP)", c.args[1].name))
}

// truncated cuts a timestamp without zone.
func truncated(sql, part string) string {
	switch part {
	case "WEEK":
		return fmt.Sprintf("(date_trunc('week', %s + INTERVAL 1 DAY) - INTERVAL 1 DAY)", sql)
	case "ISOWEEK":
		part = "WEEK"
	}
	return fmt.Sprintf("date_trunc('%s', %s)", strings.ToLower(part), sql)
}

func dateCall(p *parser, c *callArgs) expr {
	switch {
	case len(c.args) == 3:
		return plain("make_date(%s)", strings.Join(c.sql(), ", "))
	case len(c.args) == 2 && !isUTC(c.args[1]):
		return plain("CAST((%s AT TIME ZONE %s) AS DATE)", asTimestamp(c.args[0]), c.args[1].sql)
	case c.args[0].text != nil:
		return plain("CAST(%s AS DATE)", c.args[0].sql)
	}
	return plain("bq_date(%s)", c.args[0].sql)
}

func timestampCall(_ *parser, c *callArgs) expr {
	if len(c.args) == 2 {
		return plain("(CAST(%s AS TIMESTAMP) AT TIME ZONE %s)", c.args[0].sql, c.args[1].sql)
	}
	return plain("CAST(%s AS TIMESTAMPTZ)", c.args[0].sql)
}

func datetimeCall(p *parser, c *callArgs) expr {
	switch len(c.args) {
	case 1:
		return plain("CAST(%s AS TIMESTAMP)", c.args[0].sql)
	case 2:
		return plain("(%s AT TIME ZONE %s)", asTimestamp(c.args[0]), c.args[1].sql)
	case 6:
		return plain("make_timestamp(%s)", strings.Join(c.sql(), ", "))
	}
	p.fail(c.args[0].pos, "No matching signature for function DATETIME with %d arguments", len(c.args))
	return expr{}
}

// extract takes EXTRACT(part FROM x [AT TIME ZONE zone]).
func (p *parser) extract() expr {
	p.expect("(")
	t := p.advance()
	part := t.Upper
	if t.Kind != lexer.Identifier {
		part = ""
	}
	if part == "WEEK" && p.accept("(") {
		p.refuse(t.Pos, "EXTRACT(WEEK(day))")
	}
	p.expect("FROM")
	e := p.expr()
	x := e.sql
	if p.accept("AT") {
		p.expect("TIME")
		p.expect("ZONE")
		if zone := p.expr(); !isUTC(zone) {
			x = fmt.Sprintf("(%s AT TIME ZONE %s)", x, zone.sql)
		}
	}
	p.expect(")")
	switch part {
	case "DATE":
		return plain("bq_date(%s)", x)
	case "HOUR":
		return plain("bq_hour(%s)", x)
	case "DAYOFWEEK":
		return plain("(extract(dayofweek FROM %s) + 1)", x)
	case "WEEK":
		return plain("CAST(strftime(%s, '%%U') AS BIGINT)", x)
	case "ISOWEEK":
		return plain("extract(week FROM %s)", x)
	case "MICROSECOND":
		return plain("(extract(microsecond FROM %s) %% 1000000)", x)
	case "MILLISECOND":
		return plain("(extract(millisecond FROM %s) %% 1000)", x)
	case "DAY", "MONTH", "QUARTER", "YEAR", "MINUTE", "SECOND", "DAYOFYEAR", "ISOYEAR":
		name := strings.ToLower(part)
		if part == "DAYOFYEAR" {
			name = "doy"
		}
		return plain("extract(%s FROM %s)", name, x)
	}
	p.noPart(t)
	return expr{}
}

func generateDates(p *parser, c *callArgs) expr {
	step := "to_days(1)"
	if len(c.args) == 3 {
		i := wantInterval(p, c.args[2])
		if i.unit != "DAY" && i.unit != "WEEK" && months[i.unit] == 0 {
			p.fail(c.args[2].pos, "GENERATE_DATE_ARRAY does not support the %s date part", i.unit)
		}
		i.count.sql = "bq_step(" + i.count.sql + ")"
		step = i.sql()
	}
	return plain("list_transform(generate_series(CAST(CAST(%s AS DATE) AS TIMESTAMP), CAST(CAST(%s AS DATE) AS TIMESTAMP), %s), lambda x : CAST(x AS DATE))",
		c.args[0].sql, c.args[1].sql, step)
}

func generateTimestamps(p *parser, c *callArgs) expr {
	i := wantInterval(p, c.args[2])
	size, ok := units[i.unit]
	if !ok {
		p.fail(c.args[2].pos, "GENERATE_TIMESTAMP_ARRAY does not support the %s date part", i.unit)
	}
	return plain("list_transform(generate_series(epoch_us(%s), epoch_us(%s), CAST(bq_step(%s) AS BIGINT) * %d), lambda x : make_timestamptz(x))",
		asTimestamp(c.args[0]), asTimestamp(c.args[1]), i.count.sql, size)
}
