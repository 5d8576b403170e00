package parts

import (
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
)

// TestParts wants every part to say what it is, and to stand in two statements at least: what stands in one is written there.
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
		if includeLine.MatchString(text) {
			t.Errorf("%s includes another part", file)
		}
		if n := included[strings.TrimSuffix(path.Base(file), ".sql")]; n < 2 {
			t.Errorf("%s stands in %d statements", file, n)
		}
	}
}

// TestInclude indents a part as the line is that includes it.
func TestInclude(t *testing.T) {
	t.Parallel()
	text, err := Include("SELECT 1\n  -- @include chosen_orders\n;\n")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text, "\n  AND order_timestamp < @to_time\n") || !strings.HasSuffix(text, "\n  -- @end\n;\n") {
		t.Errorf("text %q", text)
	}
}
