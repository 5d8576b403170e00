package cell

import (
	"math/big"
	"testing"
)

func billionths(upper int64, lower uint64) string {
	n := new(big.Int).Lsh(big.NewInt(upper), 64)
	return n.Add(n, new(big.Int).SetUint64(lower)).String()
}

func TestParseNumeric(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"0", "0"}, {"-0.0", "0"}, {"1", "1000000000"}, {"-1.5", "-1500000000"}, {".5", "500000000"}, {"5.", "5000000000"},
		{"0.000000001", "1"}, {"-0.000000001", "-1"}, {"0.0000000010", "1"}, {"1e3", "1000000000000"}, {"+12E-1", "1200000000"},
		{"120e-10", "12"}, {"000000000000000000000000000000000000000000001", "1000000000"},
		{"99999999999999999999999999999.999999999", "99999999999999999999999999999999999999"},
		{"-99999999999999999999999999999.999999999", "-99999999999999999999999999999999999999"},
		{"0.0000000001", ""}, {"123e-10", ""}, {"100000000000000000000000000000", ""}, {"1e29", ""}, {"1e999", ""}, {"0e999", "0"},
		{"", ""}, {"-", ""}, {".", ""}, {"1.2.3", ""}, {"1e", ""}, {"1e+", ""}, {"1e1000", ""}, {"x", ""}, {"1 ", ""}, {"NaN", ""}, {"0x1", ""},
	} {
		upper, lower, ok := ParseNumeric([]byte(c.in))
		got := ""
		if ok {
			got = billionths(upper, lower)
		}
		if got != c.want {
			t.Errorf("ParseNumeric(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestBinaryNumeric(t *testing.T) {
	t.Parallel()
	full := func(v byte) []byte {
		b := make([]byte, 16)
		for i := range b {
			b[i] = v
		}
		return b
	}
	for _, c := range []struct {
		in   []byte
		want string
	}{
		{[]byte{0}, "0"}, {[]byte{0xff}, "-1"}, {[]byte{0x00, 0xca, 0x9a, 0x3b}, "1000000000"}, {full(0xff), "-1"},
		{full(0x7f), ""}, {nil, ""}, {make([]byte, 17), ""},
	} {
		upper, lower, ok := BinaryNumeric(c.in)
		got := ""
		if ok {
			got = billionths(upper, lower)
		}
		if got != c.want {
			t.Errorf("BinaryNumeric(%x) = %q, want %q", c.in, got, c.want)
		}
	}
}
