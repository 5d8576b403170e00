package command

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// TestRemediesCanBeFollowed: what a rule's remedy tells a person to run, read or query exists.
func TestRemediesCanBeFollowed(t *testing.T) {
	t.Parallel()
	commands := make(map[string]bool)
	for _, c := range Root().Commands {
		commands[c.Name] = true
	}
	command := regexp.MustCompile(`pipelinectl (\w+)`)
	file := regexp.MustCompile(`\b(?:services|monitoring)/[\w/]+\.md`)
	table := regexp.MustCompile(`\b(?:(?:v|staging|fact|dim)_[a-z_]+|unresolved_refs|order_history)\b`)
	told := 0
	for _, r := range rules.All() {
		for _, m := range command.FindAllStringSubmatch(r.Remedy, -1) {
			told++
			if !commands[m[1]] {
				t.Errorf("%s: pipelinectl has no command %s", r.ID, m[1])
			}
		}
		for _, name := range file.FindAllString(r.Remedy, -1) {
			told++
			if _, err := os.Stat("../../../" + name); err != nil {
				t.Errorf("%s: %v", r.ID, err)
			}
		}
		for _, name := range table.FindAllString(r.Remedy, -1) {
			told++
			if _, err := os.Stat("../../../sql/schema/" + name + ".sql"); err != nil {
				t.Errorf("%s: %v", r.ID, err)
			}
		}
		if r.Severity == rules.SeverityInfo != strings.HasPrefix(r.Remedy, "Nothing") && !strings.HasPrefix(r.Remedy, "Nothing, if") {
			t.Errorf("%s is %s, and its remedy is %q", r.ID, r.Severity, r.Remedy)
		}
	}
	if told < 40 {
		t.Errorf("the remedies name %d commands, files and tables", told)
	}
}
