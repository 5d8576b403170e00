package monitoring

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"sigs.k8s.io/yaml"
)

var promQL = parser.NewParser(parser.Options{})

// ruleFile is one of rules/ and project/: what Managed Prometheus reads, around what Prometheus does.
type ruleFile struct {
	Kind string `json:"kind"`
	Spec any    `json:"spec"`
}

// readGroups parses all rules as Prometheus does.
func readGroups(t *testing.T) []rulefmt.RuleGroup {
	t.Helper()
	var paths []string
	for _, folder := range []string{"rules", "project"} {
		found, err := filepath.Glob(folder + "/*.yaml")
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	var all []rulefmt.RuleGroup
	for _, path := range paths {
		folder, base := filepath.Split(path)
		if base == "kustomization.yaml" {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var file ruleFile
		if err := yaml.Unmarshal(text, &file); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if want := map[string]string{"rules/": "Rules", "project/": "GlobalRules"}[folder]; file.Kind != want {
			t.Errorf("%s: kind %q, want %q", path, file.Kind, want)
		}
		kustomization, err := os.ReadFile(folder + "kustomization.yaml")
		if err != nil || !bytes.Contains(kustomization, []byte("- "+base+"\n")) {
			t.Errorf("%s is not deployed, error %v", path, err)
		}
		spec, err := yaml.Marshal(file.Spec)
		if err != nil {
			t.Fatal(err)
		}
		groups, faults := rulefmt.Parse(spec, false, model.LegacyValidation, promQL, slog.New(slog.DiscardHandler))
		for _, fault := range faults {
			t.Errorf("%s: %v", path, fault)
		}
		if groups != nil {
			all = append(all, groups.Groups...)
		}
	}
	return all
}

// TestEveryAlertHasItsRunbook checks that an alert says how grave it is and what it
// means, and links to a page that has what a person on call looks for; and that no page
// is left of an alert that is gone.
func TestEveryAlertHasItsRunbook(t *testing.T) {
	t.Parallel()
	alerts := make(map[string]bool)
	for _, g := range readGroups(t) {
		for _, r := range g.Rules {
			if r.Alert == "" {
				continue
			}
			alerts[r.Alert] = true
			if severity := r.Labels["severity"]; severity != "page" && severity != "ticket" {
				t.Errorf("%s: severity %q", r.Alert, severity)
			}
			if r.Annotations["summary"] == "" {
				t.Errorf("%s has no summary", r.Alert)
			}
			const pages = "https://github.com/zackkki/ecomm_datapipeline/blob/main/monitoring/runbooks/"
			if got, want := r.Annotations["runbook_url"], pages+r.Alert+".md"; got != want {
				t.Errorf("%s: runbook %q, want %q", r.Alert, got, want)
			}
			page, err := os.ReadFile(filepath.Join("runbooks", r.Alert+".md"))
			if err != nil {
				t.Error(err)
				continue
			}
			for _, heading := range []string{"# " + r.Alert + "\n", "\n## Meaning\n", "\n## First look\n", "\n## Commands\n", "\n## Over when\n"} {
				if !bytes.Contains(page, []byte(heading)) {
					t.Errorf("the runbook of %s lacks %q", r.Alert, strings.TrimSpace(heading))
				}
			}
		}
	}
	pages, err := filepath.Glob("runbooks/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		if name := strings.TrimSuffix(filepath.Base(page), ".md"); !alerts[name] && name != "README" {
			t.Errorf("%s is of no alert", page)
		}
	}
}

// selectors gives those of the series that an expression reads.
func selectors(t *testing.T, expression string) []*parser.VectorSelector {
	t.Helper()
	expr, err := promQL.ParseExpr(expression)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	var all []*parser.VectorSelector
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			all = append(all, selector)
		}
		return nil
	})
	return all
}
