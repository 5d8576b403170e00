package lexer

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTokenize(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, src string
		want      []string
	}{
		{"words and operators", "SELECT a.b<=1.5", []string{"SELECT", "a", ".", "b", "<=", "1.5"}},
		{"comments", "a -- 'x\nb # \"y\nc /* `z */ d", []string{"a", "b", "c", "d"}},
		{"comment at the end", "a --", []string{"a"}},
		{"escaped quote", `'it\'s' x`, []string{`'it\'s'`, "x"}},
		{"other quote inside", `"it's" x`, []string{`"it's"`, "x"}},
		{"raw and bytes", `r'\' 'x b"y" rb'z'`, []string{`r'\' '`, "x", `b"y"`, "rb'z'"}},
		{"word before quote", "DATE'2026-01-01'", []string{"DATE", "'2026-01-01'"}},
		{"triple quotes", "'''a\n'b''' c", []string{"'''a\n'b'''", "c"}},
		{"empty string", "'' x", []string{"''", "x"}},
		{"quoted name", "`a-b.c` x", []string{"`a-b.c`", "x"}},
		{"parameters", "@a=@@b+?", []string{"@a", "=", "@@b", "+", "?"}},
		{"numbers", "1 0xA .5 1e3 1.", []string{"1", "0xA", ".5", "1e3", "1."}},
		{"nothing", " -- a", []string{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tokens, err := Tokenize(test.src)
			if err != nil {
				t.Fatal(err)
			}
			got := make([]string, len(tokens)-1)
			for i := range got {
				got[i] = test.src[tokens[i].Pos:tokens[i].End]
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("tokens (-want +got):\n%s", diff)
			}
			if last := tokens[len(tokens)-1]; last.Kind != EOF {
				t.Errorf("the last is %v", last)
			}
		})
	}
}

// TestValues: a token's text is what it means.
func TestValues(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]Token{
		"Order":           {Kind: Identifier, Text: "Order", Upper: "ORDER"},
		"`Order`":         {Kind: Quoted, Text: "Order"},
		`'a\n\x41\u00e9'`: {Kind: String, Text: "a\nAé"},
		`r"a\n"`:          {Kind: String, Text: `a\n`},
		`b'\xff'`:         {Kind: Bytes, Text: "\xff"},
		"0xff":            {Kind: Integer, Text: "255"},
		"1.50":            {Kind: Float, Text: "1.50"},
		"@Name":           {Kind: Parameter, Text: "name"},
		"@@Project":       {Kind: System, Text: "project"},
		"?":               {Kind: Parameter, Text: "?1"},
		">>":              {Kind: Operator, Text: ">>"},
	} {
		tokens, err := Tokenize(src)
		if err != nil {
			t.Fatal(err)
		}
		want.End = len(src)
		if diff := cmp.Diff(want, tokens[0]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", src, diff)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, src, want string }{
		{"open comment", "a\n/* b", "sql: line 2: Unclosed comment"},
		{"open string", "a 'b", "sql: line 1: Unclosed string literal"},
		{"line break in string", "'a\nb'", "sql: line 1: Unclosed string literal"},
		{"open triple quotes", "'''a''", "sql: line 1: Unclosed string literal"},
		{"backslash at the end", `'a\`, "sql: line 1: Unclosed string literal"},
		{"unknown escape", `'\q'`, `sql: line 1: Illegal escape sequence: \q`},
		{"open name", "`a", "sql: line 1: Unclosed or empty identifier literal"},
		{"no parameter", "@ a", `sql: line 1: Unexpected "@"`},
		{"no parameter at the end", "@@", `sql: line 1: Unexpected "@"`},
		{"doubled quote", "'it''s'", "sql: line 1: concatenated string literals must be separated by whitespace or comments"},
		{"other bytes", "a \xff", "sql: Structurally invalid UTF8 string"},
		{"other characters", "a\n é", `sql: line 2: Illegal input character 'é'`},
		{"a placeholder", "a %s", `sql: line 1: Illegal input character '%'`},
		{"a number that goes on", "12ab", "sql: line 1: Missing whitespace between literal and alias"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := Tokenize(test.src)
			if message(err) != test.want {
				t.Errorf("error %q, want %q", message(err), test.want)
			}
		})
	}
}

func TestInFile(t *testing.T) {
	t.Parallel()
	_, err := Tokenize("a\n 'b")
	err = InFile("x/y.sql", err)
	want := &SyntaxError{File: "x/y.sql", Line: 2, Column: 2, Message: "Unclosed string literal"}
	if diff := cmp.Diff(error(want), err); diff != "" || err.Error() != "sql: x/y.sql:2: Unclosed string literal" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if again := InFile("z.sql", err); again.Error() != "sql: z.sql: "+err.Error() {
		t.Errorf("a file within a file: %v", again)
	}
}

func TestStatement(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, src, want, wantErr string }{
		{name: "semicolon", src: "SELECT 1;\n", want: "SELECT 1"},
		{name: "no semicolon", src: "SELECT 1\n", want: "SELECT 1"},
		{name: "header kept", src: "-- why\nSELECT 1 ;", want: "-- why\nSELECT 1"},
		{name: "blanks before", src: "\n  SELECT 1;", want: "SELECT 1"},
		{name: "semicolon in text", src: "SELECT ';' -- ;\n;", want: "SELECT ';'"},
		{name: "comment after", src: "SELECT 1; -- end", want: "SELECT 1"},
		{name: "two", src: "SELECT 1;\nSELECT 2;", wantErr: "sql: line 1: more than one statement in a file"},
		{name: "empty", src: "-- nothing\n;", wantErr: "sql: line 1: no statement"},
		{name: "open string", src: "SELECT\n'a", wantErr: "sql: line 2: Unclosed string literal"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, tokens, err := Statement(test.src)
			if message(err) != test.wantErr || got != test.want {
				t.Fatalf("%q, %q; want %q, %q", got, message(err), test.want, test.wantErr)
			}
			if n := len(tokens); err == nil && (tokens[n-1].End != len(got) || got[tokens[0].Pos:tokens[0].End] != "SELECT") {
				t.Errorf("tokens %v of %q", tokens, got)
			}
		})
	}
}

// message is an error's text, empty for nil.
func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// FuzzTokenize feeds any bytes to the lexer: it must come back with a SyntaxError, or with
// tokens that lie in order inside the text.
func FuzzTokenize(f *testing.F) {
	f.Add(`SELECT r'\'', b"""x""" FROM t WHERE d IN UNNEST(@day_dates) -- @day_dates`)
	f.Add("CREATE TABLE `t` (a ARRAY<STRUCT<b INT64 NOT NULL OPTIONS (description = '\\n')>>) /* x */ CLUSTER BY a; ? 0x1F 1.5e3 @@x")
	f.Fuzz(func(t *testing.T, src string) {
		tokens, err := Tokenize(src)
		if err != nil {
			if !errors.As(err, new(*SyntaxError)) {
				t.Errorf("error is no SyntaxError: %v", err)
			}
			return
		}
		end := 0
		for _, token := range tokens[:len(tokens)-1] {
			if token.Pos < end || token.End <= token.Pos || token.End > len(src) {
				t.Fatalf("token [%d, %d) after offset %d", token.Pos, token.End, end)
			}
			end = token.End
		}
		if _, _, err := Statement(src); err != nil && !errors.As(err, new(*SyntaxError)) {
			t.Errorf("error is no SyntaxError: %v", err)
		}
	})
}
