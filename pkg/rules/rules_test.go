package rules

import (
	"regexp"
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
		if r.Level == LevelFile && r.Severity != SeverityError {
			t.Errorf("%s quarantines a file but is only %s", r.ID, r.Severity)
		}
	}
	if _, ok := Lookup("no_such_rule"); ok {
		t.Error("Lookup finds a rule that does not exist")
	}
}
