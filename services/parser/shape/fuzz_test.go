package shape_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/zackkki/ecomm_datapipeline/services/parser/shape"
	"github.com/zackkki/ecomm_datapipeline/services/parser/vocabulary"
)

// longest is how many bytes an answer may have: it stands in a finding, for a person.
const longest = 4 << 10

// FuzzShapes asks for the shape of any head. No question may panic, an answer is one sentence of
// text, the same for the same head, and native records are never called something else.
func FuzzShapes(f *testing.F) {
	const order = `{"order_id":"O-1","items":[{"product_id":"P-1"}],"total_amount":10.00}`
	for _, seed := range []string{
		"", order, order + "\n" + order, "[" + order + "]", order + "," + order, order + ",\n" + order + ",", "{", "[", "[[", "{}", "[]", "{\"a\":{\"a\":{\"a\":[{}]}}}",
		"{\n\"order_id\": 1\n}", `{"orders":[` + order + `]}`, `[{"orders":[{}]}]`, `{"order_id":{"0":"A"},"total":{"0":1}}`, `{"data":{"orders":{"edges":[{"node":{}}]}}}`,
		"{'a': 1}", "{a: 1}", "f({})", ")]}'\n{}", "data: {}\n", "a,b\n1,2\n", "a;b\n1,5;2\n", "sep=;\na;b", "sep=\n", "id,payload\n1,\"{\"\"a\"\":1}\"\n", "---\na: b\n", "- a\n",
		"INSERT INTO x VALUES (1);", "2026-11-01 10:00:00 INFO x", "a=1&b=2", "UNB+UNOC", "<html>", "<?xml version=\"1.0\"?><a/>", "<?xml", "%PDF-1", "PK\x03\x04", "PK\x03\x04\x14\x00",
		"\x1f\x8b", "PAR1", "Obj\x01", "\xff\xfea\x00", "\xfe\xff\x00a", "\xff\xfe\x00\x00", "\xef\xbb\xbf", "\xef\xbb\xbf{", "a\x00b", "M\xfcsli,1\n", "\"", "\"a\"\"", ",", "\r\r\n", "\u00a0",
		"product_id,product_name,category,price,stock_level\nP-1,Mug,Home,1,1\n", "Artikelnummer;Preis\n1;2,50\n", strings.Repeat("[", 70_000), strings.Repeat("{\"a\":", 20_000),
		"\x0a\x04\x0a\x02\x08\x01\x10\x05",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		head = head[:min(len(head), shape.HeadSize)]
		before := string(head)
		ask := func() []string {
			return []string{
				shape.Format(head), shape.Orders(head), shape.Encoding(head), shape.Wide(head), shape.Binary(head),
				shape.Table("products", head, vocabulary.ProductColumns, vocabulary.Products),
				shape.Table("customers", head, vocabulary.CustomerColumns, vocabulary.Customers),
			}
		}
		answers, again := ask(), ask()
		for i, answer := range answers {
			if answer != again[i] {
				t.Errorf("answer %d differs when asked again: %q, %q", i, answer, again[i])
			}
			if !utf8.ValidString(answer) || len(answer) > longest || strings.ContainsAny(answer, "\n\r\x00") {
				t.Errorf("answer %d is not one sentence of text: %.300q (%d bytes)", i, answer, len(answer))
			}
		}
		if string(head) != before {
			t.Error("the head was changed")
		}
		// Good records behind it or in it: lines of native orders stay what they are.
		if is := shape.Orders([]byte(order + "\n" + before)); is != "" && strings.TrimLeft(before, " \t\r\n\ufeff") != "" && !strings.HasPrefix(strings.TrimLeft(before, " \t\r\n\ufeff"), ",") {
			t.Errorf("a file that begins with a line of an order is called something else: %s", is)
		}
	})
}
