package source

import (
	"strconv"
	"strings"
)

// style is how a mapping writes numbers.
type style struct {
	decimal, thousands string
	strip              []string
	minor              int
}

var plainStyle = &style{decimal: "."}

// style gives that of a place, or else of the mapping.
func (c *compiler) style(own *numbers, at string) *style {
	n := own
	if n == nil {
		if n = c.plan.mapping.Numbers; n == nil {
			return plainStyle
		}
		at = c.at
	}
	s := &style{decimal: n.DecimalMark, thousands: n.ThousandsMark, minor: n.MinorUnits}
	if s.decimal == "" {
		s.decimal = "."
	}
	for _, sign := range n.Strip {
		s.strip = append(s.strip, string(sign))
	}
	if s.decimal == s.thousands {
		c.add(at+"/numbers", "decimal_mark and thousands_mark must not be the same")
	}
	return s
}

// decimal writes a number as JSON has it, exactly; false if the text is none.
func (s *style) number(v value) (string, bool) {
	text := v.text
	if v.kind == str && s != plainStyle {
		var ok bool
		if text, ok = s.plain(text); !ok {
			return "", false
		}
	}
	text, ok := canonical(text)
	if !ok || s.minor == 0 {
		return text, ok
	}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	e := 0
	if exponent != "" {
		var err error
		if e, err = strconv.Atoi(exponent); err != nil {
			return "", false
		}
	}
	return mantissa + "e" + strconv.Itoa(e-s.minor), true
}

// plain takes signs of currencies and thousands' marks out of a text.
func (s *style) plain(text string) (string, bool) {
	negative := strings.HasPrefix(text, "-")
	text = strings.TrimPrefix(text, "-")
	for _, sign := range s.strip {
		if rest, ok := strings.CutPrefix(text, sign); ok {
			text = strings.TrimLeft(rest, " \u00a0\u202f")
			break
		}
		if rest, ok := strings.CutSuffix(text, sign); ok {
			text = strings.TrimRight(rest, " \u00a0\u202f")
			break
		}
	}
	if !negative {
		negative = strings.HasPrefix(text, "-")
		text = strings.TrimPrefix(text, "-")
	}
	whole, fraction, has := strings.Cut(text, s.decimal)
	if has && (fraction == "" || !allDigits(fraction)) {
		return "", false
	}
	if s.thousands != "" {
		groups := strings.Split(strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(whole), s.thousands)
		for i, group := range groups[1:] {
			if len(group) != 3 || i == 0 && (len(groups[0]) < 1 || len(groups[0]) > 3) {
				return "", false
			}
		}
		whole = strings.Join(groups, "")
	}
	if !allDigits(whole) {
		return "", false
	}
	if has {
		whole += "." + fraction
	}
	if negative {
		whole = "-" + whole
	}
	return whole, true
}

// canonical writes a decimal number as JSON has it: no zeros before the whole part, and a
// whole part before the point.
func canonical(text string) (string, bool) {
	rest := strings.TrimPrefix(text, "-")
	n := digits(rest)
	whole, rest := rest[:n], rest[n:]
	fraction := 0
	if strings.HasPrefix(rest, ".") {
		if fraction = digits(rest[1:]); fraction == 0 {
			return "", false
		}
		rest = rest[1+fraction:]
	}
	if n == 0 && fraction == 0 {
		return "", false
	}
	if rest != "" {
		if rest[0] != 'e' && rest[0] != 'E' {
			return "", false
		}
		exponent := strings.TrimLeft(rest[1:], "+-")
		if len(rest)-len(exponent) > 2 || exponent == "" || !allDigits(exponent) {
			return "", false
		}
	}
	if n == 1 || n > 1 && whole[0] != '0' {
		return text, true
	}
	digitsLeft := strings.TrimLeft(whole, "0")
	if digitsLeft == "" {
		digitsLeft = "0"
	}
	sign := ""
	if text[0] == '-' {
		sign = "-"
	}
	return sign + digitsLeft + text[len(sign)+n:], true
}

func digits(s string) int {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return i
		}
	}
	return len(s)
}

func allDigits(s string) bool { return digits(s) == len(s) }
