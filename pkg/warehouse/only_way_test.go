package warehouse

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ofQueries are names of BigQuery's client that only who runs queries needs.
var ofQueries = []string{"QueryParameter", "QueryConfig", "RowIterator", "DefaultDatasetID", "JobFromID"}

// TestOnlyWay: a query that does not go through this package has no labels and no bill, and
// may go on when nobody waits for it.
func TestOnlyWay(t *testing.T) {
	t.Parallel()
	read := 0
	for _, root := range []string{"../../services", ".."} {
		err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			file := filepath.Join(root, name)
			// The embedded BigQuery is what is asked; the end-to-end tests ask it on their own, as do the examples, which
			// are other teams' programs.
			if entry.IsDir() && (file == filepath.Join("..", "warehouse") || strings.HasSuffix(file, filepath.Join("sandbox", "bigqueryfront")) ||
				strings.HasSuffix(file, filepath.Join("sandbox", "e2e")) || strings.HasSuffix(file, filepath.Join("services", "examples"))) {
				return fs.SkipDir
			}
			if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, ".pb.go") {
				return nil
			}
			read++
			return eachName(file, func(at token.Position, name string) {
				if slices.Contains(ofQueries, name) {
					t.Errorf("%s: %s belongs into pkg/warehouse: a query is run by its Client", at, name)
				}
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if read < 200 {
		t.Errorf("only %d files were read", read)
	}
}

// eachName visits what stands behind a point in a Go file.
func eachName(file string, visit func(at token.Position, name string)) error {
	positions := token.NewFileSet()
	parsed, err := parser.ParseFile(positions, file, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(parsed, func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok {
			visit(positions.Position(selector.Pos()), selector.Sel.Name)
		}
		return true
	})
	return nil
}
