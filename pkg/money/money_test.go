package money

import (
	"errors"
	"math/big"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text, want string
		rounded    bool
		err        error
	}{
		{text: "0", want: "0"},
		{text: "-0", want: "0"},
		{text: "66.73", want: "66.73"},
		{text: "66.730", want: "66.73"},
		{text: "-0.5", want: "-0.5"},
		{text: "-12.05", want: "-12.05"},
		{text: "007.50", want: "7.5"},
		{text: "000000000000000000001", want: "1"},
		{text: "0.1234567890", want: "0.123456789"},
		{text: "-999999999999999999.999999999", want: "-999999999999999999.999999999"},
		{text: "1e2", want: "100"},
		{text: "1.5E-3", want: "0.0015"},
		{text: "123456789012345678.123456789", want: "123456789012345678.123456789"},
		{text: "0.1234567885", want: "0.123456788", rounded: true},
		{text: "0.1234567895", want: "0.12345679", rounded: true},
		{text: "0.12345678850001", want: "0.123456789", rounded: true},
		{text: "266.90000000000003", want: "266.9", rounded: true},
		{text: "0.9999999999", want: "1", rounded: true},
		{text: "1e-999", want: "0", rounded: true},
		{text: "5e-10", want: "0", rounded: true},
		{text: "6e-10", want: "0.000000001", rounded: true},
		{text: "5e-11", want: "0", rounded: true},
		{text: "0e999", want: "0"},
		{text: "1234567890123456789", err: ErrRange},
		{text: "1e18", err: ErrRange},
		{text: "1e999", err: ErrRange},
		{text: "1e1000", err: ErrRange},
		{text: "1" + strings.Repeat("0", 100), err: ErrRange},
		{text: "", err: ErrSyntax},
		{text: "-", err: ErrSyntax},
		{text: ".5", err: ErrSyntax},
		{text: "5.", err: ErrSyntax},
		{text: "1e", err: ErrSyntax},
		{text: "1e+", err: ErrSyntax},
		{text: "+1", err: ErrSyntax},
		{text: "NaN", err: ErrSyntax},
		{text: "1 ", err: ErrSyntax},
		{text: "1,5", err: ErrSyntax},
		{text: "1.5.5", err: ErrSyntax},
		{text: "--1", err: ErrSyntax},
		{text: "0x10", err: ErrSyntax},
	} {
		t.Run(tc.text, func(t *testing.T) {
			t.Parallel()
			m, rounded, err := Parse([]byte(tc.text), "USD")
			if !errors.Is(err, tc.err) {
				t.Fatalf("Parse error = %v, want %v", err, tc.err)
			}
			if err != nil {
				return
			}
			if got := Numeric(m); got != tc.want || rounded != tc.rounded {
				t.Errorf("Parse = %s, rounded %t; want %s, %t", got, rounded, tc.want, tc.rounded)
			}
		})
	}
}

// FuzzParse compares every accepted amount with exact rational arithmetic.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"66.73", "-1e-9", "0.1234567885", "999999999999999999.9999999999", "1e17"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, rounded, err := Parse([]byte(s), "USD")
		if err != nil {
			return
		}
		exact, ok := new(big.Rat).SetString(s)
		if !ok {
			t.Fatalf("%q accepted, but it is no number", s)
		}
		got, _ := new(big.Rat).SetString(Numeric(m))
		diff := new(big.Rat).Sub(exact, got)
		if rounded == (diff.Sign() == 0) {
			t.Fatalf("%q: rounded = %t, difference %s", s, rounded, diff)
		}
		if half := big.NewRat(1, 2*nanosPerUnit); diff.Abs(diff).Cmp(half) > 0 {
			t.Fatalf("%q became %s", s, Numeric(m))
		}
	})
}

func BenchmarkParse(b *testing.B) {
	text := []byte("1123.58")
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Parse(text, "USD"); err != nil {
			b.Fatal(err)
		}
	}
}
