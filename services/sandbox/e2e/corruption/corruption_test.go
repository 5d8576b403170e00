// Package corruption plants faults in a warehouse and its bucket, one at a time, and holds
// that each is found and named, and nothing else.
package corruption

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/verify"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

var changedTable = regexp.MustCompile(`^(?:UPDATE|INSERT INTO|DELETE FROM) (\w+)`)

// looker verifies at both depths.
type looker struct {
	p       *harness.Pipeline
	clients *verify.Clients
}

func (l *looker) quickly(t *testing.T) []verify.Violation {
	t.Helper()
	found, err := verify.Invariants(t.Context(), l.clients)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// touched looks quickly at what a change of the tables may break.
func (l *looker) touched(t *testing.T, tables ...string) []verify.Violation {
	t.Helper()
	found, err := verify.Touched(t.Context(), l.clients, tables...)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (l *looker) deeply(t *testing.T) []verify.Violation {
	t.Helper()
	done, err := verify.FromArchive(t.Context(), l.clients, verify.Archive{Policy: l.p.Policy})
	if err != nil {
		t.Fatal(err)
	}
	return done.Violations
}

func TestPlanted(t *testing.T) {
	t.Parallel()
	p := startShop(t)
	clients, err := verify.Open(t.Context(), p.Endpoints)
	if err != nil {
		t.Fatal(err)
	}
	defer clients.Close()
	l := &looker{p, clients}
	for _, v := range append(l.quickly(t), l.deeply(t)...) {
		t.Errorf("before anything is planted: %v", v)
	}
	if t.Failed() {
		return
	}
	keep(t, p)
	for _, c := range corruptions {
		var changed []string
		for _, statement := range c.sql {
			p.MustQuery(t, statement)
			changed = append(changed, changedTable.FindStringSubmatch(statement)[1])
		}
		judge(t, c, l.touched(t, changed...))
		if want := deep[c.name]; want != nil {
			judge(t, planted{name: c.name + ", from the archive", finds: want}, l.deeply(t))
		}
		for _, table := range changed {
			restore(t, p, table)
		}
	}
	shelf := shelfOf(t, p)
	for _, c := range objectCorruptions {
		c.plant(t, shelf)
		judge(t, c.planted, l.touched(t))
		if c.deep != nil {
			judge(t, planted{name: c.name + ", from the archive", finds: c.deep}, l.deeply(t))
		}
		shelf.restore(t)
	}
	for _, v := range append(l.quickly(t), l.deeply(t)...) {
		t.Errorf("after all is restored: %v", v)
	}
}

// judge compares what was found of a corruption with what it says must be.
func judge(t *testing.T, c planted, violations []verify.Violation) {
	t.Helper()
	var checks, lines []string
	for _, v := range violations {
		checks = append(checks, v.Invariant)
		lines = append(lines, v.String())
	}
	slices.Sort(checks)
	checks = slices.Compact(checks)
	if want := slices.Sorted(slices.Values(c.finds)); !slices.Equal(checks, want) {
		t.Errorf("%s: found by %q, want %q\n\t%s", c.name, checks, want, strings.Join(lines, "\n\t"))
	}
	for _, say := range c.says {
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, say) }) {
			t.Errorf("%s: nothing says %q\n\t%s", c.name, say, strings.Join(lines, "\n\t"))
		}
	}
}

var namedCheck = regexp.MustCompile(`(?:begin\(|Violation\{)"(\w+)"`)

// TestEveryCheckIsPlanted: a check that no corruption is planted for may find nothing.
func TestEveryCheckIsPlanted(t *testing.T) {
	t.Parallel()
	tested := make(map[string]bool)
	for _, c := range corruptions {
		if len(c.finds) == 0 && deep[c.name] == nil {
			t.Errorf("%s: no check finds it", c.name)
		}
		if len(c.finds) > 0 && len(c.says) == 0 {
			t.Errorf("%s: the test does not say what is told of it", c.name)
		}
		for _, check := range slices.Concat(c.finds, deep[c.name]) {
			tested[check] = true
		}
	}
	for _, c := range objectCorruptions {
		for _, check := range slices.Concat(c.finds, c.deep) {
			tested[check] = true
		}
	}
	statements, err := sql.Group("verify")
	if err != nil {
		t.Fatal(err)
	}
	var checks []string
	for _, s := range statements {
		checks = append(checks, strings.TrimPrefix(s.Name, "verify/"))
	}
	sources, err := filepath.Glob("../../../verify/*.go")
	if err != nil || len(sources) == 0 {
		t.Fatalf("no sources of the checks: %v", err)
	}
	for _, file := range sources {
		// The comparison with a whole model is the tests' own, and so is what breaks it: see
		// TestPlantedVersions.
		if strings.HasSuffix(file, "_test.go") || slices.Contains([]string{"compare.go", "compare_files.go"}, filepath.Base(file)) {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range namedCheck.FindAllStringSubmatch(string(text), -1) {
			checks = append(checks, m[1])
		}
	}
	for _, check := range checks {
		if !tested[check] && check != "nothing_left_in_" {
			t.Errorf("no corruption is planted for the check %s", check)
		}
	}
}
