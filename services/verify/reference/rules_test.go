package reference

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
)

func TestRules(t *testing.T) {
	t.Parallel()
	replace := func(old, with string) string {
		if !strings.Contains(orderA, old) {
			t.Fatalf("%q is not in the order", old)
		}
		return strings.Replace(orderA, old, with, 1)
	}
	for name, tt := range map[string]struct{ record, rule string }{
		"cut off":            {orderA[:len(orderA)-1], "malformed_json"},
		"trailing text":      {orderA + "x", "malformed_json"},
		"no object":          {`"order"`, "wrong_type"},
		"not UTF-8":          {replace("Austin", "Aus\xfftin"), "invalid_utf8"},
		"half surrogate":     {replace("Austin", `\ud83d`), "invalid_utf8"},
		"whole surrogate":    {replace("Austin", `\ud83d\ude00`), ""},
		"same key twice":     {replace(`"order_id"`, `"customer_id":"X","order_id"`), "duplicate_key"},
		"no customer":        {replace(`"customer_id":"C1",`, ""), "missing_field"},
		"null customer":      {replace(`"C1"`, "null"), ""},
		"empty customer":     {replace(`"C1"`, `""`), ""},
		"null product":       {replace(`"P1"`, "null"), ""},
		"no product":         {replace(`"product_id":"P1",`, ""), "missing_field"},
		"null address":       {replace(address, `"shipping_address":null`), ""},
		"no address":         {replace(","+address, ""), "missing_field"},
		"null status":        {replace(`"Completed "`, "null"), "missing_field"},
		"empty status":       {replace(`"Completed "`, `" "`), "missing_field"},
		"canceled":           {replace("Completed ", "canceled"), ""},
		"all of it":          {replace(`"total_amount":20.25`, `"tax_amount":2,"shipping_amount":1.5,"discount_amount":3.75,"refunded_amount":20,"total_amount":20`), ""},
		"tax included":       {replace(`"total_amount"`, `"tax_amount":2,"tax_included":true,"total_amount"`), ""},
		"tax not included":   {replace(`"total_amount"`, `"tax_amount":2,"tax_included":false,"total_amount"`), "amount_mismatch"},
		"line discount":      {replace(`"unit_price":10.10}`, `"unit_price":10.10,"discount_amount":0.25}`), "amount_mismatch"},
		"large discount":     {replace(`"unit_price":10.10}`, `"unit_price":10.10,"discount_amount":20.21}`), "invalid_amount"},
		"large refund":       {replace(`"total_amount"`, `"refunded_amount":20.26,"total_amount"`), "invalid_amount"},
		"nothing stated":     {replace(`"total_amount"`, `"refunded_amount":null,"tax_included":"","updated_at":null,"total_amount"`), ""},
		"other currency":     {replace(`"total_amount"`, `"currency":"EUR","total_amount"`), "currency_mismatch"},
		"same currency":      {replace(`"total_amount"`, `"currency":"usd ","total_amount"`), ""},
		"updated":            {replace(`"total_amount"`, `"updated_at":"2026-11-01T11:00:00Z","total_amount"`), ""},
		"updated too early":  {replace(`"total_amount"`, `"updated_at":"1970-11-01T11:00:00Z","total_amount"`), "timestamp_out_of_range"},
		"padded id":          {replace(`"A"`, `" A\u00a0"`), "trimmed_text"},
		"padded customer":    {replace(`"C1"`, `"C1 "`), "trimmed_text"},
		"basic form":         {replace(`"total_amount"`, `"updated_at":"20261101T11,5+01","total_amount"`), ""},
		"week date":          {replace(`"total_amount"`, `"updated_at":"2026-W44-7T11:00 UTC","total_amount"`), ""},
		"midnight":           {replace(`"total_amount"`, `"updated_at":"2026-305 24:00","total_amount"`), ""},
		"leap second":        {replace(`"total_amount"`, `"updated_at":"2016-12-31T23:59:60Z","total_amount"`), ""},
		"month first":        {replace(`"total_amount"`, `"updated_at":"11/02/2026","total_amount"`), "invalid_timestamp"},
		"empty id":           {replace(`"A"`, `""`), "missing_field"},
		"quoted amount":      {replace("20.25", `"20.25"`), "wrong_type"},
		"long id":            {replace(`"A"`, `"`+strings.Repeat("x", 257)+`"`), "invalid_text"},
		"NUL":                {replace("Austin", `\u0000`), "invalid_text"},
		"no such day":        {replace("2026-11-01", "2026-02-30"), "invalid_timestamp"},
		"epoch":              {replace("2026-11-01", "1970-01-01"), "timestamp_out_of_range"},
		"no lines":           {orderA[:strings.Index(orderA, "[")+1] + orderA[strings.Index(orderA, "]"):], "empty_items"},
		"zero quantity":      {replace(`"quantity":2`, `"quantity":0`), "invalid_quantity"},
		"half a quantity":    {replace(`"quantity":2`, `"quantity":2.5`), "invalid_quantity"},
		"whole written so":   {replace(`"quantity":2`, `"quantity":2.0`), ""},
		"negative amount":    {replace("20.25", "-20.25"), "invalid_amount"},
		"huge amount":        {replace("20.25", "1e18"), "invalid_amount"},
		"40 levels":          {replace(`"order_id"`, `"x":`+strings.Repeat("[", 40)+strings.Repeat("]", 40)+`,"order_id"`), "too_deep"},
		"too long":           {replace("Austin", strings.Repeat("x", 1<<20)), "too_large"},
		"total off a cent":   {replace("20.25", "20.26"), "amount_mismatch"},
		"total rounds":       {replace("20.25", "20.2549999"), ""},
		"tenth decimal":      {replace("20.25", "20.2500000001"), "amount_rounded"},
		"unknown status":     {replace("Completed ", "on hold"), "unknown_status"},
		"unknown field":      {replace(`"order_id"`, `"coupon":"X","order_id"`), "unknown_field"},
		"nested field":       {replace(`"quantity"`, `"gift":true,"quantity"`), "unknown_field"},
		"nothing to object":  {orderA, ""},
		"space for T, comma": {replace("2026-11-01T10:59:59.5", "2026-11-01 10:59:59,5"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Enough good orders keep the file from being mostly refused.
			w := compute(t, landed("o", "orders/o.json", 0, 0, tt.record, orderB))
			findings := w.Files["o"].Findings
			delete(findings, "missing_customer")
			delete(findings, "missing_product")
			delete(findings, "mostly_refused") // a large record outweighs a small one
			want := map[string]int64{}
			if tt.rule != "" {
				want[tt.rule] = 1
			}
			equal(t, "findings", want, findings)
		})
	}
}

