package dialect

import (
	"fmt"
	"strings"
)

// formats maps the elements of BigQuery's time formats to strftime's.
var formats = map[string]string{
	"%Y": "%Y", "%m": "%m", "%d": "%d", "%H": "%H", "%M": "%M", "%S": "%S", "%j": "%j", "%b": "%b", "%B": "%B", "%h": "%b",
	"%a": "%a", "%A": "%A", "%y": "%y", "%I": "%I", "%p": "%p", "%U": "%U", "%W": "%W", "%V": "%V", "%G": "%G", "%u": "%u", "%w": "%w",
	"%F": "%Y-%m-%d", "%T": "%H:%M:%S", "%R": "%H:%M", "%D": "%m/%d/%y", "%%": "%%", "%Z": "UTC", "%Ez": "+00:00", "%z": "+0000",
	"%E3S": "%S.%g", "%E6S": "%S.%f", "%E4Y": "%Y", "%n": "\n", "%t": "\t",
}

// unparsed are the elements of weeks and weekdays that BigQuery and DuckDB read
// differently.
var unparsed = map[string]bool{"%U": true, "%W": true, "%V": true, "%G": true, "%u": true, "%w": true}

// years are the elements that give the year.
var years = map[string]bool{"%Y": true, "%y": true, "%F": true, "%D": true, "%E4Y": true}

// timeFormat translates a format that writes, or else reads; dated says that it
// has a year.
func (p *parser) timeFormat(e expr, writes bool) (format string, dated bool) {
	if e.text == nil {
		p.refuse(e.pos, "a time format that is not a literal")
		return "", false
	}
	var b strings.Builder
	rest := *e.text
	for rest != "" {
		if rest[0] != '%' {
			b.WriteByte(rest[0])
			rest = rest[1:]
			continue
		}
		n := 2
		if len(rest) > 2 && rest[1] == 'E' {
			n = 3
			if rest[2] >= '0' && rest[2] <= '9' {
				n = 4
			}
		}
		n = min(n, len(rest))
		element := rest[:n]
		duck, ok := formats[element]
		if !ok || !writes && unparsed[element] {
			p.refuse(e.pos, "time format element "+element)
			return "", false
		}
		dated = dated || years[element]
		b.WriteString(duck)
		rest = rest[n:]
	}
	return b.String(), dated
}

func formatTime(p *parser, c *callArgs) expr {
	x := c.args[1].sql
	if len(c.args) == 3 && !isUTC(c.args[2]) {
		if c.args[0].text != nil && strings.Contains(strings.ToLower(*c.args[0].text), "z") {
			p.refuse(c.args[0].pos, "a zone in the format beside a zone")
		}
		x = fmt.Sprintf("(%s AT TIME ZONE %s)", x, c.args[2].sql)
	}
	format, _ := p.timeFormat(c.args[0], true)
	return plain("strftime(%s, %s)", x, literal(format))
}

func parseTime(kind string) func(*parser, *callArgs) expr {
	return func(p *parser, c *callArgs) expr {
		if c.args[0].text != nil && strings.Contains(strings.ToLower(*c.args[0].text), "z") {
			p.refuse(c.args[0].pos, "a zone in the format")
		}
		format, dated := p.timeFormat(c.args[0], false)
		text := c.args[1].sql
		if !dated {
			// What a format does not name is that of 1970-01-01; DuckDB's year is 1900.
			format, text = "%Y "+format, "('1970 ' || "+text+")"
		}
		return plain("CAST(strptime(%s, %s) AS %s)", text, literal(format), kind)
	}
}
