package reference

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	parser "github.com/zackkki/ecomm_datapipeline/services/parser/reading"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading/readingtest"
)

// TestAgreesWithParser reads files as tools write them, and files that are something else, with the
// parser and with the model: both must refuse the same file for the same reason, count the same
// records, and refuse the same number of them by each rule.
func TestAgreesWithParser(t *testing.T) {
	t.Parallel()
	const products, row = "product_id,product_name,category,price,stock_level\n", "P-1,Mug,Home,12.50,5\n"
	with := func(old, instead string) string { return strings.Replace(orderA, old, instead, 1) }
	pretty := strings.ReplaceAll(orderA, ",", ",\n")
	for name, tc := range map[string]struct{ kind, content string }{
		"good":                     {"orders", orderA + "\n" + orderB},
		"nothing between":          {"orders", orderA + orderB + orderC},
		"CR CR LF":                 {"orders", orderA + "\r\r\n" + orderB + "\r\r\n"},
		"lone CR":                  {"orders", orderA + "\r" + orderB + "\r"},
		"lone CR, one broken":      {"orders", orderA + "\r{\"a\":\r" + orderB + "\r" + orderC},
		"marks of joined files":    {"orders", "\ufeff" + orderA + "\n\ufeff" + orderB + "\n\ufeff[" + orderC + "]\n"},
		"arrays":                   {"orders", "[" + orderA + "]\n[" + orderB + ",\n" + orderC + "]"},
		"array, then a line":       {"orders", "[" + orderA + "]\n" + orderB},
		"empty arrays":             {"orders", "[]\n[ ]\n"},
		"blank":                    {"orders", " \n\n\t"},
		"first line broken":        {"orders", "{\"order_id\":\"A\n" + orderA + "\n" + orderB + "\n" + orderC},
		"comma behind the first":   {"orders", orderA + ",\n" + orderB + "\n" + orderC},
		"commas between":           {"orders", orderA + "," + orderB + "," + orderC},
		"commas, a line each":      {"orders", orderA + ",\n" + orderB + ",\n" + orderC + "\n"},
		"commas, one behind last":  {"orders", orderA + ",\n" + orderB + ",\n"},
		"NaN":                      {"orders", with("0.05", "NaN") + "\n" + orderB},
		"Infinity":                 {"orders", with(":20.25", ": Infinity") + "\n" + orderB},
		"minus Infinity":           {"orders", with(":20.25", ":-Infinity") + "\n" + orderB},
		"NaN for what may lack":    {"orders", with(`"total_amount"`, `"tax_amount":NaN,"total_amount"`) + "\n" + orderB},
		"NaN for a quantity":       {"orders", with(`"quantity":2`, `"quantity":NaN`) + "\n" + orderB},
		"NaN for an id":            {"orders", with(`"A"`, "NaN") + "\n" + orderB},
		"NaN that nobody knows":    {"orders", with(`"total_amount"`, `"weight":NaN,"total_amount"`) + "\n" + orderB},
		"NaN in a text":            {"orders", with("Austin", "NaN, Infinity") + "\n" + orderB},
		"NaN in an array":          {"orders", "[" + with("0.05", "NaN") + "," + orderB + "]"},
		"text behind":              {"orders", orderA + "x\n" + orderB},
		"broken behind":            {"orders", orderA + "{\"a\":\n" + orderB},
		"broken before":            {"orders", "{\"a\":}" + orderB},
		"minus NaN":                {"orders", with("0.05", "-NaN") + "\n" + orderB},
		"NaN and a wrong type":     {"orders", with("0.05", "NaN,\"weight\":NaN") + "\n" + strings.Replace(orderB, `"B"`, "7", 1)},
		"pretty":                   {"orders", pretty},
		"pretty array":             {"orders", "[" + pretty + "\n]"},
		"wrapper":                  {"orders", `{"orders":[` + orderA + "," + orderB + "]}"},
		"wrapper, longer than 64K": {"orders", `{"orders":[` + strings.Repeat(orderA+",", 500) + orderB + "]}"},
		"list of wrappers":         {"orders", `[{"orders":[` + orderA + "]}]"},
		"error answer":             {"orders", `{"errors":"refused"}`},
		"Python":                   {"orders", "{'order_id': 'A'}\n"},
		"rows without names":       {"orders", `[["order_id"],["A"]]`},
		"CSV":                      {"orders", "order_id,total_amount\nA,1\n"},
		"YAML":                     {"orders", "---\norders:\n  - order_id: A\n"},
		"log":                      {"orders", "2026-11-01T10:00:00Z INFO order placed\n"},
		"SQL":                      {"orders", "INSERT INTO orders VALUES (1);\n"},
		"form":                     {"orders", "order_id=A&total=1\n"},
		"garbage":                  {"orders", "garbage\n"},
		"web page":                 {"orders", "<!DOCTYPE html><html><title>502</title>"},
		"web page for products":    {"products", "<html><body>no</body></html>"},
		"XML":                      {"orders", "<?xml version=\"1.0\"?>\n<orders/>"},
		"PDF":                      {"orders", "%PDF-1.7\nx"},
		"zip":                      {"orders", "PK\x03\x04 and more"},
		"Parquet":                  {"orders", "PAR1\x15\x04\x15\x10"},
		"UTF-16":                   {"orders", utf16Text("\ufeff" + orderA)},
		"UTF-16 without a mark":    {"products", utf16Text(products + row)},
		"zeros behind gzip":        {"orders", gzipped(orderA+"\n") + strings.Repeat("\x00", 512)},
		"zeros between members":    {"orders", gzipped(orderA+"\n") + strings.Repeat("\x00", 512) + gzipped(orderB)},
		"zeros behind a table":     {"products", gzipped(products+row) + "\x00\x00\x00"},
		"two members":              {"orders", gzipped(orderA[:50]) + gzipped(orderA[50:])},
		"text behind gzip":         {"orders", gzipped(orderA) + "and more"},
		"half a member behind":     {"orders", gzipped(orderA+"\n") + gzipped(orderB)[:12]},
		"one byte behind":          {"orders", gzipped(orderA+"\n") + "\x00\x1f"},
		"gzip in gzip":             {"orders", gzipped(gzipped(orderA))},
		"gzip of a web page":       {"orders", gzipped("<!DOCTYPE html><html>")},
		"gzip of a wrapper":        {"orders", gzipped(`{"orders":[` + orderA + "]}")},
		"gzip of nothing":          {"orders", gzipped("")},
		"rows of nothing":          {"products", products + ",,,,\n" + row + " , ,,,\n,\n" + products + ",,,,\n" + row},
		"CR CR LF table":           {"products", strings.ReplaceAll(products+row, "\n", "\r\r\n")},
		"lone CR table":            {"products", strings.ReplaceAll(products+row+row, "\n", "\r")},
		"mark inside of a table":   {"products", "\ufeff" + products + "\ufeff" + row + "\ufeff\"P-3\",Cup,Home,1,1\n"},
		"joined tables":            {"products", products + row + products + "P-2,Cup,Home,1,1\n"},
		"joined, of other columns": {"products", products + row + "product_id,price\n" + row},
		"joined, other order":      {"products", products + row + "price,product_id,product_name,category,stock_level\n" + row},
		"joined with marks":        {"products", "\ufeff" + products + row + "\ufeff" + products + row},
		"joined in capitals":       {"products", products + row + strings.ToUpper(products) + row},
		"header twice":             {"products", products + products + row},
		"semicolons":               {"products", "product_id;product_name;category;price;stock_level\nP-1;Mug;Home;12,50;5\n"},
		"JSON for a table":         {"products", `[{"product_id":"P"}]`},
		"index of pandas":          {"products", "," + products + "0," + row},
		"Latin-1":                  {"products", products + "P-1,M\xfcsli,Home,1,1\n" + row},
		"NUL":                      {"products", products + "P-1,Mu\x00g,Home,1,1\n" + row},
		"amounts with signs":       {"products", products + row + row + row + "P-1,Mug,Home, 12.50 ,5\nP-2,Cup,Home,$12.50,5\nP-3,Cup,Home,\"1,234.50\",5\nP-4,Cup,Home,.50,5\n"},
		"retired":                  {"products", "product_id,product_name,price,active\nP-1,Mug,1,no\nP-2,Cup,1,Maybe\nP-3,Jug,1,\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, want := byModel(t, tc.kind, tc.content), byParser(t, tc.kind, tc.content); got != want {
				t.Errorf("the model has %s, the parser %s", got, want)
			}
		})
	}
}

