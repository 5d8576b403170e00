package monitoring

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/command"
)

// runbookLines gives the commands of all runbooks, by page.
func runbookLines(t *testing.T) map[string][]string {
	t.Helper()
	paths, err := filepath.Glob("runbooks/*.md")
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d runbooks, error %v", len(paths), err)
	}
	lines := make(map[string][]string)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines[path] = strings.Split(string(text), "\n")
	}
	return lines
}

// TestRunbookQueries has BigQuery check every statement that a runbook tells somebody
// to run in the middle of the night.
func TestRunbookQueries(t *testing.T) {
	t.Parallel()
	endpoints := startSandbox(t, "none").Endpoints()
	client, err := endpoints.NewBigQuery(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	statement := regexp.MustCompile(`pipelinectl query "([^"]+)"`)
	found := 0
	for page, lines := range runbookLines(t) {
		for _, line := range lines {
			match := statement.FindStringSubmatch(line)
			if match == nil {
				continue
			}
			found++
			query := client.Query(match[1])
			query.DefaultProjectID, query.DefaultDatasetID = endpoints.ProjectID, endpoints.Dataset
			rows, err := query.Read(t.Context())
			if err != nil {
				t.Errorf("%s: %s: %v", page, match[1], err)
				continue
			}
			var row []bigquery.Value
			_ = rows.Next(&row) // the tables are empty
		}
	}
	if found < 10 {
		t.Errorf("only %d statements found in the runbooks", found)
	}
}

// TestRunbookCommands checks what can be told of a command without running it: pipelinectl
// knows the command and its flags, and the commands below do what they are there for.
func TestRunbookCommands(t *testing.T) {
	t.Parallel()
	call := regexp.MustCompile(`\bpipelinectl ([a-z]+)((?: --?[a-z][^ &#]*)*)`)
	found := 0
	for page, lines := range runbookLines(t) {
		for _, line := range lines {
			// Printing all permissions looks at no project: a dry run is one of granting.
			if strings.Contains(line, "--iam") && strings.Contains(line, "--dry-run") && !strings.Contains(line, "--iam=apply") {
				t.Errorf("%s: %s prints every permission instead of the missing ones", page, line)
			}
			// Files are in folders of their own below a prefix.
			if listing := regexp.MustCompile(`gcloud storage ls .*gs://BUCKET/(staging|archive|quarantine)/(\S*)`).FindStringSubmatch(line); listing != nil && !strings.HasPrefix(listing[2], "**") {
				t.Errorf("%s: %s lists folders, not the files in them", page, line)
			}
			// Appends may repeat, so that a row may stand there twice.
			if raw := regexp.MustCompile(`(?:FROM|JOIN) (rejected_records|dead_letters)\b`).FindStringSubmatch(line); raw != nil {
				t.Errorf("%s: %s counts rows of %s that stand twice; v_%s does not", page, line, raw[1], raw[1])
			}
			for _, match := range call.FindAllStringSubmatch(line, -1) {
				found++
				known := command.Root().Command(match[1])
				if known == nil {
					t.Errorf("%s: pipelinectl has no command %s", page, match[1])
					continue
				}
				for _, flag := range strings.Fields(match[2]) {
					name, _, _ := strings.Cut(strings.TrimLeft(flag, "-"), "=")
					if !slices.ContainsFunc(known.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) }) {
						t.Errorf("%s: pipelinectl %s has no flag --%s", page, match[1], name)
					}
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d calls of pipelinectl found in the runbooks", found)
	}
}

// TestRunbookLogLines checks that what a runbook has somebody look for in a log is
// what the code logs.
func TestRunbookLogLines(t *testing.T) {
	t.Parallel()
	var code strings.Builder
	for _, root := range []string{"../pkg", "../services"} {
		if err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			code.Write(text)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	logged := regexp.MustCompile(`logs .*grep (?:-E )?'([^']+)'`)
	found := 0
	for page, lines := range runbookLines(t) {
		for _, line := range lines {
			match := logged.FindStringSubmatch(line)
			if match == nil {
				continue
			}
			found++
			for _, alternative := range alternatives(match[1]) {
				if !regexp.MustCompile(alternative).MatchString(code.String()) {
					t.Errorf("%s looks for %q, which nothing logs", page, alternative)
				}
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d log lines found in the runbooks", found)
	}
}

// alternatives splits a pattern at the bars that are in no parentheses.
func alternatives(pattern string) (all []string) {
	depth, start := 0, 0
	for i, r := range pattern {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == '|' && depth == 0:
			all, start = append(all, pattern[start:i]), i+1
		}
	}
	return append(all, pattern[start:])
}
