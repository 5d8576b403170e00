package sql

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/sql/parts"
)

func TestStatementKeepsHeaderAndDropsSemicolon(t *testing.T) {
	t.Parallel()
	s, err := Find("seed/pipeline_fence")
	if err != nil {
		t.Fatal(err)
	}
	text := s.Text
	if !strings.HasPrefix(text, "-- Fills pipeline_fence") {
		t.Errorf("header comment is gone:\n%s", text)
	}
	if !strings.HasSuffix(text, "(SELECT 1 FROM pipeline_fence)") {
		t.Errorf("does not end where the statement ends:\n%s", text)
	}
}

func TestGroupIsInOrderOfNames(t *testing.T) {
	t.Parallel()
	group, err := Group("transform")
	if err != nil {
		t.Fatal(err)
	}
	if len(group) == 0 {
		t.Fatal("transform is empty")
	}
	if !slices.IsSortedFunc(group, func(a, b Statement) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("statements are not in the order of their names")
	}
	for _, s := range group {
		found, err := Find(s.Name)
		if err != nil {
			t.Fatal(err)
		}
		if found.Text != s.Text {
			t.Errorf("Group and Find differ in %s", s.Name)
		}
	}
}

// TestEveryFileIsEmbedded: a statement in a folder of a folder, or in none, would be
// seen by no program and by no test.
func TestEveryFileIsEmbedded(t *testing.T) {
	t.Parallel()
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".sql" {
			return err
		}
		switch path.Dir(name) {
		case "schema":
			return nil // package schema's
		case "parts":
			_, err = parts.Include("-- @include " + strings.TrimSuffix(path.Base(name), ".sql"))
		default:
			_, err = fs.Stat(files, name)
		}
		if err != nil {
			t.Errorf("%s stands where nobody looks: %v", name, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestUnknownNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "transform", "transform/none", "../go", "/etc/passwd", "seed/ref_regions.sql", "schema/fact_orders"} {
		if _, err := Find(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Find(%q) error = %v, want not exist", name, err)
		}
	}
	if _, err := Group("none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Group(none) error = %v, want not exist", err)
	}
}

// message is an error's text, empty for nil.
func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
