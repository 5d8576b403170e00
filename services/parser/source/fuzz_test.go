package source_test

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzSources reads hostile files by the built-in sources: whatever they hold, a record is
// loaded or refused with its own bytes, and nothing panics.
func FuzzSources(f *testing.F) {
	set := load(f)
	names := []string{"orders/shopify/f", "orders/woocommerce/f", "orders/order-lines-csv/f", "products/shopify/f", "orders/magento/f", "orders/stripe/f"}
	samples, err := filepath.Glob("testdata/samples/*/*/*")
	if err != nil {
		f.Fatal(err)
	}
	for i, path := range samples {
		if content, err := os.ReadFile(path); err == nil && len(content) < 20_000 {
			f.Add(byte(i), content)
		}
	}
	f.Add(byte(0), []byte(`{"orders":[{"id":1e999,"line_items":[{"quantity":-1e9,"price":"999999999999999999"}],"refunds":{}}]}`))
	f.Add(byte(1), []byte(`[{"id":[],"line_items":[{"quantity":999999999,"subtotal":"999999999999999999.999999999","total":"-0.000000001"}]}]`))
	f.Fuzz(func(t *testing.T, which byte, content []byte) {
		m, out := read(t, set, names[int(which)%len(names)], content)
		if m.GetRecords() != int64(len(out.Records)) {
			t.Errorf("%d records of %d", len(out.Records), m.GetRecords())
		}
		for _, r := range out.Rejected {
			if string(content[r.GetByteOffset():][:r.GetByteLength()]) != string(r.GetPayload()) && r.GetByteLength() <= 1<<20 {
				t.Errorf("record %d is not kept as it stands", r.GetSource().GetRecordIndex())
			}
			if r.GetRule() == "" || r.GetMessage() == "" {
				t.Errorf("record %d is refused without a reason", r.GetSource().GetRecordIndex())
			}
		}
	})
}

// FuzzParse reads hostile descriptions: they are refused or usable.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"builtin/*.yaml", "examples/*.yaml", "testdata/wrong/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, path := range files {
			content, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(content)
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) { parseAnd(t, content) })
}