// byParser is what the parser makes of a file.
func byParser(t *testing.T, kind, content string) string {
	t.Helper()
	kinds := map[string]pipelinev1.FileKind{"orders": pipelinev1.FileKind_FILE_KIND_ORDERS, "products": pipelinev1.FileKind_FILE_KIND_PRODUCTS}
	policy := parser.Policy{
		Currency: Currency, RejectFileShare: rejectShare, MaxRecords: 1 << 20, MaxOrderLines: maxLines, MaxOrderAgeDays: maxAge,
		MaxDecompressedBytes: 1 << 30, MaxCompressionRatio: 300,
	}
	var out readingtest.Memory
	r := parser.NewBy(readingtest.File(kinds[kind], kind+"/f"), policy, nil, readingtest.LandedAt)
	m, err := r.Read(context.Background(), func(context.Context) (io.ReadCloser, int64, error) {
		return io.NopCloser(strings.NewReader(content)), int64(len(content)), nil
	}, &out)
	if err != nil {
		t.Fatal(err)
	}
	refused := map[string]int64{}
	for _, rejected := range out.Rejected {
		refused[rejected.GetRule()]++
	}
	return spelled(m.GetReason(), m.GetRecords(), refused)
}

// byModel is what the model makes of it.
func byModel(t *testing.T, kind, content string) string {
	t.Helper()
	w, err := Compute([]File{{
		ID: "f", Name: "landing/" + kind + "/f", LandedAt: readingtest.LandedAt, LoadedAt: readingtest.LandedAt,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil },
	}}, Policy{})
	if err != nil {
		return err.Error()
	}
	o := w.Files["f"]
	return spelled(o.Reason, o.Records, o.Refused)
}

func spelled(reason string, records int64, refused map[string]int64) string {
	text := fmt.Sprintf("%q %d", reason, records)
	for _, rule := range slices.Sorted(maps.Keys(refused)) {
		text += fmt.Sprintf(" %s:%d", rule, refused[rule])
	}
	return text
}

func gzipped(text string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write([]byte(text)) // a buffer takes all
	_ = w.Close()
	return out.String()
}

func utf16Text(text string) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return string(out)
}
