package source_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/zackkki/ecomm_datapipeline/services/parser/reading"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading/readingtest"
	"github.com/zackkki/ecomm_datapipeline/services/parser/source"
)

// orderBase and itemBase are the fields that a test does not care for.
const (
	orderBase = "order_id: /id, order_timestamp: {value: 2026-11-01T10:00:00Z}, payment_status: {value: completed}"
	itemBase  = "quantity: /q, unit_price: /p"
)

// readBy reads content as orders by a source that is written as YAML.
func readBy(t *testing.T, yaml, name string, content []byte) []string {
	t.Helper()
	s, err := source.Parse("test.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	kind, _, _ := strings.Cut(name, "/")
	var out readingtest.Memory
	m, err := reading.NewBy(readingtest.File(kinds[kind], name), policy, s.For(kinds[kind]), time.Unix(0, 0)).Read(t.Context(),
		func(context.Context) (io.ReadCloser, int64, error) {
			return io.NopCloser(bytes.NewReader(content)), int64(len(content)), nil
		}, &out)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	if m.GetReason() != "" && m.GetReason() != "mostly_refused" {
		got = append(got, "file "+m.GetReason()+": "+m.GetReasonDetail())
	}
	byIndex := map[int64]string{}
	for _, each := range out.Messages {
		byIndex[recordIndex(each)] = spell(each)
	}
	for _, r := range out.Rejected {
		byIndex[r.GetSource().GetRecordIndex()] = r.GetRule() + " " + r.GetFieldPath() + ": " + r.GetMessage()
	}
	for i := range int64(len(byIndex)) {
		got = append(got, byIndex[i])
	}
	return got
}

func recordIndex(m proto.Message) int64 {
	field := m.ProtoReflect().Descriptor().Fields().ByName("source")
	place := m.ProtoReflect().Get(field).Message()
	return place.Get(place.Descriptor().Fields().ByName("record_index")).Int()
}

// TestMappings has a source for each thing that a mapping can say. What is wanted is the
// part of each order that the case is about.
func TestMappings(t *testing.T) {
	t.Parallel()
	one := func(fields, more string) string {
		return "orders: {json: {fields: {" + orderBase + fields + "}, items: {over: /i, fields: {" + itemBase + "}}" + more + "}}"
	}
	line := `"i":[{"q":2,"p":"5.00"}]`
	for name, tc := range map[string]struct {
		yaml, in string
		want     []string // texts in what becomes of each record, in order
	}{
		"ids as numbers":           {one("", ""), `{"id":17,` + line + `}`, []string{"17 guest"}},
		"escaped pointer":          {one(", customer_id: /a~1b/~0c", ""), `{"id":1,"a/b":{"~c":"x"},` + line + `}`, []string{"1 x "}},
		"pointer into an array":    {one(", customer_id: /c/1/id", ""), `{"id":1,"c":[{"id":"a"},{"id":"b"}],` + line + `}`, []string{"1 b "}},
		"several places":           {one(", customer_id: [/a, /b, {value: none}]", ""), `{"id":1,"a":"","b":"x",` + line + `}` + "\n" + `{"id":2,"a":null,` + line + `}`, []string{"1 x ", "2 none "}},
		"a default":                {one(", customer_id: {from: /a, default: 7}", ""), `{"id":1,` + line + `}`, []string{"1 7 "}},
		"who is a guest":           {one(`, customer_id: {from: /a, none: ["0", anonymous]}`, ""), `{"id":1,"a":0,` + line + `}` + "\n" + `{"id":2,"a":"anonymous",` + line + `}` + "\n" + `{"id":3,"a":"01",` + line + `}`, []string{"1 guest", "2 guest", "3 01"}},
		"an object for a text":     {one(", customer_id: /a", ""), `{"id":1,"a":{"id":1},` + line + `}`, []string{"wrong_type customer_id (from /a): expected one value"}},
		"a prefix":                 {one(`, customer_id: {from: /a, trim_prefix: "'"}`, ""), `{"id":1,"a":"'17",` + line + `}`, []string{"1 17 "}},
		"texts together":           {one(", shipping_address: {street: {join: [/a, /b, /c]}}", ""), `{"id":1,"a":"1 Main St","c":" Apt 2 ",` + line + `}`, []string{"to  1 Main St Apt 2/"}},
		"an address of nothing":    {one(", shipping_address: {street: /a, city: /b}", ""), `{"id":1,"a":"","b":null,` + line + `}`, []string{"refunded -\n"}},
		"the sum of an array":      {one(", tax_amount: {sum: [/a, /b], over: /t}", ""), `{"id":1,"t":[{"a":"0.10"},{"a":null,"b":0.2},{}],` + line + `}`, []string{"tax 0.3 "}},
		"an empty array":           {one(", tax_amount: {sum: /a, over: /t}", ""), `{"id":1,"t":[],` + line + `}`, []string{"tax 0 "}},
		"no array":                 {one(", tax_amount: {sum: /a, over: /t}", ""), `{"id":1,"t":null,` + line + `}`, []string{"tax - "}},
		"no array but a text":      {one(", tax_amount: {sum: /a, over: /t}", ""), `{"id":1,"t":"x",` + line + `}`, []string{"wrong_type tax_amount (from the sum of /a over /t): expected an array"}},
		"arrays in arrays":         {one(", refunded_amount: {sum: /a, over: [/r, /t], where: {/k: refund}}", ""), `{"id":1,"r":[{"t":[{"k":"refund","a":"1.25"},{"k":"sale","a":9}]},{},{"t":[{"k":"REFUND","a":2}]}],` + line + `}`, []string{"refunded 3.25"}},
		"a sum that does not hold": {one(", refunded_amount: [{sum: /a, over: /r, require: {/c: {same_as: /c}}}, /back]", ""), `{"id":1,"c":"USD","r":[{"a":1,"c":"USD"},{"a":2,"c":"EUR"}],"back":"2.5",` + line + `}` + "\n" + `{"id":2,"c":"USD","r":[{"a":1,"c":"USD"}],` + line + `}`, []string{"refunded 2.5", "refunded 1"}},
		"a sum of floats":          {one(", tax_amount: {sum: /a, over: /t}", ""), `{"id":1,"t":[{"a":0.30000000000000004}],` + line + `}`, []string{"invalid_amount tax_amount (from the sum of /a over /t): the amount has more than 9 decimals"}},
		"a sum out of range":       {one(", tax_amount: {sum: /a, over: /t}", ""), `{"id":1,"t":[{"a":999999999999999999},{"a":1}],` + line + `}`, []string{"the amount goes beyond 18 digits"}},
		"plus and minus":           {one(", shipping_amount: {plus: [/a, {from: /b, default: 1}], minus: [/c]}", ""), `{"id":1,"a":"5.00","c":"0.50",` + line + `}`, []string{"shipping 5.5 "}},
		"plus of nothing":          {one(", shipping_amount: {plus: [/a, /b]}", ""), `{"id":1,` + line + `}`, []string{"shipping - "}},
		"a map":                    {"orders: {json: {fields: {order_id: /id, order_timestamp: {value: 2026-11-01T10:00:00Z}, payment_status: [{from: /s, only: true, map: {Back: refunded}}, {from: /x, then: cancelled}, {from: /s, map: {paid: completed}}]}, items: {over: /i, fields: {" + itemBase + "}}}}", `{"id":1,"s":"PAID",` + line + `}` + "\n" + `{"id":2,"s":"back","x":1,` + line + `}` + "\n" + `{"id":3,"s":"paid","x":"2026",` + line + `}` + "\n" + `{"id":4,"s":"odd",` + line + `}`, []string{"completed total", "refunded total", "cancelled total", "odd total"}},
		"left out":                 {one("", ", leave_out: [{/t: true}, {/a: [x, 1], /b: ''}]"), `{"id":1,"t":true,` + line + `}` + "\n" + `{"id":2,"a":"1.0",` + line + `}` + "\n" + `{"id":3,"a":1,"b":2,` + line + `}` + "\n" + `{"id":4,"t":false,` + line + `}`, []string{"3 guest", "4 guest"}},
		"cents":                    {one(", total_amount: {from: /t, numbers: {minor_units: 2}}", ""), `{"id":1,"t":1000,` + line + `}` + "\n" + `{"id":2,"t":"1005",` + line + `}`, []string{"total 10 ", "total 10.05 "}},
		"signs and marks":          {one(`, total_amount: {from: /t, numbers: {strip: ["$", USD], thousands_mark: ","}}`, ""), `{"id":1,"t":"$1,234.50",` + line + `}` + "\n" + `{"id":2,"t":"12,34.5",` + line + `}` + "\n" + `{"id":3,"t":"1,234,567.8 USD",` + line + `}` + "\n" + `{"id":4,"t":"$ 12",` + line + `}` + "\n" + `{"id":5,"t":"€12",` + line + `}` + "\n" + `{"id":6,"t":",123",` + line + `}`, []string{"total 1234.5 ", `invalid_amount total_amount (from /t): the amount is not a decimal number: "12,34.5"`, "total 1234567.8 ", "total 12 ", "invalid_amount", "invalid_amount"}},
		"a decimal comma":          {one(`, total_amount: {from: /t, numbers: {decimal_mark: ",", thousands_mark: "."}}`, ""), `{"id":1,"t":"1.234,50",` + line + `}` + "\n" + `{"id":2,"t":"1234,5",` + line + `}` + "\n" + `{"id":3,"t":"1,234.50",` + line + `}` + "\n" + `{"id":4,"t":10.5,` + line + `}`, []string{"total 1234.5 ", "total 1234.5 ", "invalid_amount", "total 10.5 "}},
		"a space between":          {one(`, total_amount: {from: /t, numbers: {decimal_mark: ",", thousands_mark: " ", strip: "€"}}`, ""), "{\"id\":1,\"t\":\"1\u202f234,50\u00a0€\"," + line + "}", []string{"total 1234.5 "}},
		"spellings of numbers":     {one(", total_amount: /t", ""), `{"id":1,"t":".50",` + line + `}` + "\n" + `{"id":2,"t":"007.5",` + line + `}` + "\n" + `{"id":3,"t":"1e1",` + line + `}` + "\n" + `{"id":4,"t":"5.",` + line + `}` + "\n" + `{"id":5,"t":"0x1F",` + line + `}` + "\n" + `{"id":6,"t":true,` + line + `}` + "\n" + `{"id":7,"t":" 12.50 ",` + line + `}`, []string{"total 0.5 ", "total 7.5 ", "total 10 ", "invalid_amount", "invalid_amount", "invalid_amount", "total 12.5 "}},
		"a total of its parts":     {one(", tax_amount: /tax, shipping_amount: /ship, discount_amount: /less", ""), `{"id":1,"tax":"0.33","ship":"4.95","less":"1.00",` + line + `}`, []string{"total 14.28 "}},
		"a total with the tax":     {one(", tax_amount: /tax, tax_included: {value: yes}", ""), `{"id":1,"tax":"0.33",` + line + `}`, []string{"total 10 "}},
		"seconds since 1970":       {strings.Replace(one("", ""), "{value: 2026-11-01T10:00:00Z}", "{from: /at, times: {layout: unix}}", 1), `{"id":1,"at":1793527200,` + line + `}` + "\n" + `{"id":2,"at":"x",` + line + `}`, []string{"2026-11-01T10:00:00Z", `invalid_timestamp order_timestamp (from /at): the time is not written as the source says: "x"`}},
		"milliseconds":             {strings.Replace(one("", ""), "{value: 2026-11-01T10:00:00Z}", "{from: /at, times: {layout: unix_ms}}", 1), `{"id":1,"at":"1793527200125",` + line + `}`, []string{"2026-11-01T10:00:00.125Z"}},
		"a layout in a zone":       {strings.Replace(one("", ""), "{value: 2026-11-01T10:00:00Z}", `{from: /at, times: {layout: "%m/%d/%Y %I:%M %p", zone: America/New_York}}`, 1), `{"id":1,"at":"10/30/2026 09:15 PM",` + line + `}`, []string{"2026-10-31T01:15:00Z"}},
		"ISO in a zone":            {strings.Replace(one("", ""), "{value: 2026-11-01T10:00:00Z}", `{from: /at, times: {zone: Europe/Berlin}}`, 1), `{"id":1,"at":"2026-10-30T09:15:00",` + line + `}` + "\n" + `{"id":2,"at":"2026-10-30T09:15:00Z",` + line + `}`, []string{"2026-10-30T08:15:00Z", "2026-10-30T09:15:00Z"}},
		"lines not in an array":    {one("", ""), `{"id":1,"i":{"q":1}}`, []string{"wrong_type items (from /i): expected an array"}},
		"a line left out":          {"orders: {json: {fields: {" + orderBase + "}, items: {over: /i, leave_out: [{/q: 0}], fields: {" + itemBase + "}}}}", `{"id":1,"i":[{"q":0,"p":1},{"q":1,"p":"x"}]}`, []string{`invalid_amount items[0].unit_price (from /i/1/p): `}},
		"what lines come to":       {"orders: {json: {fields: {" + orderBase + "}, items: {over: /i, fields: {quantity: /q, subtotal: /s, total: /t}}}}", `{"id":1,"i":[{"q":3,"s":"10.00","t":"9.00"}]}` + "\n" + `{"id":2,"i":[{"q":7,"t":"0.01"}]}`, []string{"total 9 tax - included - shipping - discount - refunded -\n  none 3 x 3.333333334 less 1.000000002", "total 0.01 tax - included - shipping - discount - refunded -\n  none 7 x 0.001428572 less 0.000000004"}},
		"more than the lines cost": {"orders: {json: {fields: {" + orderBase + "}, items: {over: /i, fields: {quantity: /q, unit_price: /p, total: /t}}}}", `{"id":1,"i":[{"q":3,"p":"1.00","t":"3.01"}]}`, []string{"invalid_amount items[0].total (from /i/0/t): the line's total is more than quantity x unit_price"}},
		"a return":                 {one(", total_amount: /t", ", returns: {negative_quantity: true}"), `{"id":1,"t":"15.00","i":[{"q":4,"p":5},{"q":-1,"p":"5.00"}]}`, []string{"total 20 tax - included - shipping - discount - refunded 5\n  none 4 x 5"}},
		"a return not taken off":   {one(", total_amount: /t, refunded_amount: /r", ", returns: {negative_quantity: true, total_amount: before}"), `{"id":1,"t":"20.00","r":"1.00","i":[{"q":4,"p":5},{"q":-1,"p":"5.00"}]}`, []string{"total 20 tax - included - shipping - discount - refunded 6"}},
		"returns alone":            {one(", total_amount: /t", ", returns: {negative_quantity: true}"), `{"id":1,"t":"-10.00","i":[{"q":-2,"p":"5.00"}]}`, []string{"total 10 tax - included - shipping - discount - refunded 10\n  none 2 x 5"}},
		"returns alone refused":    {one(", total_amount: /t", ", returns: {negative_quantity: true, alone: refused}"), `{"id":1,"t":"-10.00","i":[{"q":-2,"p":"5.00"}]}`, []string{"empty_items items"}},
		"a return not foreseen":    {one("", ""), `{"id":1,"i":[{"q":-2,"p":"5.00"}]}`, []string{"invalid_quantity items[0].quantity (from /i/0/q)"}},
		"a line that takes off":    {one(", total_amount: /t, discount_amount: /d", ", negative_lines: discount"), `{"id":1,"t":"7.00","d":"1.00","i":[{"q":2,"p":5},{"q":1,"p":"-2.00"}]}`, []string{"total 7 tax - included - shipping - discount 3 refunded -\n  none 2 x 5"}},
		"not well-formed":          {one("", ""), `{"id":1,"id":2}` + "\n[]\n{", []string{"duplicate_key", "malformed_json"}},
		"all that is wrong":        {one(", tax_amount: /t, shipping_amount: /s", ""), `{"t":"1,5","s":"-1","i":[{"q":"x","p":"$5"},{"q":1,"p":"1"},{"p":-1}]}`, []string{"order_id (from /id): the field is required"}},
		"a document of records":    {one("", ", records: /data/orders"), `{"data":{"orders":[{"id":1,` + line + `}]}}`, []string{"1 guest"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := readBy(t, tc.yaml, "orders/f", []byte(tc.in))
			if len(got) != len(tc.want) {
				t.Fatalf("%d records, want %d:\n%s", len(got), len(tc.want), strings.Join(got, "\n"))
			}
			for i, want := range tc.want {
				if !strings.Contains(got[i]+"\n", want) {
					t.Errorf("record %d is\n%s\nwant in it\n%s", i, got[i], want)
				}
			}
		})
	}
}

// TestTables reads CSV files of other shapes than the samples'.
func TestTables(t *testing.T) {
	t.Parallel()
	lines := func(more string) string {
		return "orders: {csv: {group: No, fields: {order_id: No, order_timestamp: At, payment_status: {value: completed}, total_amount: {sum: Sum}}, items: {fields: {product_id: Art, quantity: N, total: Sum}}" + more + "}}"
	}
	const text = "No;At;Art;N;Sum\n1;2026-10-30T09:15:00Z;Tasse gr\xfcn;2;10,50\n1;;Löffel;1;1,25\n"
	utf8Text := strings.ReplaceAll(text, "\xfc", "ü")
	utf16 := []byte{0xff, 0xfe}
	for _, c := range utf8Text {
		utf16 = append(utf16, byte(c), byte(c>>8))
	}
	const want = "1 guest 2026-10-30T09:15:00Z updated - completed total 11.75 tax - included - shipping - discount - refunded -\n  Tasse grün 2 x 5.25 less -\n  Löffel 1 x 1.25 less -"
	comma := `, numbers: {decimal_mark: ","}`
	for name, tc := range map[string]struct {
		yaml string
		in   []byte
		want string
	}{
		"semicolons, decimal commas": {lines(comma), []byte(utf8Text), want},
		"the delimiter named":        {lines(comma + `, delimiter: ";"`), []byte(utf8Text), want},
		"sep=":                       {lines(comma), []byte("sep=;\r\n" + utf8Text), want},
		"a byte order mark":          {lines(comma), []byte("\xef\xbb\xbf" + utf8Text), want},
		"utf-16":                     {lines(comma + ", encoding: utf-16"), utf16, want},
		"windows-1252":               {lines(comma + ", encoding: windows-1252"), []byte(strings.ReplaceAll(text, "ö", "\xf6")), want},
		"not what it says":           {lines(comma), []byte(strings.ReplaceAll(text, "ö", "\xf6")), "invalid_utf8 : the row is not valid UTF-8; if the file has another encoding, its source must name it"},
		"tabs":                       {lines(""), []byte("no\tAT\tart\tn\tsum\n1\t2026-10-30T09:15:00Z\tx\t1\t2\n"), "1 guest 2026-10-30T09:15:00Z updated - completed total 2 tax - included - shipping - discount - refunded -\n  x 1 x 2 less -"},
		"a column missing":           {lines(""), []byte("No,Art,N,Sum\n1,x,1,2\n"), `file header_mismatch: the header lacks At, which order_timestamp is read from; separated by ',' it has ["No" "Art" "N" "Sum"]`},
		"a column twice":             {lines(""), []byte("No,At,N,Sum,sum\n1,x,1,2,2\n"), `file header_mismatch: the header has the column "Sum" twice`},
		"too few fields":             {lines(""), []byte("No,At,Art,N,Sum\n1,2026-10-30T09:15:00Z,x,1,2\n1,2026-10-30T09:15:00Z,x,1\n"), "invalid_csv : row 2 has 4 columns, the header 5"},
		"JSON":                       {lines(""), []byte(`{"orders":[]}`), "file unreadable_file: the file does not look like CSV, and source test reads orders as CSV only; it looks like JSON"},
		"an id on the first row":     {lines(""), []byte("No,At,Art,N,Sum\n1,2026-10-30T09:15:00Z,x,1,2\n,,y,1,3\n"), "1 guest 2026-10-30T09:15:00Z updated - completed total 5 tax - included - shipping - discount - refunded -\n  x 1 x 2 less -\n  y 1 x 3 less -"},
		"nothing":                    {lines(""), nil, ""},
		"a header":                   {lines(""), []byte("No,At,Art,N,Sum\n"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, strings.Join(readBy(t, tc.yaml, "orders/f.csv", tc.in), "\n")); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWrongSources: each file of testdata/wrong is refused, with the line of what is wrong.
// What is to be said stands in its comments: # line: message.
func TestWrongSources(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/wrong/*.yaml")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				_, err := source.Parse(filepath.Base(path), content)
				mapping, _, _ := strings.Cut(string(content), "# ")
				for line := range strings.Lines(err.Error() + "\n") {
					mapping += "# " + strings.TrimPrefix(line, filepath.Base(path)+":")
				}
				if err := os.WriteFile(path, []byte(mapping), 0o644); err != nil {
					t.Fatal(err)
				}
				content = []byte(mapping)
			}
			var want []string
			for line := range strings.Lines(string(content)) {
				if text, ok := strings.CutPrefix(line, "# "); ok {
					want = append(want, filepath.Base(path)+":"+strings.TrimSpace(text))
				}
			}
			_, err = source.Parse(filepath.Base(path), content)
			if err == nil {
				t.Fatal("the source is accepted")
			}
			if diff := cmp.Diff(strings.Join(want, "\n"), err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

// parseAnd reads a small file by a source if it is one.
func parseAnd(t *testing.T, yaml []byte) {
	t.Helper()
	s, err := source.Parse("f.yaml", yaml)
	if err != nil {
		return
	}
	for _, kind := range kinds {
		m := s.For(kind)
		if m == nil {
			continue
		}
		for _, content := range []string{`{"id":1,"line_items":[{"quantity":1,"price":"1"}]}`, "id,quantity\n1,2\n"} {
			var out readingtest.Memory
			_, err := reading.NewBy(readingtest.File(kind, "f"), policy, m, time.Time{}).Read(t.Context(), func(context.Context) (io.ReadCloser, int64, error) {
				return io.NopCloser(strings.NewReader(content)), -1, nil
			}, &out)
			if err != nil {
				t.Errorf("reading: %v", err)
			}
		}
	}
}

// TestAllFaults: a record tells all that is wrong with it at once, each with the place in the
// export, and nothing that only follows from another fault.
func TestAllFaults(t *testing.T) {
	t.Parallel()
	const yaml = "orders: {json: {fields: {order_id: /id, order_timestamp: /at, payment_status: {value: completed}, tax_amount: /t, shipping_amount: /s}, items: {over: /i, fields: {" + itemBase + "}}}}"
	got := readBy(t, yaml, "orders/f", []byte(`{"at":"soon","t":"1,5","s":"-1","i":[{"q":"x","p":"$5"},{"q":1,"p":"1"},{"p":2}]}`))
	if len(got) != 1 {
		t.Fatal(got)
	}
	for _, want := range []string{"7 faults:", "order_id (from /id): ", "order_timestamp (from /at): ", `tax_amount (from /t): the amount is not a decimal number: "1,5"`,
		"shipping_amount (from /s): ", "items[0].quantity (from /i/0/q): ", "items[0].unit_price (from /i/0/p): ", "items[2].quantity (from /i/2/q): "} {
		if !strings.Contains(got[0], want) {
			t.Errorf("%s\nlacks %s", got[0], want)
		}
	}
}

// TestCatalogs reads products and customers of other shapes than the samples'.
func TestCatalogs(t *testing.T) {
	t.Parallel()
	const products = "products: {csv: {numbers: {strip: [\"$\", \"€\"], decimal_mark: \",\", thousands_mark: \".\"}, fields: {product_id: Art, product_name: Name, category: Cat, price: Price, stock_level: Stock}}}"
	const customers = "customers: {json: {fields: {customer_id: /no, name: /name, email: /mail, registration_date: {from: /since, times: {layout: \"%d.%m.%Y\"}}, customer_tier: {value: basic}}}}"
	for name, tc := range map[string]struct{ yaml, kind, in, want string }{
		"semicolons, marks and signs": {products, "products/f.csv", "Art;Name;Cat;Price;Stock\nP-1;\"Mug; \"\"good\"\"\";Home;1.234,50;5\nP-2;Mug;;$ 12,50;\nP-3;Mug;Home;12,5,0;5\n",
			"P-1 / Mug; \"good\" / Home / 1234.5 / 5\nP-2 / Mug / - / 12.5 / -\ninvalid_amount price (from Price): the amount is not a decimal number: \"12,5,0\"; how numbers are written, their marks and signs, belongs into numbers of the source"},
		"no price":   {products, "products/f.csv", "Art;Name;Cat;Price;Stock\nP-1;Mug;Home;;5\n", "missing_field price (from Price): the field is required"},
		"no column":  {products, "products/f.csv", "Art;Name;Cat\nP-1;Mug;Home\n", "file header_mismatch: the header lacks Price, which price is read from; separated by ';' it has [\"Art\" \"Name\" \"Cat\"]"},
		"customers":  {customers, "customers/f.json", `{"no":7,"name":"Ann, Lee","mail":"ann@example.com","since":"28.02.2025"}`, "7 / Ann, Lee / ann@example.com / 2025-02-28 / basic"},
		"no day":     {customers, "customers/f.json", `{"no":7,"since":null}`, "7 /  /  / - / basic"},
		"not mapped": {"customers: {json: {fields: {customer_id: /no, name: /name, email: /mail}}}", "customers/f.json", `{"no":7}`, "7 /  /  / - / -"},
		"a bad date": {customers, "customers/f.json", `{"no":7,"since":"31.02.2025"}`, "invalid_timestamp registration_date (from /since): the time is not written as the source says: \"31.02.2025\"; its layout and zone belong into times of the source"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, strings.Join(readBy(t, tc.yaml, tc.kind, []byte(tc.in)), "\n")); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
		})
	}
}
