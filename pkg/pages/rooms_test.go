package pages_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// quoted is what a page has in backquotes, and what it links to.
var quoted = regexp.MustCompile("`[^`\n]+`|\\]\\([^()\\s]+\\)")

// TestEveryRoomIsOnAPage: a folder with code or statements is named by the page of a folder above it,
// so that who looks for something finds the way there. What only tests use need not be.
func TestEveryRoomIsOnAPage(t *testing.T) {
	t.Parallel()
	tree := os.DirFS(root)
	pages := make(map[string][]string) // what is quoted, by the page's folder
	rooms := make(map[string]bool)
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch base := entry.Name(); {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(base, ".") || base == "node_modules" || base == "testdata" || base == "ecommerce"):
			return fs.SkipDir
		case path.Ext(base) == ".md":
			text, err := fs.ReadFile(tree, name)
			if err != nil {
				return err
			}
			pages[path.Dir(name)] = append(pages[path.Dir(name)], quoted.FindAllString(string(text), -1)...)
		case path.Ext(base) == ".go" || path.Ext(base) == ".sql":
			rooms[path.Dir(name)] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(rooms) < 100 {
		t.Fatalf("only %d folders", len(rooms))
	}
	for room := range rooms {
		if !strings.HasSuffix(room, "test") && !isNamed(room, pages) {
			t.Errorf("%s: the page of no folder above it names it", room)
		}
	}
}

// isNamed tells whether the page of a folder, or of one above it, names the folder.
func isNamed(room string, pages map[string][]string) bool {
	word := regexp.MustCompile(`(^|[\W_])` + regexp.QuoteMeta(path.Base(room)) + `($|[\W_])`)
	for above := room; ; above = path.Dir(above) {
		for _, text := range pages[above] {
			if word.MatchString(text) {
				return true
			}
		}
		if above == "." {
			return false
		}
	}
}