// The generator and the model know nothing of each other but the names of the rules.
func TestGeneratedFaultsAreFound(t *testing.T) {
	t.Parallel()
	shares := generate.Shares{}
	for _, rule := range generate.OrderFaults() {
		shares[rule] = 0.015
	}
	shares["too_large"] = 0.0002 // a MiB each: refused bytes count towards the file's verdict
	orders, err := generate.NewOrders(generate.OrderOptions{Seed: 7, From: start.Add(-24 * time.Hour), To: start, Faults: shares})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := orders.WriteOrders(&out, 4000); err != nil {
		t.Fatal(err)
	}
	w := compute(t, File{
		ID: "o", Name: "landing/orders/o.json", LandedAt: start, LoadedAt: start,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(&out), nil },
	})
	want := map[string]int64{}
	for rule, n := range orders.Counts() {
		want[string(rule)] = int64(n)
	}
	got := w.Files["o"].Findings
	delete(got, "missing_customer")
	delete(got, "missing_product")
	equal(t, "findings", want, got)
}

func TestAmounts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		amount Amount
		exact  bool
	}{
		"0":               {0, true},
		"19.99":           {19_990_000_000, true},
		"1e2":             {100_000_000_000, true},
		"0.0000000005":    {0, false},
		"0.0000000015":    {2, false},
		"0.00000000250":   {2, false},
		"0.00000000251":   {3, false},
		"999999999.12345": {999_999_999_123_450_000, true},
	} {
		got, exact, rule, err := parseAmount(text)
		if got != want.amount || exact != want.exact || rule != "" || err != nil {
			t.Errorf("parseAmount(%q) = %d, %v, %q, %v; want %d, %v", text, got, exact, rule, err, want.amount, want.exact)
		}
	}
	if got := Amount(2).over(3); got != 1 {
		t.Errorf("2/3 of a billionth rounds to %d, want 1", got)
	}
	if got := Amount(1).over(2); got != 1 {
		t.Errorf("half a billionth rounds to %d, want 1", got)
	}
}
