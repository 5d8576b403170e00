package daily

import (
	"math/big"
	"strconv"
	"strings"
)

// dash stands for NULL.
const dash = "–"

// whole is a whole number with its thousands apart.
func whole(n int64) string { return grouped(strconv.FormatInt(n, 10)) }

// money is an amount to the cent, half away from zero.
func money(r *big.Rat) string { return decimal(r, 2) }

// decimal is a number with so many decimals, half away from zero.
func decimal(r *big.Rat, places int) string {
	if r == nil {
		return dash
	}
	return grouped(r.FloatString(places))
}

// percent is a ratio in percent, with its sign if it is a change.
func percent(r *big.Rat, signed bool) string {
	if r == nil {
		return dash
	}
	text := grouped(new(big.Rat).Mul(r, big.NewRat(100, 1)).FloatString(1)) + " %"
	if signed && r.Sign() > 0 {
		text = "+" + text
	}
	return text
}

// grouped puts commas into the whole part of a decimal and a true minus before it.
func grouped(text string) string {
	text, negative := strings.CutPrefix(text, "-")
	digits, fraction, hasFraction := strings.Cut(text, ".")
	var b strings.Builder
	if negative && strings.Trim(text, "0.") != "" {
		b.WriteString("−")
	}
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	if hasFraction {
		b.WriteByte('.')
		b.WriteString(fraction)
	}
	return b.String()
}

// measure is a value of the audit in its unit.
func measure(value *big.Rat, unit string) string {
	switch unit {
	case "count":
		return decimal(value, 0)
	case "share":
		return percent(value, false)
	case "hours":
		return decimal(value, 1) + " h"
	}
	return money(value)
}

// label is the audit's word for a check as a person says it.
func label(name string) string {
	if words, ok := labels[name]; ok {
		return words
	}
	return strings.ReplaceAll(name, "_", " ")
}

var labels = map[string]string{
	"share_filled":            "filled values",
	"repeated_lines":          "order lines that stand twice",
	"orders_of_two_records":   "orders mixed from two records",
	"repeated_keys":           "keys that stand twice",
	"left_out_on_day":         "duplicates left out on the day",
	"left_out_in_total":       "duplicates left out in total",
	"lines_without_product":   "lines of unknown products",
	"unknown_products":        "unknown products",
	"orders_without_customer": "orders of unknown customers",
	"unknown_customers":       "unknown customers",
	"lines_not_repaired":      "lines that lack what the catalog knows",
	"orders_without_owner":    "orders without an owner",
	"owners_without_order":    "owners without an order",
	"orders_of_no_file":       "orders of no file",
	"files_landed":            "files that ever landed",
	"newest_file_age":         "age of the newest file",
	"newest_load_age":         "age of the newest load",
	"orders_of_day":           "orders of the day",
	"orders_landed_later":     "orders that landed after the day",
	"last_landing_after_day":  "last landing after the day",
	"newest_order_hour_age":   "age of the newest hour with orders",
	"days_recounted":          "days recounted since the day was over",
	"oldest_recount_age":      "age of the oldest recount of a day",
	"unbalanced_files":        "files that do not balance",
	"quarantined_on_day":      "files quarantined on the day",
	"quarantined_in_total":    "files quarantined in total",
	"files_with_other_lines":  "files whose lines differ from the facts",
	"differs_from_facts":      "difference from the facts",
	"found_on_day":            "found on the day",
	"found_in_total":          "found in total",
	"out_of_stock":            "out of stock",
	"low_cover":               "runs short",
	"unknown_product":         "not in the catalog",
}
