package source_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf16"

	"github.com/zackkki/ecomm_datapipeline/services/parser/reading"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading/readingtest"
	"github.com/zackkki/ecomm_datapipeline/services/parser/source"
)

// TestUTF16KeepsBytes: records of a file of UTF-16 have the place and the bytes that they
// have in the file, with a byte order mark and without, whatever the characters.
func TestUTF16KeepsBytes(t *testing.T) {
	t.Parallel()
	const yaml = "products: {csv: {encoding: ENC, fields: {product_id: Art, product_name: Name, price: Price}}}"
	text := "Art,Name,Price\n" + strings.Repeat("1,grün 茶 🙂,2.50\n2,\"茶\n碗\",x\n", 2000)
	var units = utf16.Encode([]rune(text))
	for name, tc := range map[string]struct {
		encoding string
		order    binary.AppendByteOrder
		mark     bool
	}{
		"little, marked":   {"utf-16", binary.LittleEndian, true},
		"big, marked":      {"utf-16", binary.BigEndian, true},
		"little, unmarked": {"utf-16", binary.LittleEndian, false},
		"utf-16le":         {"utf-16le", binary.LittleEndian, false},
		"utf-16le, marked": {"utf-16le", binary.LittleEndian, true},
		"utf-16be":         {"utf-16be", binary.BigEndian, false},
		"utf-16be, marked": {"utf-16be", binary.BigEndian, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var content []byte
			if tc.mark {
				content = tc.order.AppendUint16(content, 0xfeff)
			}
			for _, unit := range units {
				content = tc.order.AppendUint16(content, unit)
			}
			s, err := source.Parse("test.yaml", []byte(strings.Replace(yaml, "ENC", tc.encoding, 1)))
			if err != nil {
				t.Fatal(err)
			}
			var out readingtest.Memory
			m, err := reading.NewBy(readingtest.File(kinds["products"], "products/f.csv"), policy, s.For(kinds["products"]), time.Time{}).Read(t.Context(),
				func(context.Context) (io.ReadCloser, int64, error) {
					return io.NopCloser(iotest.HalfReader(bytes.NewReader(content))), int64(len(content)), nil
				}, &out)
			if err != nil || m.GetRecords() != 4000 || len(out.Rejected) != 2000 || len(out.Messages) != 2000 {
				t.Fatalf("%d of %d records refused (%v): %s", len(out.Rejected), m.GetRecords(), err, m.GetReasonDetail())
			}
			end := int64(0)
			for i, place := range out.Records {
				if place.GetByteOffset() < end && i%2 == 0 {
					t.Fatalf("record %d begins at %d, before the end of the one before", i, place.GetByteOffset())
				}
				end = place.GetByteOffset() + place.GetByteLength()
			}
			for _, r := range out.Rejected {
				if at := content[r.GetByteOffset():][:r.GetByteLength()]; !bytes.Equal(at, r.GetPayload()) {
					t.Fatalf("record %d is kept as %q, in the file it is %q", r.GetSource().GetRecordIndex(), r.GetPayload(), at)
				}
			}
		})
	}
}
