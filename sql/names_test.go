package sql

import (
	gotoken "go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// statementName is what Go calls a statement by.
var statementName = regexp.MustCompile(`^([a-z]+)/[a-z0-9_]+$`)

// groups are the folders, and the beginnings of names in them, whose statements are run
// together, or by names that are put together.
var groups = []string{"seed/", "transform/", "verify/", "upgrade/", "reports/"}

// TestNames: a name in Go that no statement has fails when it is asked, and a statement that
// nobody names is not run.
func TestNames(t *testing.T) {
	t.Parallel()
	all, err := Statements()
	if err != nil {
		t.Fatal(err)
	}
	folders := make(map[string]bool)
	for _, s := range all {
		folders[path.Dir(s.Name)] = true
	}
	named := make(map[string]bool)
	err = fs.WalkDir(os.DirFS(".."), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if base := entry.Name(); entry.IsDir() && (base == "node_modules" || len(base) > 1 && strings.HasPrefix(base, ".")) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, ".pb.go") {
			return nil
		}
		return eachText(filepath.Join("..", name), func(at gotoken.Position, text string) {
			if m := statementName.FindStringSubmatch(text); m == nil || !folders[m[1]] {
				return
			}
			named[text] = true
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		grouped := false
		for _, g := range groups {
			grouped = grouped || strings.HasPrefix(s.Name, g)
		}
		if !grouped && !named[s.Name] {
			t.Errorf("%s: nothing runs it by its name", s.Name)
		}
		for name := range named {
			if name == s.Name || grouped && strings.HasPrefix(s.Name, name) {
				delete(named, name)
			}
		}
	}
	for name := range named {
		t.Errorf("%q is called a statement in Go, and none is named so", name)
	}
}
