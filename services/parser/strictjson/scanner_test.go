package strictjson

import (
	"bytes"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

var corpus = []string{
	`{}`, `[]`, `""`, `0`, `-0`, `true`, `false`, `null`, ` { "a" : [ 1 , 2.5e-3 , "x" ] } `,
	``, ` `, `{`, `}`, `[`, `]`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `[1,]`, `[,1]`, `[1 2]`, `{"a":1 "b":2}`,
	`01`, `-`, `1.`, `.5`, `1e`, `1e+`, `+1`, `0x1`, `NaN`, `Infinity`, `1e999999`, `123456789012345678901234567890`,
	`tru`, `nul`, `truex`, `{} {}`, `1 1`, `"a`, `"\`, `"\x"`, `"\u12"`, `"\u12g4"`, `"\ud800"`, `"\udc00"`, `"\ud83d\ude00"`,
	`"\ud800\u0041"`, `"\u0000"`, "\"\x00\"", "\"\n\"", "\"\xff\"", "\xff", "\"\xed\xa0\x80\"", `"é😀"`, "\ufeff{}",
	`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"a":{"b":1},"b":{"b":2}}`, `{"":1,"":2}`, "{\"a\":1\x00}",
	`"abcdefg\"hijklmnop"`, `"abcdefghijklmnopqrstuvwxyz` + "\x1f" + `"`, `"1234567é"`,
	strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth),
	strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1),
	strings.Repeat(`{"a":`, MaxDepth) + "1" + strings.Repeat("}", MaxDepth),
}

// accepts is the judge: jsontext with its default, strict options. It has no
// limit on depth of our kind, so that one is checked apart.
func accepts(raw []byte) bool {
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	if _, err := d.ReadValue(); err != nil {
		return false
	}
	_, err := d.ReadToken()
	return err != nil && err.Error() == "EOF"
}

func depth(raw []byte) (deepest int) {
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	for {
		if _, err := d.ReadToken(); err != nil {
			return deepest
		}
		deepest = max(deepest, d.StackDepth())
	}
}

func checkAgainstJudge(t *testing.T, raw []byte) {
	t.Helper()
	var s Scanner
	s.Reset(raw)
	ok := s.Skip() && s.End()
	want := accepts(raw) && depth(raw) <= MaxDepth
	if ok != want {
		t.Fatalf("%q: accepted %t, want %t (error %v)", raw, ok, want, s.Err())
	}
	if ok == (s.Err() != nil) {
		t.Fatalf("%q: accepted %t with error %v", raw, ok, s.Err())
	}
	s.Reset(raw)
	canonical, ok := s.AppendCanonical(nil)
	if ok = ok && s.End(); ok != want {
		t.Fatalf("%q: canonical form given %t, want %t", raw, ok, want)
	}
	if !ok {
		return
	}
	if !accepts(canonical) {
		t.Fatalf("%q: the canonical form %q is not JSON", raw, canonical)
	}
	s.Reset(canonical)
	again, ok := s.AppendCanonical(nil)
	if !ok || !bytes.Equal(again, canonical) {
		t.Fatalf("%q: the canonical form %q becomes %q", raw, canonical, again)
	}
}

func TestScannerAgreesWithJSONText(t *testing.T) {
	t.Parallel()
	for _, text := range corpus {
		checkAgainstJudge(t, []byte(text))
	}
}

func FuzzScanner(f *testing.F) {
	for _, text := range corpus {
		f.Add([]byte(text))
	}
	f.Fuzz(checkAgainstJudge)
}

func TestErrorKinds(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range 5000 {
		many.WriteString(`"` + strings.Repeat("k", i%70+1) + string(rune('a'+i/70%26)) + string(rune('A'+i/1820)) + `":0,`)
	}
	for name, tc := range map[string]struct {
		text string
		want Kind
	}{
		"cut off":                    {`{"a":1`, Malformed},
		"raw NUL":                    {"{\"a\":\"\x00\"}", Malformed},
		"field twice":                {`{"a":1,"b":2,"a":3}`, DuplicateKey},
		"field twice, once escaped":  {`{"a":1,"\u0061":3}`, DuplicateKey},
		"field twice among thousand": {`{` + many.String() + `"ka` + "A" + `":1}`, DuplicateKey},
		"lone surrogate":             {`{"a":"\udfff"}`, InvalidUTF8},
		"Latin-1 text":               {"{\"a\":\"caf\xe9\"}", InvalidUTF8},
		"broken text outside string": {"{\"a\":\xc3}", InvalidUTF8},
		"too deep":                   {strings.Repeat(`[`, MaxDepth+1), TooDeep},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s Scanner
			s.Reset([]byte(tc.text))
			if s.Skip() && s.End() {
				t.Fatal("accepted")
			}
			if s.Err().Kind != tc.want {
				t.Errorf("error %v of kind %d, want %d", s.Err(), s.Err().Kind, tc.want)
			}
		})
	}
}

func TestCanonical(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		` { "b" : 1.50 , "a" : [ true , null ] } `: `{"a":[true,null],"b":1.5}`,
		`10.00`:                `10`,
		`1e1`:                  `10`,
		`-0.0`:                 `0`,
		`18446744073709551615`: `18446744073709551615`,
		// 2^64 is a double, but its shortest spelling as one is another number.
		`18446744073709551616`:            `"18446744073709551616"`,
		`123456789012345678901234567`:     `"123456789012345678901234567"`,
		`0.1000000000000000055511`:        `"1000000000000000055511e-22"`,
		`1e400`:                           `"1e400"`,
		`1e99999999999999999999`:          `"1e1000000000"`,
		`"\u0041\/\n"`:                    `"A/\u000a"`,
		`{"é":"\u00e9","\ud83d\ude00":1}`: `{"é":"é","😀":1}`,
	} {
		var s Scanner
		s.Reset([]byte(in))
		got, ok := s.AppendCanonical(nil)
		if !ok || string(got) != want {
			t.Errorf("canonical form of %s = %s, %t; want %s", in, got, ok, want)
		}
	}
}
