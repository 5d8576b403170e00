package operate

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/command"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily/expect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// ownForm are the commands whose stdout is a file for another program, and so has one form; -o is
// taken and changes nothing. The last ones start programs of their own; tests beside them print their reports.
var ownForm = []string{
	"source suggest", "source show", "source schema", "expectations example", "generate orders", "generate products", "generate customers", "completion", "help",
	"bench", "drill", "storm",
}

// TestEveryCommandPrintsEveryForm runs each command there is in each form: as JSON and CSV stdout holds
// rows and nothing else, words for people are on stderr, and nothing that succeeds is silent. A command
// that is in neither list fails the test.
func TestEveryCommandPrintsEveryForm(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	p.Land(t, "products/products.csv", harness.ProductFile(t, 1))
	p.Land(t, "orders/a.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "10.00")))
	p.Land(t, "orders/doubtful.json", []byte("{\n{\n"+harness.Order("o-2", 1, "P-1", "C-1", "10.00")))
	p.AwaitFiles(t, 3)
	b := &letterbox{Pipeline: p}
	loaded, quarantined := p.FileID(t, "orders/a.json"), p.FileID(t, "orders/doubtful.json")
	b.letter(t, "letter-1", loaded, "a reading on its way")
	file := filepath.Join(t.TempDir(), "orders.json")
	if err := os.WriteFile(file, []byte(harness.Order("o-3", 1, "P-1", "C-1", "10.00")), 0o600); err != nil {
		t.Fatal(err)
	}
	ids := make(map[string]string)
	for what, line := range map[string][]string{"annotations": {"add", "sale"}, "goals": {"set", "orders", "10"}} {
		out, err := p.Pipelinectl(t, append([]string{what}, line...)...)
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		ids[what] = id.FindString(out)
	}
	rules := filepath.Join(t.TempDir(), "expectations.yaml")
	if err := os.WriteFile(rules, expect.Example(), 0o600); err != nil {
		t.Fatal(err)
	}
	// What each is run with; the lists that find something end with status 1.
	lines := map[string]struct {
		args   []string
		status int
	}{
		"status":             {nil, usage.StatusFound},
		"files list":         {nil, 0},
		"files show":         {[]string{quarantined}, 0},
		"files release":      {[]string{"--dry-run", quarantined}, 0},
		"files reprocess":    {[]string{"--dry-run", loaded}, 0},
		"files wait":         {nil, 0},
		"dlq list":           {nil, usage.StatusFound},
		"dlq show":           {[]string{"letter-1"}, 0},
		"dlq replay":         {[]string{"--dry-run", lettersOf}, 0},
		"dlq discard":        {[]string{"--dry-run", "--reason", "a test", lettersOf}, 0},
		"trace":              {[]string{"o-1"}, 0},
		"backfill":           {nil, 0},
		"tail":               {[]string{"--timeout", "1s", "orders-validated"}, 0},
		"subscribe":          {[]string{"shop"}, 0},
		"provision":          {[]string{"--dry-run", "--all"}, 0},
		"doctor":             {nil, 0},
		"upload":             {[]string{file}, 0},
		"source check":       {[]string{file}, 0},
		"source list":        {nil, 0},
		"expectations check": {[]string{rules}, 0},
		"annotations list":   {nil, 0},
		"annotations add":    {[]string{"--on", "2025-11-28", "Black Friday sale"}, 0},
		"annotations remove": {[]string{"--dry-run", ids["annotations"]}, 0},
		"goals list":         {nil, 0},
		"goals set":          {[]string{"--per", "month", "revenue", "1000.50"}, 0},
		"goals remove":       {[]string{"--dry-run", ids["goals"]}, 0},
		"query":              {[]string{"SELECT order_id, total_amount FROM fact_orders"}, 0},
		"verify":             {nil, 0},
		"release":            {[]string{"--dry-run", quarantined}, 0},
		"reprocess":          {[]string{"--dry-run", loaded}, 0},
		"replay":             {[]string{"--dry-run", lettersOf}, 0},
		"discard":            {[]string{"--dry-run", "--reason", "a test", lettersOf}, 0},
		"republish":          {[]string{"--subscription", "late"}, 0},
		"version":            {nil, 0},
	}
	usage.Every(command.Root(), func(cmd *cli.Command, path []string) {
		name := strings.Join(path, " ")
		line, listed := lines[name]
		if len(cmd.Commands) > 0 || listed == slices.Contains(ownForm, name) {
			if len(cmd.Commands) == 0 {
				t.Errorf("pipelinectl %s is to be in one of the lists of this test", name)
			}
			return
		}
		if !listed {
			return
		}
		for _, form := range render.Formats {
			stdout, stderr, err := p.PipelinectlApart(t, slices.Concat([]string{"-o", form}, path, line.args)...)
			if got := statusOf(err); got != line.status {
				t.Errorf("%s -o %s: status %d, want %d: %v\n%s%s", name, form, got, line.status, err, stdout, stderr)
			}
			if strings.TrimSpace(stdout+stderr) == "" {
				t.Errorf("%s -o %s is silent", name, form)
			}
			switch form {
			case render.JSON:
				rows := json.NewDecoder(strings.NewReader(stdout))
				for err = nil; err == nil; {
					var row any
					err = rows.Decode(&row)
				}
				if !errors.Is(err, io.EOF) {
					t.Errorf("%s -o json: %v in\n%s", name, err, stdout)
				}
			case render.CSV:
				rows, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
				if err != nil || len(rows) == 0 && name != "tail" {
					t.Errorf("%s -o csv: %d lines, %v in\n%s", name, len(rows), err, stdout)
				}
			}
		}
	})
}
