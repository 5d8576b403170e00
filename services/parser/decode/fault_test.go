package decode

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// listed gives a fault and the others as rule, path and message.
func listed(f *Fault) []string {
	var list []string
	for one := range f.All() {
		list = append(list, fmt.Sprintf("%s %s: %s", one.Rule, one.Path, one.Message))
	}
	return list
}

func TestAllFaultsOfAnOrder(t *testing.T) {
	t.Parallel()
	_, fault := NewOrders(reading).Decode([]byte(`{"order_id":1001,"customer_id":7,"order_timestamp":"11/02/2026 10:00","updated_at":1762000000,
		"items":[{"product_id":5,"quantity":"2","unit_price":"10.00"},7,{"quantity":-1,"unit_price":-3},{"product_id":null,"quantity":1.5,"unit_price":NaN},
			{"product_id":"P","quantity":1,"unit_price":2,"discount_amount":3}],
		"currency":"EUR","tax_included":"yes","tax_amount":true,"total_amount":"20.00",
		"shipping_address":{"street":["1 Main St"],"zipcode":89501,"state":"N\u0000V"}}`))
	if fault == nil {
		t.Fatal("accepted")
	}
	text := "write it in quotes, or read the file by a source, which takes numbers as texts"
	number := "write it without quotes, or read the file by a source, which takes numbers out of texts"
	want := []string{
		"wrong_type order_id: expected a string, not 1001; " + text,
		"wrong_type customer_id: expected a string, not 7; " + text,
		`invalid_timestamp order_timestamp: the time is not ISO 8601: "11/02/2026 10:00"; day and month may be either way round: ` +
			"write it as 2026-11-01T11:21:44Z, or read the file by a source that says the order (times: layout)",
		"wrong_type updated_at: expected a string, not 1762000000; write it as 2026-11-01T11:21:44Z, " +
			"or read the file by a source that says that it counts from 1970 (times: layout: unix or unix_ms)",
		"wrong_type items[0].product_id: expected a string, not 5; " + text,
		`wrong_type items[0].quantity: expected a number, not "2"; ` + number,
		`wrong_type items[0].unit_price: expected a number, not "10.00"; ` + number,
		"wrong_type items[1]: expected an object, not 7",
		"invalid_quantity items[2].quantity: the quantity is not a whole number from 1 to 1000000000: -1; " +
			"write what was returned as refunded_amount, or read the file by a source, which can take negative quantities as returns",
		"invalid_amount items[2].unit_price: the amount is negative: -3; write a discount as discount_amount and what was paid back as " +
			"refunded_amount, or read the file by a source, which can turn negative lines into them",
		"missing_field items[2].product_id: the field is required; write null for a line without a product",
		"invalid_quantity items[3].quantity: the quantity is not a whole number from 1 to 1000000000: 1.5; " +
			"count in smaller units, such as grams, if parts of a unit are sold",
		"invalid_amount items[3].unit_price: the amount is not a number: NaN or Infinity; write the amount, or null where the field may have none",
		"invalid_amount items[4].discount_amount: the discount is more than quantity x unit_price; it is what the line costs less, not each unit",
		`currency_mismatch currency: the currency is not USD, which the pipeline counts in: "EUR"; where all orders are in EUR, set CURRENCY=EUR; orders of a second currency belong into a pipeline of their own`,
		`wrong_type tax_included: expected true or false, not "yes"`,
		"wrong_type tax_amount: expected a number, not true",
		`wrong_type total_amount: expected a number, not "20.00"; ` + number,
		"wrong_type shipping_address.street: expected a string, not an array",
		"wrong_type shipping_address.zipcode: expected a string, not a number; " + text,
	}
	if diff := cmp.Diff(want, listed(fault)); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	if got, want := fault.More, 2; got != want { // the state's NUL, and no payment_status
		t.Errorf("%d more faults, want %d", got, want)
	}
	if text := fault.Text(); !strings.HasPrefix(text, "22 faults: (1) order_id: expected") || !strings.HasSuffix(text, " and 2 more") {
		t.Errorf("the text %s", text)
	}
}

func TestAllFaultsOfARow(t *testing.T) {
	t.Parallel()
	_, fault := products(t).Decode([]byte(`,Mug,,"$1,234.50",1.5,red`))
	want := []string{
		"missing_field product_id: the field is required",
		`invalid_amount price: the amount is not a decimal number: "$1,234.50"; write it like 1234.50, or read the file by a source, ` +
			"which can take out signs of currencies and thousands' separators",
		`invalid_quantity stock_level: the stock level is not a whole number of at most 1000000000: "1.5"; count in smaller units, such as grams, if parts of a unit are sold`,
	}
	if diff := cmp.Diff(want, listed(fault)); diff != "" {
		t.Errorf("faults of a product (-want +got):\n%s", diff)
	}
	_, fault = customers(t).Decode([]byte("C-1,Ann\x00,ann@example.com\x00,02.03.2024,"))
	want = []string{
		"invalid_text name: the text holds a NUL character",
		"invalid_text email: the text holds a NUL character",
		`invalid_timestamp registration_date: the date is not ISO 8601: "02.03.2024"; day and month may be either way round: ` +
			"write it as 2026-11-01, or read the file by a source that says the order (times: layout)",
	}
	if diff := cmp.Diff(want, listed(fault)); diff != "" {
		t.Errorf("faults of a customer (-want +got):\n%s", diff)
	}
}

