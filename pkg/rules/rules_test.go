package rules

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"testing"
)

func TestCatalogIsCompleteAndUnambiguous(t *testing.T) {
	t.Parallel()
	id := regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*$`)
	seen := map[ID]bool{}
	for _, r := range All() {
		if seen[r.ID] {
			t.Errorf("%s stands twice", r.ID)
		}
		seen[r.ID] = true
		if !id.MatchString(string(r.ID)) {
			t.Errorf("%q is not a snake_case id", r.ID)
		}
		if r.Meaning == "" || r.Remedy == "" {
			t.Errorf("%s does not say what it means or what to do", r.ID)
		}
		if got, ok := Lookup(r.ID); !ok || got != r {
			t.Errorf("Lookup(%s) = %v, %t", r.ID, got, ok)
		}
		if r.Level == LevelFile && r.Severity != SeverityError && r.ID != EmptyFile { // which is archived
			t.Errorf("%s quarantines a file but is only %s", r.ID, r.Severity)
		}
	}
	if _, ok := Lookup("no_such_rule"); ok {
		t.Error("Lookup finds a rule that does not exist")
	}
}

// TestEveryConstantIsInTheCatalog: services name rules by the constants alone,
// so that none of them can publish an id that the catalog does not explain.
func TestEveryConstantIsInTheCatalog(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "rules.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if typ, ok := spec.Type.(*ast.Ident); !ok || typ.Name != "ID" {
			return true
		}
		id, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := Lookup(ID(id)); !ok {
			t.Errorf("%s (%s) is not in the catalog", spec.Names[0], id)
		}
		found++
		return true
	})
	if found != len(All()) {
		t.Errorf("%d constants, %d rules in the catalog", found, len(All()))
	}
}
