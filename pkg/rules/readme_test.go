package rules

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the catalog into the README")

const (
	readme = "README.md"
	begin  = "<!-- rules: begin; go test ./pkg/rules -update writes it -->\n"
	end    = "<!-- rules: end -->\n"
)

// TestReadmeShowsTheCatalog compares the table of this folder's README with the catalog.
func TestReadmeShowsTheCatalog(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, hasBegin := strings.Cut(string(text), begin)
	got, after, hasEnd := strings.Cut(rest, end)
	if !hasBegin || !hasEnd {
		t.Fatalf("the README lacks the lines\n%s%s", begin, end)
	}
	want := table()
	if *update {
		if err := os.WriteFile(readme, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("the README's table is not the catalog (-README +catalog); it must read\n%s\ndifference:\n%s", want, diff)
	}
}

// table is the catalog in Markdown.
func table() string {
	var b strings.Builder
	b.WriteString("| rule | level | severity | what it means | what to do |\n|---|---|---|---|---|\n")
	cell := strings.NewReplacer("|", `\|`, "<", "&lt;")
	for _, r := range All() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", r.ID, r.Level, r.Severity, cell.Replace(r.Meaning), cell.Replace(r.Remedy))
	}
	return b.String()
}
