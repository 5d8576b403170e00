package sql

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

func TestStatementKeepsHeaderAndDropsSemicolon(t *testing.T) {
	t.Parallel()
	text, err := Statement("seed/pipeline_fence")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(text, "-- Fills pipeline_fence") {
		t.Errorf("header comment is gone:\n%s", text)
	}
	if !strings.HasSuffix(text, "(SELECT 1 FROM pipeline_fence)") {
		t.Errorf("does not end where the statement ends:\n%s", text)
	}
}

func TestGroupIsInOrderOfNames(t *testing.T) {
	t.Parallel()
	group, err := Group("schema")
	if err != nil {
		t.Fatal(err)
	}
	if len(group) == 0 {
		t.Fatal("schema is empty")
	}
	if !slices.IsSortedFunc(group, func(a, b NamedStatement) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("statements are not in the order of their names")
	}
	for _, s := range group {
		text, err := Statement(s.Name)
		if err != nil {
			t.Fatal(err)
		}
		if text != s.Text {
			t.Errorf("Group and Statement differ in %s", s.Name)
		}
	}
}

func TestUnknownNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "schema", "schema/none", "../go", "/etc/passwd", "schema/fact_orders.sql"} {
		if _, err := Statement(name); !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("Statement(%q) error = %v, want not exist or invalid", name, err)
		}
	}
	if _, err := Group("none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Group(none) error = %v, want not exist", err)
	}
}

func TestSingle(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, src, want, wantErr string }{
		{name: "semicolon", src: "SELECT 1;\n", want: "SELECT 1"},
		{name: "no semicolon", src: "SELECT 1\n", want: "SELECT 1"},
		{name: "header kept", src: "-- why\nSELECT 1 ;", want: "-- why\nSELECT 1"},
		{name: "semicolon in text", src: "SELECT ';' -- ;\n;", want: "SELECT ';'"},
		{name: "comment after", src: "SELECT 1; -- end", want: "SELECT 1"},
		{name: "two", src: "SELECT 1;\nSELECT 2;", wantErr: "sql: line 1: more than one statement in a file"},
		{name: "empty", src: "-- nothing\n;", wantErr: "sql: line 1: no statement"},
		{name: "open string", src: "SELECT\n'a", wantErr: "sql: line 2: ' is not closed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := single(test.src)
			if message(err) != test.wantErr || got != test.want {
				t.Errorf("single(%q) = %q, %q; want %q, %q", test.src, got, message(err), test.want, test.wantErr)
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
