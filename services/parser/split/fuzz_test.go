package split

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

// checkAccounted holds that records stand in the file where they say, in order,
// and that nothing but separators lies between them, and in a table its header once
// more, which the record behind it must say.
func checkAccounted(t *testing.T, in []byte, separators string, table bool, open func(io.Reader) (Splitter, error)) {
	t.Helper()
	whole, err := open(bytes.NewReader(in))
	slow, slowErr := open(iotest.HalfReader(bytes.NewReader(in)))
	if (err == nil) != (slowErr == nil) {
		t.Fatalf("opening depends on the size of reads: %v, %v", err, slowErr)
	}
	if err != nil {
		if _, ok := errors.AsType[*FileError](err); !ok {
			t.Fatalf("opening fails with %v", err)
		}
		return
	}
	at := int64(len(in)) - int64(len(bytes.TrimPrefix(in, []byte("\xef\xbb\xbf"))))
	var header []byte // a table's
	for {
		r, err := whole.Next()
		other, otherErr := slow.Next()
		if !errors.Is(err, otherErr) || r.Offset != other.Offset || r.Length != other.Length || r.Rule != other.Rule || !bytes.Equal(r.Data, other.Data) {
			t.Fatalf("the size of reads shows: %v %v, %v %v", r, err, other, otherErr)
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				t.Fatalf("ended with %v", err)
			}
			checkBetween(t, in[at:], separators, header)
			return
		}
		if r.Offset < at || r.Offset+r.Length > int64(len(in)) {
			t.Fatalf("record at %d of %d bytes; the one before ended at %d of %d", r.Offset, r.Length, at, len(in))
		}
		if repeated := checkBetween(t, in[at:r.Offset], separators, header); repeated != r.AfterHeader {
			t.Fatalf("record at %d says %v of a header before it, want %v", r.Offset, r.AfterHeader, repeated)
		}
		if !bytes.Equal(in[r.Offset:r.Offset+int64(len(r.Data))], r.Data) {
			t.Fatalf("record at %d is %q", r.Offset, r.Data)
		}
		if table && header == nil {
			header = r.Data
		}
		at = r.Offset + r.Length
	}
}

// checkBetween says whether headers are repeated between two records.
func checkBetween(t *testing.T, between []byte, separators string, header []byte) (repeated bool) {
	t.Helper()
	for len(between) > 0 {
		r, size := utf8.DecodeRune(between)
		switch n := len(header); {
		case n > 0 && n <= len(between) && repeats(between[:n], header) && (n == len(between) || strings.IndexByte("\r\n", between[n]) >= 0):
			between, repeated = between[n:], true
		case strings.ContainsRune(separators, r):
			between = between[size:]
		default:
			t.Fatalf("no record has %q", between)
		}
	}
	return repeated
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{
		"", "{1}\n{2}\r\n\n x", "[{1},{\"a\":[\"]\"]} , 3]\n", "[", "[,]", "[1,]", "[1] x", "\xef\xbb\xbf[{\"a", "[{}}]", "[\"\\\"\",1]",
		"[1]\n[2,3\n[4]", "{1}{2} {3", "[1][2]{3}\xef\xbb\xbf{4}", "[\n1]\n[\n2",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		checkAccounted(t, in, whiteSpace+"[],\ufeff", false, Orders)
	})
}

func FuzzRows(f *testing.F) {
	for _, s := range []string{"", "a,b\n1,2\r\n", "a,\"x\ny\"\n", "\"\"\"\n", "\"\n\"\n\"", "a,\"b\"c\n\"", "\r\r\n", "a,\"b\"\r1,2\r\ufeff\"x\ry\"z\r\r\n", "a,b\n1,2\nA,b\nA,B\n3,4\na,b", "\"\"\n\"\"", " \xff\n \xff\n", "a,b\n,\n1,2\n,,\na,b\n,\n", "\xf4\r\ufeff\"x\n\xf5"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) { checkAccounted(t, in, whiteSpace+"\ufeff,", true, Rows) })
}

func BenchmarkOrders(b *testing.B) {
	line := `{"order_id": "54504ace", "items": [{"product_id": "PROD-1711", "quantity": 2}], "padding": "` + strings.Repeat("x", 380) + `"}`
	for name, file := range map[string]string{
		"lines": strings.Repeat(line+"\n", 10_000),
		"array": "[" + strings.Repeat(line+",\n", 9_999) + line + "]",
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				s, err := Orders(strings.NewReader(file))
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				for ; err == nil; n++ {
					_, err = s.Next()
				}
				if n != 10_001 || !errors.Is(err, io.EOF) {
					b.Fatalf("%d records, %v", n-1, err)
				}
			}
		})
	}
}
