package reading

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading/readingtest"
)

// caseOrder is an order with the fields given behind its id, which override none of its own.
func caseOrder(id string, fields ...string) string {
	all := map[string]string{
		"customer_id": `"C-1"`, "order_timestamp": `"2026-10-31T11:21:44Z"`, "items": `[{"product_id":"P-1","quantity":1,"unit_price":10.00}]`,
		"total_amount": "10.00", "payment_status": `"completed"`, "shipping_address": `{"city":"Reno","state":"NV","country":"USA"}`,
	}
	for i := 0; i < len(fields); i += 2 {
		all[fields[i]] = fields[i+1]
	}
	text := `{"order_id":` + id
	for _, name := range []string{"customer_id", "order_timestamp", "updated_at", "items", "discount_amount", "shipping_amount", "tax_amount",
		"total_amount", "payment_status", "shipping_address"} {
		if value := all[name]; value != "" {
			text += `,"` + name + `":` + value
		}
	}
	return text + "}"
}

func squeezed(t *testing.T, text string) string { return zipped(t, strings.NewReader(text)).String() }

const stock = "product_id,product_name,category,price,stock_level\n"

// TestFilesAsToolsWriteThem reads what shops and tools really write: what becomes of the file,
// how many records it has and how many are good, by which rules the others are refused, what is
// noted, and what the messages name.
func TestFilesAsToolsWriteThem(t *testing.T) {
	t.Parallel()
	good := caseOrder(`"O-1"`)
	stored := func(text string) string { // gzip that does not compress
		var out bytes.Buffer
		w, _ := gzip.NewWriterLevel(&out, gzip.NoCompression)
		_, _ = w.Write([]byte(text))
		_ = w.Close()
		return out.String()
	}
	for name, tc := range map[string]struct {
		kind, content string
		want          string // reason, records, accepted, refused, noted
		names         []string
	}{
		"ids as numbers, amounts as texts": {"orders", caseOrder("1001", "items", `[{"product_id":7,"quantity":"2","unit_price":"5.00"}]`, "total_amount", `"10.00"`) + "\n" + good,
			"- 2 1 wrong_type:1 -", []string{"5 faults:", "order_id: expected a string, not 1001", "items[0].product_id", `items[0].quantity: expected a number, not "2"`, `"5.00"`, `total_amount: expected a number, not "10.00"`, "by a source"}},
		"guest":                 {"orders", caseOrder(`"O-1"`, "customer_id", "null") + caseOrder(`"O-2"`, "customer_id", `""`) + caseOrder(`"O-3"`, "customer_id", `"0"`), "- 3 3 - -", nil},
		"no customer field":     {"orders", caseOrder(`"O-1"`, "customer_id", "") + "\n" + good, "- 2 1 missing_field:1 -", []string{"write null for the order of a guest"}},
		"returned line":         {"orders", caseOrder(`"O-1"`, "items", `[{"product_id":"P-1","quantity":-1,"unit_price":10}]`, "total_amount", "-10") + "\n" + good, "- 2 1 invalid_quantity:1 -", []string{"-1; write what was returned as refunded_amount", "total_amount: the amount is negative: -10"}},
		"discount line":         {"orders", caseOrder(`"O-1"`, "items", `[{"product_id":"P-1","quantity":1,"unit_price":10},{"product_id":null,"quantity":1,"unit_price":-2.50}]`) + "\n" + good, "- 2 1 invalid_amount:1 -", []string{"items[1].unit_price: the amount is negative: -2.50; write a discount as discount_amount"}},
		"half a unit":           {"orders", caseOrder(`"O-1"`, "items", `[{"product_id":"P-1","quantity":1.5,"unit_price":10}]`) + "\n" + good, "- 2 1 invalid_quantity:1 -", []string{"1.5", "smaller units"}},
		"500 lines of arrays":   {"orders", strings.Repeat("["+good+", "+good+"]\n", 500), "- 1000 1000 - -", nil},
		"nothing between":       {"orders", good + good + good, "- 3 3 - -", nil},
		"BOMs of joined files":  {"orders", "\ufeff" + good + "\n\ufeff" + good + "\n\ufeff[" + good + "]\n", "- 3 3 - -", nil},
		"BOM inside an array":   {"orders", "[" + good + ",\ufeff" + good + ",\n \ufeff\n" + good + "]", "- 3 3 - -", nil},
		"lone CR":               {"orders", good + "\r" + good + "\r", "- 2 2 - -", nil},
		"CR CR LF":              {"orders", good + "\r\r\n" + good + "\r\r\n", "- 2 2 - -", nil},
		"BigQuery's time":       {"orders", caseOrder(`"O-1"`, "order_timestamp", `"2026-10-31 11:21:44.126748 UTC"`), "- 1 1 - -", nil},
		"Shopify's times":       {"orders", caseOrder(`"O-1"`, "order_timestamp", `"2026-10-31T11:21:44-05:00"`) + caseOrder(`"O-2"`, "order_timestamp", `"2026-10-31 11:21:44 -0500"`), "- 2 2 - -", nil},
		"month or day first":    {"orders", caseOrder(`"O-1"`, "order_timestamp", `"10/11/2026 11:21"`) + "\n" + good, "- 2 1 invalid_timestamp:1 -", []string{`"10/11/2026 11:21"; day and month may be either way round`, "times: layout"}},
		"counted from 1970":     {"orders", caseOrder(`"O-1"`, "order_timestamp", `1793445704`) + "\n" + good, "- 2 1 wrong_type:1 -", []string{"1793445704", "unix"}},
		"not shipped":           {"orders", caseOrder(`"O-1"`, "shipping_address", "null"), "- 1 1 - -", nil},
		"tax that nobody says":  {"orders", caseOrder(`"O-1"`, "total_amount", "15.83"), "- 1 1 - amount_mismatch:1", nil},
		"tax and shipping":      {"orders", caseOrder(`"O-1"`, "total_amount", "15.83", "tax_amount", "0.83", "shipping_amount", "5"), "- 1 1 - -", nil},
		"NaN":                   {"orders", caseOrder(`"O-1"`, "items", `[{"product_id":"P-1","quantity":1,"unit_price":NaN}]`) + "\n" + good, "- 2 1 invalid_amount:1 -", []string{"items[0].unit_price", "not a number"}},
		"padded ids":            {"orders", caseOrder(`" O-1 "`, "customer_id", `"C-1 "`), "- 1 1 - trimmed_text:1", nil},
		"1,114 lines":           {"orders", caseOrder(`"O-1"`, "items", "["+strings.TrimSuffix(strings.Repeat(`{"product_id":"P-1","quantity":1,"unit_price":0.01},`, 1114), ",")+"]", "total_amount", "11.14"), "- 1 1 - -", nil},
		"10,001 lines":          {"orders", caseOrder(`"O-1"`, "items", "["+strings.TrimSuffix(strings.Repeat(`{"product_id":"P-1","quantity":1,"unit_price":0.01},`, 10_001), ",")+"]") + "\n" + strings.Repeat(good, 2600), "- 2601 2600 too_large:1 -", []string{"more than 10000 lines"}},
		"zeros behind gzip":     {"orders", squeezed(t, good+"\n") + strings.Repeat("\x00", 512), "- 1 1 - -", nil},
		"zeros between members": {"orders", squeezed(t, good+"\n") + strings.Repeat("\x00", 512) + stored(good), "- 2 2 - -", nil},
		"a record in 2 members": {"orders", squeezed(t, good[:50]) + squeezed(t, good[50:]), "- 1 1 - -", nil},
		"gzip in gzip":          {"orders", squeezed(t, squeezed(t, good)), "unreadable_file 0 0 - -", []string{"gzip"}},
		"empty array":           {"orders", "[]\n", "- 0 0 - -", nil},
		"empty arrays":          {"orders", "[]\n[]\n", "- 0 0 - -", nil},
		"header alone":          {"products", stock, "- 0 0 - -", nil},
		"products CR CR LF":     {"products", strings.ReplaceAll(stock+"P-1,Mug,Home,12.50,5\n", "\n", "\r\r\n"), "- 1 1 - -", nil},
		"products lone CR":      {"products", strings.ReplaceAll(stock+"P-1,Mug,Home,12.50,5\nP-2,Cup,Home,1,5\n", "\n", "\r"), "- 2 2 - -", nil},
		"BOM inside of CSV":     {"products", "\ufeff" + stock + "\ufeffP-1,Mug,Home,12.50,5\n\ufeffP 2,Cup,Home,,5\n\ufeff\"P-3\",Cup,Home,1,1\n", "- 3 2 missing_field:1 -", nil},
		"index of pandas":       {"products", ",product_id,product_name,category,price,stock_level\n0,P-1,Mug,Home,12.50,5\n1,P-2,Cup,Home,2,5\n", "- 2 2 - unnamed_column:2", nil},
		"last commas":           {"products", "product_id,product_name,category,price,stock_level,\nP-1,Mug,Home,12.50,5,\n", "- 1 1 - -", nil},
		"joined tables":         {"products", stock + "P-1,Mug,Home,1,1\n" + stock + "P-2,Cup,Home,1,1\nP-3,Cup,Home,1,1\n\ufeff" + strings.ToUpper(stock), "- 3 3 - repeated_header:1", nil},
		"joined with CR LF":     {"products", strings.ReplaceAll("\ufeff"+stock+stock+"P-1,Mug,Home,1,1\n\n"+stock+"P-2,Cup,Home,1,1", "\n", "\r\n"), "- 2 2 - repeated_header:2", nil},
		"joined, other columns": {"products", stock + "P-1,Mug,Home,1,1\nP-2,Mug,Home,1,1\nP-3,Mug,Home,1,1\nP-4,Mug,Home,1,1\nproduct_id,product_name,price,category,stock_level\n", "- 5 4 invalid_amount:1 -", nil},
		"column twice":          {"products", "product_id,product_name,category,price,price,stock_level\nP-1,Mug,Home,1,2,5\n", "header_mismatch 0 0 - -", []string{"twice"}},
		"semicolons":            {"products", "product_id;product_name;category;price;stock_level\nP-1;Mug;Home;12,50;5\n", "header_mismatch 0 0 - -", []string{"separated by ;"}},
		"amounts with signs": {"products", stock + "P-1,Mug,Home, 12.50 ,5\nP-2,Cup,Home,$12.50,5\nP-3,Cup,Home,\"1,234.50\",5\nP-4,Cup,Home,.50,5\nP-5,Cup,Home,1,5\nP-6,Cup,Home,1,5\n",
			"- 6 3 invalid_amount:3 trimmed_text:1", []string{`"$12.50"`, `"1,234.50"`, `".50"; write a digit before the point`}},
		"Latin-1": {"products", stock + "P-1,M\xfcsli,Home,1,1\nP-2,Cup,Home,1,1\nP-3,Mug,Home,1,1\n", "- 3 2 invalid_utf8:1 -", []string{"1252"}},
		"NUL":     {"products", stock + "P-1,Mu\x00g,Home,1,1\nP-2,Cup,Home,1,1\n", "- 2 1 invalid_text:1 -", []string{"NUL"}},
		"pretty":  {"orders", strings.ReplaceAll(good, ",", ",\n"), "unknown_shape 0 0", []string{"one JSON document over many lines"}},
		"wrapper": {"orders", `{"orders":[` + good + "," + good + "]}", "unknown_shape 0 0", []string{"/orders"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out readingtest.Memory
			m, err := parse(t, kinds[tc.kind], "landing/"+tc.kind+"/file", strings.NewReader(tc.content), &out)
			if err != nil {
				t.Fatal(err)
			}
			if got := outcomeOf(m, &out); !strings.HasPrefix(got, tc.want) {
				t.Errorf("outcome %s (%s), want %s", got, m.GetReasonDetail(), tc.want)
			}
			messages := m.GetReasonDetail()
			for _, r := range out.Rejected {
				messages += "\n" + r.GetFieldPath() + ": " + r.GetMessage()
			}
			for _, part := range tc.names {
				if !strings.Contains(messages, part) {
					t.Errorf("the messages do not name %s:\n%.2000s", part, messages)
				}
			}
		})
	}
}

func outcomeOf(m *pipelinev1.FileManifest, out *readingtest.Memory) string {
	refused, warned := map[string]int{}, map[string]int{}
	for _, r := range out.Rejected {
		refused[r.GetRule()]++
	}
	for _, source := range out.Records {
		for _, rule := range source.GetWarnings() {
			warned[rule]++
		}
	}
	reason := m.GetReason()
	if reason == "" {
		reason = "-"
	}
	return fmt.Sprintf("%s %d %d %s %s", reason, m.GetRecords(), m.GetAccepted(), tally(refused), tally(warned))
}
