//go:build official

package official

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

var update = flag.Bool("update", false, "run all of Google's tests and write the page's tables anew; the reasons of known rows stay")

// verdict is a row of the page.
type verdict struct{ result, why string }

const (
	passes  = "passes"
	refused = "does not"
	skipped = "skips itself"
)

var rowOfPage = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| ([a-z ]+) \\| (.*) \\|$")

const page = "README.md"

// TestOfficial: what the page says that passes does, and every test of Google's stands there.
func TestOfficial(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	j := newJudge(t)
	for _, s := range suites {
		begin, end := fmt.Sprintf("<!-- %s: begin -->\n", s.name), fmt.Sprintf("<!-- %s: end -->", s.name)
		before, rest, found := strings.Cut(string(text), begin)
		table, after, alsoFound := strings.Cut(rest, end)
		if !found || !alsoFound {
			t.Fatalf("the page has no table between %q and %q", begin, end)
		}
		known := make(map[string]verdict)
		for _, m := range rowOfPage.FindAllStringSubmatch(table, -1) {
			known[m[1]] = verdict{m[2], m[3]}
		}
		program := j.build(t.Context(), t, s)
		names := j.names(t.Context(), t, s, program)
		if *update {
			text = []byte(before + begin + rows(j.all(t.Context(), s, program, names, known)) + end + after)
			if err := os.WriteFile(page, text, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if listed := slices.Sorted(maps.Keys(known)); !slices.Equal(listed, names) {
			t.Errorf("%s: the page lists %q, the module has %q: run with -update", s.name, listed, names)
		}
		var good []string
		for _, name := range names {
			if known[name].result == passes {
				good = append(good, name)
			}
		}
		ends, out := j.run(t.Context(), s, program, "20m", good...)
		for _, name := range good {
			if ends[name] != "PASS" {
				t.Errorf("%s: %s ended with %q\n%s", s.name, name, ends[name], out)
			}
		}
	}
}

// all runs each test in a process of its own: some end theirs.
func (j *judge) all(ctx context.Context, s suite, program string, names []string, known map[string]verdict) map[string]verdict {
	verdicts := make([]verdict, len(names))
	var running sync.WaitGroup
	places := make(chan struct{}, 6)
	for i, name := range names {
		places <- struct{}{}
		running.Go(func() {
			defer func() { <-places }()
			ends, out := j.run(ctx, s, program, "30s", name)
			v := verdict{refused, reasonOf(out)}
			switch ends[name] {
			case "PASS":
				v = verdict{passes, ""}
			case "SKIP":
				v.result = skipped
			}
			if k := known[name]; k.result == v.result && k.why != "" {
				v.why = k.why
			}
			verdicts[i] = v
		})
	}
	running.Wait()
	all := make(map[string]verdict)
	for i, name := range names {
		all[name] = verdicts[i]
	}
	return all
}

var (
	place     = regexp.MustCompile(`^\s*[\w/.-]+\.go:\d+: `)
	ofOneRun  = regexp.MustCompile(`[\w-]*\d{8}[\w-]*`)
	timedOut  = regexp.MustCompile(`panic: test timed out`)
	longWords = 160
)

// reasonOf is the first thing that a test complains about.
func reasonOf(output string) string {
	if timedOut.MatchString(output) {
		return "does not end"
	}
	retried := false // what it says of the attempts stands in the next line
	for line := range strings.Lines(output) {
		if !place.MatchString(line) && !retried || strings.HasPrefix(line, "=== ") {
			continue
		}
		text := strings.TrimSpace(place.ReplaceAllString(strings.TrimSpace(line), ""))
		if retried = strings.HasPrefix(text, "FAILED after") || text == ""; retried {
			continue
		}
		text = ofOneRun.ReplaceAllString(strings.ReplaceAll(text, "|", "/"), "...")
		if len(text) > longWords {
			text = strings.ToValidUTF8(text[:longWords], "") + "..."
		}
		return text
	}
	return "ends its process"
}

// rows is a table's text.
func rows(all map[string]verdict) string {
	var b strings.Builder
	counts := make(map[string]int)
	for _, v := range all {
		counts[v.result]++
	}
	fmt.Fprintf(&b, "%d of %d pass, %d do not, %d skip themselves.\n\n| test | | why not |\n|---|---|---|\n", counts[passes], len(all), counts[refused], counts[skipped])
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, all[name].result, all[name].why)
	}
	return b.String()
}
