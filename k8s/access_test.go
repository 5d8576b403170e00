package k8s

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/k8s/manifest"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/access"
)

// TestPrincipals: the accounts of an overlay are the principals that get permissions, and
// the namespace is the one that their names in IAM are made of.
func TestPrincipals(t *testing.T) {
	t.Parallel()
	eachOverlay(t, func(t *testing.T, set *manifest.Set) {
		if name := set.Namespaces[0].Name; name != access.Namespace {
			t.Errorf("the namespace is %s, permissions are for %s", name, access.Namespace)
		}
		var accounts []string
		for _, a := range set.ServiceAccounts {
			if a.Name != "sandbox" { // the embedded cloud asks nobody for anything
				accounts = append(accounts, a.Name)
			}
		}
		principals := access.Services()
		slices.Sort(accounts)
		slices.Sort(principals)
		if !slices.Equal(accounts, principals) {
			t.Errorf("accounts %v, permissions are for %v", accounts, principals)
		}
	})
}

// named is what the code of a service calls things in the cloud by.
type named struct {
	file string
	// topic is a constant of package topology, and service one or the service itself.
	topic, service string
	verb           access.Verb
}

// TestNamesInCode reads the services' code for the topics that they publish to and the
// subscriptions that they consume: all of them are in the map that provisioning makes
// resources of, and the service has the right to use them. It also finds names that are
// spelled out instead of taken from package topology.
func TestNamesInCode(t *testing.T) {
	t.Parallel()
	values := topologyConstants(t)
	needs, err := access.Needs()
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, service := range pipeline {
		for _, n := range namesIn(t, service, values) {
			kind, resource := access.Topic, n.topic
			if n.verb == access.Consume {
				kind, resource = access.Subscription, topology.Subscription(n.topic, n.service)
			}
			if n.service != service {
				t.Errorf("%s: a subscription of %s", n.file, n.service)
			}
			seen[service+" "+string(n.verb)+" "+resource] = true
			if !slices.ContainsFunc(needs, func(need access.Need) bool {
				return need.Service == service && need.Kind == kind && need.Name == resource && slices.Contains(need.Verbs, n.verb)
			}) {
				t.Errorf("%s: %s may not %s %s", n.file, service, n.verb, resource)
			}
		}
	}
	for _, topic := range topology.Topics() {
		for _, s := range topic.Subscribers {
			if !seen[s+" consume "+topology.Subscription(topic.Name, s)] {
				t.Errorf("nothing in the code of %s consumes its subscription to %s", s, topic.Name)
			}
		}
		for _, p := range topic.Publishers {
			if slices.Contains(pipeline, p) && !seen[p+" publish "+topic.Name] {
				t.Errorf("nothing in the code of %s publishes to %s", p, topic.Name)
			}
		}
	}
}

// topologyConstants are package topology's texts by the constants' names.
func topologyConstants(t *testing.T) map[string]string {
	t.Helper()
	values := make(map[string]string)
	eachFile(t, "pkg/topology", func(_ string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, v := range spec.Values {
				if text, ok := textOf(v); ok {
					values[spec.Names[i].Name] = text
				}
			}
			return true
		})
	})
	return values
}

// namesIn finds the topics and subscriptions that a service's code names. A topic that
// is a variable is one that the file ranges over: any key of a map in it.
func namesIn(t *testing.T, service string, values map[string]string) []named {
	t.Helper()
	topics := make(map[string]bool)
	for name, value := range values {
		topics[value] = strings.HasPrefix(name, "Topic")
	}
	var list []named
	eachFile(t, filepath.Join("services", service), func(path string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			if text, ok := textOf(n); ok && topics[text] {
				t.Errorf("%s: %q is spelled out", path, text)
			}
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			switch {
			case selected(call.Fun, "topology") == "Subscription":
				of := values[selected(call.Args[1], "topology")]
				for _, topic := range topicsOf(file, call.Args[0]) {
					list = append(list, named{path, values[topic], of, access.Consume})
				}
			case selected(call.Fun, "messaging") == "NewPublisher":
				for _, topic := range topicsOf(file, call.Args[1]) {
					list = append(list, named{path, values[topic], service, access.Publish})
				}
			}
			return true
		})
	})
	return list
}

// topicsOf are the constants that an argument may be.
func topicsOf(file *ast.File, argument ast.Expr) []string {
	if name := selected(argument, "topology"); name != "" {
		return []string{name}
	}
	keys := []string{}
	ast.Inspect(file, func(n ast.Node) bool {
		if pair, ok := n.(*ast.KeyValueExpr); ok {
			if name := selected(pair.Key, "topology"); strings.HasPrefix(name, "Topic") {
				keys = append(keys, name)
			}
		}
		return true
	})
	if len(keys) == 0 {
		return []string{""} // which is no topic, and said to be none
	}
	return keys
}

// selected is the name that an expression takes out of a package, or "".
func selected(e ast.Expr, from string) string {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if x, ok := s.X.(*ast.Ident); !ok || x.Name != from {
		return ""
	}
	return s.Sel.Name
}

func textOf(n ast.Node) (string, bool) {
	literal, ok := n.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(literal.Value)
	return text, err == nil
}

// eachFile parses the Go files of a folder, without tests.
func eachFile(t *testing.T, dir string, visit func(path string, file *ast.File)) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(manifest.Root(), dir), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		visit(path, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
