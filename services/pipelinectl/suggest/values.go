package suggest

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"
)

// layouts are spellings of times as a source has them and as package time does, the ones that
// leave no doubt first.
var layouts = [][2]string{
	{"%Y-%m-%d %H:%M:%S %z", "2006-01-02 15:04:05 -0700"},
	{"%a, %d %b %Y %H:%M:%S %z", "Mon, 02 Jan 2006 15:04:05 -0700"},
	{"%Y/%m/%d %H:%M:%S", "2006/01/02 15:04:05"}, {"%Y/%m/%d %H:%M", "2006/01/02 15:04"}, {"%Y/%m/%d", "2006/01/02"},
	{"%d.%m.%Y %H:%M:%S", "02.01.2006 15:04:05"}, {"%d.%m.%Y %H:%M", "02.01.2006 15:04"}, {"%d.%m.%Y", "02.01.2006"}, {"%d.%m.%y", "02.01.06"},
	{"%b-%d-%y", "Jan-02-06"}, {"%d-%b-%y", "02-Jan-06"}, {"%d-%b-%Y", "02-Jan-2006"}, {"%b %d, %Y", "Jan 02, 2006"}, {"%d %b %Y", "02 Jan 2006"},
	{"%b %d, %Y %H:%M:%S", "Jan 02, 2006 15:04:05"}, {"%b %e, %Y", "Jan _2, 2006"}, {"%B %e, %Y", "January _2, 2006"}, {"%d %b %Y %H:%M", "02 Jan 2006 15:04"},
	{"%m/%d/%Y %H:%M:%S", "01/02/2006 15:04:05"}, {"%m/%d/%Y %H:%M", "01/02/2006 15:04"}, {"%m/%d/%Y %I:%M %p", "01/02/2006 03:04 PM"}, {"%m/%d/%Y %I:%M:%S %p", "01/02/2006 03:04:05 PM"}, {"%m/%d/%Y", "01/02/2006"}, {"%m/%d/%y", "01/02/06"},
	{"%d/%m/%Y %H:%M:%S", "02/01/2006 15:04:05"}, {"%d/%m/%Y %H:%M", "02/01/2006 15:04"}, {"%d/%m/%Y", "02/01/2006"}, {"%d/%m/%y", "02/01/06"},
	{"%d-%m-%Y %H:%M:%S", "02-01-2006 15:04:05"}, {"%d-%m-%Y %H:%M", "02-01-2006 15:04"}, {"%d-%m-%Y", "02-01-2006"},
}

var (
	isoTime  = regexp.MustCompile(`^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?)?$`)
	isoBasic = regexp.MustCompile(`^(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(T\d{4}(\d\d)?Z?)?$`)
	unixTime = regexp.MustCompile(`^1\d{9}$`)
	unixMS   = regexp.MustCompile(`^1\d{12}$`)
	isNumber = regexp.MustCompile(`^-?\d+(\.\d+)?$`)
	whole    = regexp.MustCompile(`^-?\d+([.,]0+)?$`)
	currency = regexp.MustCompile(`^[A-Za-z]{3}$`)
	money    = regexp.MustCompile(`^([^\d\s.,+-]{0,4})\s*(-?)\s*(\d[\d.,'\x{00a0}\x{202f} ]*)\s*([^\d\s.,+-]{0,4})$`)
	word     = regexp.MustCompile(`^[\p{L}][\p{L} _-]{0,39}$`)
)

// some gives the values that there are.
func (l *leaf) some() []string {
	return slices.DeleteFunc(slices.Clone(l.values), func(v string) bool { return v == "" })
}

func (l *leaf) all(test func(string) bool) bool {
	values := l.some()
	return len(values) > 0 && !slices.ContainsFunc(values, func(v string) bool { return !test(v) })
}

// timeLayout gives how times are written: the layout of a source (empty: ISO 8601), whether
// day and month might be the other way round, and whether they are times at all.
func (l *leaf) timeLayout(american bool) (layout string, unsure, ok bool) {
	switch {
	case l.all(isoTime.MatchString), l.all(isoBasic.MatchString):
		return "", false, true
	case l.all(unixTime.MatchString):
		return "unix", false, true
	case l.all(unixMS.MatchString):
		return "unix_ms", false, true
	}
	var fits []string
	for _, each := range layouts {
		if l.all(func(v string) bool { _, err := time.Parse(each[1], v); return err == nil }) {
			fits = append(fits, each[0])
		}
	}
	switch {
	case len(fits) == 0:
		return "", false, false
	case len(fits) == 1:
		return fits[0], false, true
	}
	pick := fits[0]
	if !american {
		for _, each := range fits {
			if strings.HasPrefix(each, "%d") {
				pick = each
				break
			}
		}
	}
	return pick, true, true
}

// numberStyle is how a file writes amounts.
type numberStyle struct {
	decimal, thousands string
	strip              []string
	minor              int
}

func (n *numberStyle) isPlain() bool {
	return n.decimal == "." && n.thousands == "" && len(n.strip) == 0
}

// styleOf finds how the amounts among the leaves are written.
func styleOf(leaves []*leaf) numberStyle {
	commas, points, both := 0, 0, 0
	n := numberStyle{decimal: "."}
	lastMark := ""
	for _, l := range leaves {
		for _, v := range l.some() {
			m := money.FindStringSubmatch(v)
			if m == nil {
				continue
			}
			for _, sign := range []string{m[1], m[4]} {
				if sign = strings.TrimSpace(sign); sign != "" && !slices.Contains(n.strip, sign) {
					n.strip = append(n.strip, sign)
				}
			}
			text := strings.TrimRight(m[3], " \u00a0\u202f")
			comma, point := strings.LastIndex(text, ","), strings.LastIndex(text, ".")
			switch {
			case comma >= 0 && point >= 0:
				both++
				lastMark = map[bool]string{true: ",", false: "."}[comma > point]
			case comma >= 0 && len(text)-comma != 4:
				commas++
			case point >= 0 && len(text)-point != 4:
				points++
			}
			for _, mark := range []string{"'", " ", "\u00a0", "\u202f"} {
				if strings.Contains(text, mark) {
					n.thousands = map[bool]string{true: mark, false: " "}[mark == "'"]
				}
			}
		}
	}
	slices.Sort(n.strip)
	switch {
	case both > 0:
		n.decimal = lastMark
		n.thousands = map[string]string{",": ".", ".": ","}[lastMark]
	case commas > points:
		n.decimal = ","
	}
	return n
}

// number gives a value as an exact number.
func (n *numberStyle) number(v string) (*big.Rat, bool) {
	m := money.FindStringSubmatch(v)
	if m == nil {
		return nil, false
	}
	text := strings.TrimRight(m[3], " \u00a0\u202f")
	if n.thousands != "" {
		text = strings.NewReplacer(n.thousands, "", "\u00a0", "", "\u202f", "").Replace(text)
	}
	text = strings.Replace(text, n.decimal, ".", 1)
	if !isNumber.MatchString(text) {
		return nil, false
	}
	r, ok := new(big.Rat).SetString(m[2] + text)
	return r, ok
}

// isAmounts tells whether all values are amounts.
func (l *leaf) isAmounts() bool {
	return l.all(func(v string) bool { return money.MatchString(v) && !isoTime.MatchString(v) })
}

// constantBy tells whether a column has one value in the rows of each owner, or none.
func (l *leaf) constantBy(owner []int) bool {
	first := map[int]string{}
	for row, v := range l.values {
		if v == "" {
			continue
		}
		if other, ok := first[owner[row]]; ok && other != v {
			return false
		}
		first[owner[row]] = v
	}
	return true
}
