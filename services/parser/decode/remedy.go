package decode

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// What is wrong with a value, as messages say it.
const (
	messageTimestamp = "the time is not ISO 8601"
	messageDate      = "the date is not ISO 8601"
	messageActive    = "the row is neither active nor inactive"
)

var (
	messageQuantity = fmt.Sprintf("the quantity is not a whole number from 1 to %d", maxQuantity)
	messageStock    = fmt.Sprintf("the stock level is not a whole number of at most %d", maxQuantity)
)

// timeRemedy says how a refused time is to be written, by what seems to be meant.
func timeRemedy(text string) string {
	const right = "write it as 2026-11-01T11:21:44Z"
	n := digits(text)
	switch {
	case isoTime.MatchString(text):
		return notInCalendar(text)
	case n == excelDays && (n == len(text) || text[n] == '.' && n+1+digits(text[n+1:]) == len(text)):
		return "a count of days, as spreadsheets have it, is no time: " + right
	case n > 8 && (n == len(text) || text[n] == '.'):
		return right + ", or read the file by a source that says that it counts from 1970 (times: layout: unix or unix_ms)"
	case n > 0 && n < len(text) && strings.IndexByte("/.-", text[n]) >= 0 && n != 4:
		return "day and month may be either way round: " + right + ", or read the file by a source that says the order (times: layout)"
	case n == 4 && (len(text) == 4 || len(text) == len("2026-11")):
		return "the day is missing: " + right
	}
	return right + ", or read the file by a source that says how its times are written (times: layout)"
}

// isoTime is what a date or a time of ISO 8601 looks like, whether or not there is such a one.
var isoTime = regexp.MustCompile(`^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?( ?(Z|UTC|[+-]\d\d(:?\d\d)?))?)?$`)

// excelDays is how many digits the count of days has by which spreadsheets keep dates of now.
const excelDays = 5

// notInCalendar tells of a date or time that is written well.
func notInCalendar(text string) string {
	switch {
	case strings.HasPrefix(text, "0000-00-00"):
		return "it says that there is none, as MySQL writes it: leave it out where it may be, or read the file by a source that says so (none)"
	case strings.Contains(text, ":60"):
		return "a leap second is the last one of a day of UTC"
	}
	return "there is no such day in the calendar, time of the day or offset"
}

// dateRemedy says how a refused date is to be written.
func dateRemedy(text string) string {
	if _, isTime := parseTime(text); isTime {
		return "write the day alone, as 2026-11-01, or read the file by a source, which takes it out of a time"
	}
	if isoTime.MatchString(text) {
		return notInCalendar(text)
	}
	if n := digits(text); n > 0 && n < len(text) && n != 4 {
		return "day and month may be either way round: write it as 2026-11-01, or read the file by a source that says the order (times: layout)"
	}
	return "write it as 2026-11-01, or read the file by a source that says how its dates are written (times: layout)"
}

// amountRemedy says what to do about a refused amount.
func amountRemedy(text []byte) string {
	switch {
	case isNumeral(text):
		if text[0] == '-' {
			return "write a discount as discount_amount and what was paid back as refunded_amount, or read the file by a source, which can turn negative lines into them"
		}
		return ""
	case bytes.HasPrefix(text, []byte(".")) && isNumeral(text[1:]):
		return "write a digit before the point"
	case bytes.HasSuffix(text, []byte(".")) && isNumeral(text[:len(text)-1]):
		return "write a digit behind the point, or no point"
	case bytes.ContainsAny(text, "0123456789"):
		return "write it like 1234.50, or read the file by a source, which can take out signs of currencies and thousands' separators"
	}
	return "write it like 1234.50"
}

// priceRemedy says what to do about a refused price of a product.
func priceRemedy(text []byte) string {
	if isNumeral(text) && text[0] == '-' {
		return "a price is zero or more; leave the row out if it is no product"
	}
	return amountRemedy(text)
}

// stockRemedy says what to do about a refused stock level.
func stockRemedy(text string) string {
	switch {
	case !strings.ContainsAny(text, "0123456789"):
		return "leave the field empty where the stock is not known"
	case isNumeral([]byte(text)) && strings.Contains(text, "."):
		return "count in smaller units, such as grams, if parts of a unit are sold"
	}
	return "write digits alone"
}

// currencyRemedy says what to do about an order of another currency, or of one that is no code.
func currencyRemedy(text, currency string) string {
	if text = strings.ToUpper(strings.TrimSpace(text)); len(text) == len(currency) && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
		return "where all orders are in " + text + ", set CURRENCY=" + text + "; orders of a second currency belong into a pipeline of their own"
	}
	return "write the code of ISO 4217, such as " + currency + ", or leave it out if it is meant"
}

// quantityRemedy says what to do about a refused quantity.
func quantityRemedy(text []byte) string {
	if bytes.HasPrefix(text, []byte("-")) {
		return "write what was returned as refunded_amount, or read the file by a source, which can take negative quantities as returns"
	}
	if whole, ok := parseWhole(text); ok && whole == 0 {
		return "leave the line out"
	}
	if digits(string(text)) == len(text) {
		return "" // more than there can be
	}
	return "count in smaller units, such as grams, if parts of a unit are sold"
}

// isNumeral tells whether a text is a JSON number.
func isNumeral(text []byte) bool {
	rest := bytes.TrimPrefix(text, []byte("-"))
	return len(rest) > 0 && isDigit(rest[0]) && len(bytes.Trim(rest, "0123456789.eE+-")) == 0 && isDigit(rest[len(rest)-1])
}

// cut gives the beginning of a number as it is written.
func cut(number []byte) string {
	if len(number) > maxQuote {
		return string(number[:maxQuote]) + "..."
	}
	return string(number)
}
