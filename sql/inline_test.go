package sql

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// statementText is what a statement begins with, after comments and blanks. Words in
// capitals are ours alone: neither English nor a regular expression begins so.
var statementText = regexp.MustCompile("^(?:\\s|--[^\n]*\n)*(?:SELECT\\s|WITH\\s+\\w+\\s+AS\\s*\\(|INSERT\\s+INTO\\s|DELETE\\s+FROM\\s|" +
	"UPDATE\\s+[\\w`.]+\\s|MERGE\\s|TRUNCATE\\s+TABLE\\s|CREATE\\s+(?:OR\\s+REPLACE\\s+)?(?:TEMP\\s+)?(?:TABLE|VIEW)\\s+[\\w`.]+)")

// exempt are the embedded BigQuery and the example consumer, which speak to databases of their own in
// these ones' SQL, and the end-to-end tests, which ask what they please.
var exempt = []string{"../services/sandbox/bigqueryfront/", "../services/sandbox/e2e/", "../services/examples/ledger/"}

// TestNoInlineSQL: a statement in Go is seen by no test of this module, neither by the
// analyzer nor by those for permissions and costs.
func TestNoInlineSQL(t *testing.T) {
	t.Parallel()
	read := 0
	err := fs.WalkDir(os.DirFS(".."), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name = filepath.ToSlash(filepath.Join("..", name))
		if entry.IsDir() {
			if base := entry.Name(); name == "../sql" || base == "node_modules" || len(base) > 1 && strings.HasPrefix(base, ".") {
				return fs.SkipDir
			}
			for _, folder := range exempt {
				if name+"/" == folder {
					return fs.SkipDir
				}
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, ".pb.go") {
			return nil
		}
		read++
		return eachText(name, func(at gotoken.Position, text string) {
			if statementText.MatchString(text) {
				t.Errorf("%s:%d: SQL in Go belongs into a file of sql/: %.60q", at.Filename, at.Line, text)
			}
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if read < 200 {
		t.Errorf("only %d files were read", read)
	}
}

// eachText visits the string literals of a Go file.
func eachText(name string, visit func(at gotoken.Position, text string)) error {
	positions := gotoken.NewFileSet()
	file, err := parser.ParseFile(positions, name, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(node ast.Node) bool {
		literal, ok := node.(*ast.BasicLit)
		if !ok || literal.Kind != gotoken.STRING {
			return true
		}
		if text, err := strconv.Unquote(literal.Value); err == nil {
			visit(positions.Position(literal.Pos()), text)
		}
		return true
	})
	return nil
}

func TestStatementText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"SELECT 1":                                true,
		"-- Why.\n\n  SELECT ":                    true,
		"WITH a AS (SELECT 1) SELECT 2":           true,
		"INSERT INTO t VALUES (1)":                true,
		"DELETE FROM t WHERE TRUE":                true,
		"UPDATE `t` SET a = 1":                    true,
		"MERGE t USING s ON TRUE":                 true,
		"CREATE TEMP TABLE a AS SELECT 1":         true,
		"CREATE OR REPLACE VIEW a AS SELECT 1":    true,
		`CREATE TEMP TABLE (\w+)`:                 false,
		`"SELECT ..."`:                            false,
		"Select a file":                           false,
		"run: pipelinectl query \"SELECT 1\"":     false,
		"INSERT, UPDATE and DELETE are forbidden": false,
	} {
		if got := statementText.MatchString(text); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}