// TestPersonalTextIsNotQuoted puts one word into every field of every kind of refusal.
func TestPersonalTextIsNotQuoted(t *testing.T) {
	t.Parallel()
	const secret = "Annabel"
	long := secret + strings.Repeat("x", maxText)
	for _, value := range []string{`"` + long + `"`, `"` + secret + `\u0000"`, `["` + secret + `"]`, `{"x":"` + secret + `"}`} {
		_, fault := NewOrders(reading).Decode([]byte(fmt.Sprintf(
			`{"order_id":"","customer_id":%[1]s,"shipping_address":{"street":%[1]s,"city":%[1]s,"state":%[1]s,"zipcode":%[1]s,"country":%[1]s}}`, value)))
		if fault == nil || strings.Contains(fault.Text(), secret) {
			t.Errorf("%.40s: fault %v", value, fault)
		}
	}
	_, fault := NewOrders(reading).Decode([]byte(`{"order_id":"A","shipping_address":"` + secret + `"}`))
	if fault == nil || strings.Contains(fault.Text(), secret) {
		t.Errorf("an address that is a text: %v", fault)
	}
	_, fault = customers(t).Decode([]byte("," + long + "," + long + ",,"))
	if fault == nil || strings.Contains(fault.Text(), secret) {
		t.Errorf("fault %v", fault)
	}
}

// TestFaultsAreBounded: a record made of faults is refused with few of them.
func TestFaultsAreBounded(t *testing.T) {
	t.Parallel()
	long := reading
	long.MaxOrderLines = 1000
	_, fault := NewOrders(long).Decode([]byte(`{"items":[` + strings.Repeat(`{"product_id":"`+strings.Repeat("\u202e", 90)+`","quantity":0},`, 900) + `1]}`))
	if fault == nil || len(fault.Others) != maxFaults-1 || fault.More != 3*900+1+6-maxFaults {
		t.Fatalf("fault %v", fault)
	}
	if text := fault.Text(); len(text) > 8<<10 || strings.Contains(text, "\u202e") {
		t.Errorf("%d bytes: %s", len(text), text)
	}
}

func TestAmountsInText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"12.50":        "",
		" 12.50 ":      "",
		"12.50\t":      "",
		"\u00a012.50":  "",
		"1.25e1":       "",
		"$12.50":       `"$12.50"; write it like 1234.50, or`,
		"12.50 USD":    `"12.50 USD"; write it like 1234.50, or`,
		`"1,234.50"`:   `"1,234.50"; write it like 1234.50, or`,
		`"1.234,50"`:   `"1.234,50"; write it like 1234.50, or`,
		"1 234.50":     `"1 234.50"; write it like 1234.50, or`,
		"(12.50)":      `"(12.50)"; write it like 1234.50, or`,
		".50":          `".50"; write a digit before the point`,
		"50.":          `"50."; write a digit behind the point`,
		"-12.50":       `"-12.50"; a price is zero or more`,
		"free":         `"free"; write it like 1234.50`,
		"+12.50":       `"+12.50"; write it like 1234.50`,
		"\x0012.50":    "NUL",
		"１２":           `"１２"; write it like 1234.50`,
		"12.50\u202e€": `"12.50\u202e€"; write it like`,
	} {
		_, fault := products(t).Decode([]byte("P-1,Mug,Home," + text + ",1,"))
		if (fault == nil) != (want == "") || fault != nil && !strings.Contains(fault.Text(), want) {
			t.Errorf("%q: fault %v, want %s", text, fault, want)
		}
	}
}

