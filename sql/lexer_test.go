package sql

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLex(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, src string
		want      []string
	}{
		{"words and punctuation", "SELECT a.b<=1.5", []string{"SELECT", "a", ".", "b", "<", "=", "1", ".", "5"}},
		{"nested types close one by one", "ARRAY<STRUCT<a INT64>>", []string{"ARRAY", "<", "STRUCT", "<", "a", "INT64", ">", ">"}},
		{"comments", "a -- 'x\nb # \"y\nc /* `z */ d", []string{"a", "b", "c", "d"}},
		{"comment at the end", "a --", []string{"a"}},
		{"escaped quote", `'it\'s' x`, []string{`'it\'s'`, "x"}},
		{"other quote inside", `"it's" x`, []string{`"it's"`, "x"}},
		{"raw and bytes", `r'\' 'x b"y" rb'z'`, []string{`r'\' '`, "x", `b"y"`, "rb'z'"}},
		{"word before quote", "DATE'2026-01-01'", []string{"DATE", "'2026-01-01'"}},
		{"triple quotes", "'''a\n'b''' c", []string{"'''a\n'b'''", "c"}},
		{"empty string", "'' x", []string{"''", "x"}},
		{"quoted name", "`a-b.c` x", []string{"`a-b.c`", "x"}},
		{"parameters", "@a=@@b", []string{"@a", "=", "@@b"}},
		{"other bytes", "\xff\x00é", []string{"\xff", "\x00", "\xc3", "\xa9"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tokens, err := lex(test.src)
			if err != nil {
				t.Fatal(err)
			}
			got := make([]string, len(tokens))
			for i, token := range tokens {
				got[i] = token.text(test.src)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("tokens (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLexErrors(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, src, want string }{
		{"open comment", "a\n/* b", "sql: line 2: comment is not closed"},
		{"open string", "a 'b", "sql: line 1: ' is not closed"},
		{"line break in string", "'a\nb'", "sql: line 1: ' is not closed on its line"},
		{"open triple quotes", "'''a''", "sql: line 1: ''' is not closed"},
		{"backslash at the end", `'a\`, "sql: line 1: ' is not closed"},
		{"open name", "`a", "sql: line 1: ` is not closed"},
		{"no parameter", "@ a", "sql: line 1: @ without a parameter's name"},
		{"no parameter at the end", "@@", "sql: line 1: @ without a parameter's name"},
		{"doubled quote", "'it''s'", `sql: line 1: a doubled quote is no escape in GoogleSQL: write \' or use the other kind of quotes`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := lex(test.src)
			if message(err) != test.want {
				t.Errorf("lex(%q) error = %q, want %q", test.src, message(err), test.want)
			}
		})
	}
}

// FuzzReaders feeds any bytes to everything that reads SQL here: it must come
// back with a SyntaxError or with tokens that lie in order inside the text.
func FuzzReaders(f *testing.F) {
	group, err := Group("schema")
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range group {
		f.Add(s.Text)
	}
	f.Add(`SELECT r'\'', b"""x""" FROM t WHERE d IN UNNEST(@day_dates) -- @day_dates`)
	f.Add("CREATE TABLE t (a ARRAY<STRUCT<b INT64 NOT NULL OPTIONS (description = '\\n')>>) CLUSTER BY a")
	f.Fuzz(func(t *testing.T, src string) {
		var syntax *SyntaxError
		tokens, err := lex(src)
		if err != nil && !errors.As(err, &syntax) {
			t.Errorf("lex error is no SyntaxError: %v", err)
		}
		end := 0
		for _, token := range tokens {
			if token.start < end || token.end <= token.start || token.end > len(src) {
				t.Fatalf("token [%d, %d) after offset %d", token.start, token.end, end)
			}
			end = token.end
		}
		if _, err := parseDDL(src); err != nil && !errors.As(err, &syntax) {
			t.Errorf("DDL error is no SyntaxError: %v", err)
		}
		inlined, err := InlineDates(src, map[string][]int32{"day_dates": {0}})
		if err != nil {
			if !errors.As(err, &syntax) {
				t.Errorf("dates error is no SyntaxError: %v", err)
			}
			return
		}
		if again, err := InlineDates(inlined, nil); err != nil || again != inlined {
			t.Errorf("inlining twice changes %q to %q, error %v", inlined, again, err)
		}
	})
}
