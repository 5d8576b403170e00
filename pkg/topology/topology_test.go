package topology

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestTopicsAreListed: what is named by a constant is in the list that is provisioned,
// and what is in the list has a reader.
func TestTopicsAreListed(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "topology.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var named, listed []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Topic") {
			return true
		}
		name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		named = append(named, name)
		return true
	})
	for _, topic := range Topics() {
		listed = append(listed, topic.Name)
		if len(topic.Subscribers) == 0 {
			t.Errorf("nobody subscribes to %s", topic.Name)
		}
	}
	if !slices.Equal(named, listed) {
		t.Errorf("constants %v, listed %v", named, listed)
	}
}