// TestAdvice compares what is said of faults that tools are known to write: words of the
// message, which are the whole of it where no other fault may be named.
func TestAdvice(t *testing.T) {
	t.Parallel()
	const rest = `,"order_timestamp":"2026-11-01T10:00:00Z","items":[{"product_id":"P","quantity":1,"unit_price":1}],"payment_status":"completed","shipping_address":null`
	total := func(text string) string {
		return `{"order_id":"A","customer_id":null,"total_amount":` + text + rest + `}`
	}
	at := func(text string) string {
		return strings.Replace(total("1"), `"2026-11-01T10:00:00Z"`, text, 1)
	}
	for record, want := range map[string]string{
		total("10,50"):               "expected a field name; the mark of decimals is a point",
		total(".5"):                  "a digit stands before the point",
		total("5."):                  "a digit stands behind the point",
		total("+10"):                 "no plus sign",
		total("010"):                 "no zeros before it",
		total("0x10"):                "digits, a point and an exponent alone",
		total("1_000"):               "digits, a point and an exponent alone",
		total("None"):                "JSON has null for None",
		total("10 // net"):           "JSON has no comments",
		total("ten"):                 "a text stands in double quotes",
		total("'10'"):                "names and texts stand in double quotes",
		total(`""`):                  `expected a number, not ""; write the number`,
		total(`{"value":1}`):         "expected a number, not an object; write the value alone, or read the file by a source",
		"{\"order_id\":\"A\nB\"}":    "a line break inside a string, where it is written \\n",
		"{\"order_id\":\"A\tB\"}":    "a tab inside a string",
		`{"order_id":"A`:             "the string does not end; a line break inside of a text is written \\n",
		`["a"]`:                      "wrong_type: : the record is an array inside of an array, not a JSON object, which begins with {; take its brackets out",
		`"{\"order_id\":\"A\"}"`:     "wrong_type: : the record is an object inside of a text, not a JSON object, which begins with {; write it without the quotes around it (jq -c fromjson FILE)",
		"42":                         "wrong_type: : the record is a number, not a JSON object, which begins with {",
		"null":                       "wrong_type: : the record is null, not a JSON object, which begins with {",
		`{"orderId":"A","ITEMS":[]}`: `order_id: the field is required; it is not called "orderId", or read`,
		`{"\ufefforder_id":"A"}`:     `order_id: the field is required; it is not called "\ufefforder_id"`,
		`{"items":[{"productId":"A","quantity":1}]}`: `items[0].product_id: the field is required; it is not called "productId"`,
		at(`"2026-02-30T10:00:00Z"`):                 "there is no such day in the calendar",
		at(`"2026-11-01T10:00:00+25:00"`):            "there is no such day in the calendar, time of the day or offset",
		at(`"0000-00-00 00:00:00"`):                  "as MySQL writes it",
		at(`"46327.47"`):                             "a count of days, as spreadsheets have it",
		strings.Replace(total("1"), `"quantity":1`, `"quantity":10000000000`, 1): "invalid_quantity: items[0].quantity: the quantity is not a whole number from 1 to 1000000000: 10000000000",
		total(`1,"currency":"$"`): `"$"; write the code of ISO 4217, such as USD`,
	} {
		_, fault := NewOrders(reading).Decode([]byte(record))
		if fault == nil {
			t.Errorf("%s is accepted", record)
		} else if text := fault.Error(); !strings.Contains(text, want) || strings.HasPrefix(want, string(fault.Rule)) && text != want {
			t.Errorf("%s: %s, want %s", record, text, want)
		}
	}
	for date, want := range map[string]string{
		"2025-02-28T10:00:00Z": "write the day alone",
		"2025-02-30":           "there is no such day",
		"0000-00-00":           "as MySQL writes it",
	} {
		if _, fault := customers(t).Decode([]byte("C-1,Ann,," + date + ",")); fault == nil || !strings.Contains(fault.Text(), want) {
			t.Errorf("%s: %v, want %s", date, fault, want)
		}
	}
	for stock, want := range map[string]string{"NaN": "leave the field empty", `"1,000"`: "write digits alone"} {
		if _, fault := products(t).Decode([]byte("P-1,Mug,,1," + stock + ",")); fault == nil || !strings.Contains(fault.Text(), want) {
			t.Errorf("%s: %v, want %s", stock, fault, want)
		}
	}
}

func TestTrimmedRows(t *testing.T) {
	t.Parallel()
	for _, rows := range [][2]string{
		{`P-1,Mug,Home,12.50,3,`, `" P-1",Mug,Home, 12.50 ,3 ,`},
		{`P-1,Mug,Home,12.50,-3,`, "P-1\t,Mug,Home,12.50,\u00a0-3,"},
	} {
		plain, fault := products(t).Decode([]byte(rows[0]))
		if fault != nil || len(plain.Source.Warnings) > 0 {
			t.Fatalf("%s: %v, %v", rows[0], plain, fault)
		}
		padded, fault := products(t).Decode([]byte(rows[1]))
		if got := verdict(padded, fault); got != "ok+trimmed_text" || padded.Source.ContentHash != plain.Source.ContentHash {
			t.Errorf("%s: verdict %s, hash as of the plain one: %t", rows[1], got, fault == nil && padded.Source.ContentHash == plain.Source.ContentHash)
		}
	}
	plain, _ := customers(t).Decode([]byte(`C-1,Ann,,2024-02-29,gold`))
	for _, row := range []string{` C-1,Ann,, 2024-02-29,Gold`, `C-1 ,Ann,,20240229,gold`} {
		padded, fault := customers(t).Decode([]byte(row))
		if got := verdict(padded, fault); got != "ok+trimmed_text" || padded.Source.ContentHash != plain.Source.ContentHash {
			t.Errorf("%s: %s (%v)", row, got, fault)
		}
	}
	if _, fault := customers(t).Decode([]byte(` ,Ann,,2024-02-29,gold`)); fault == nil || fault.Rule != "missing_field" {
		t.Errorf("an id of blanks: %v", fault)
	}
}
