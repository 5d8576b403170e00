package parts

import (
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
)

// TestParts wants every part to say what it is, and to stand in two places at least, statements or other parts: what
// stands in one is written there.
func TestParts(t *testing.T) {
	t.Parallel()
	included := make(map[string]int)
	statements := os.DirFS("..") // and views
	paths, err := fs.Glob(statements, "*/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range paths {
		src, err := fs.ReadFile(statements, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range includeLine.FindAllStringSubmatch(string(src), -1) {
			included[m[2]]++
		}
	}
	paths, err = fs.Glob(files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range paths {
		src, err := fs.ReadFile(files, file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(src)
		if !strings.HasPrefix(text, "-- ") || !strings.HasSuffix(text, "\n") || strings.Contains(text, ";") || strings.Contains(text, "\t") || strings.Contains(text, " \n") {
			t.Errorf("%s: wants a header comment, a last line break, and no semicolon, tab or trailing blank", file)
		}
		if n := included[strings.TrimSuffix(path.Base(file), ".sql")]; n < 2 {
			t.Errorf("%s stands in %d places", file, n)
		}
	}
}

// TestInclude indents a part as the line is that includes it, and a part within that once more.
func TestInclude(t *testing.T) {
	t.Parallel()
	text, err := Include("SELECT 1\n  -- @include chosen_orders\n;\n")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text, "\n  AND order_timestamp < @to_time\n") || !strings.HasSuffix(text, "\n  -- @end\n;\n") {
		t.Errorf("text %q", text)
	}
	if text, err = Include("SELECT\n  -- @include hour_figures\n;\n"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text, "\n    CASE\n") || !strings.HasSuffix(text, "\n    END\n  ) AS paid_revenue\n;\n") {
		t.Errorf("text %q", text)
	}
}

// TestIncludeOfNone: what is no part, and a part within itself, are errors.
func TestIncludeOfNone(t *testing.T) {
	t.Parallel()
	for name, include := range map[string]func() (string, error){
		"no part": func() (string, error) { return Include("SELECT 1\n-- @include none\n;\n") },
		"itself":  func() (string, error) { return include("-- @include order_mark\n", []string{"order_mark"}) },
	} {
		if text, err := include(); err == nil {
			t.Errorf("%s: text %q", name, text)
		}
	}
}
