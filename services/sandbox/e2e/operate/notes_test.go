package operate

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestNotes writes annotations and goals, twice, at the same moment and wrongly, and reads what the dashboard reads.
func TestNotes(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, topology.Reporter)
	must := func(args ...string) string {
		t.Helper()
		out, err := p.Pipelinectl(t, args...)
		if err != nil {
			t.Fatalf("pipelinectl %q: %v\n%s", args, err, out)
		}
		return out
	}
	served := func(query, key, field string) string {
		t.Helper()
		status, body := p.Fetch(t, "/api/v1/notes"+query)
		var answer map[string]json.RawMessage
		var rows []map[string]any
		if err := errors.Join(json.Unmarshal(body, &answer), json.Unmarshal(answer[key], &rows)); status != http.StatusOK || err != nil {
			t.Fatalf("status %d, %v: %s", status, err, body)
		}
		var list []string
		for _, r := range rows {
			list = append(list, fmt.Sprint(r[field]))
		}
		return strings.Join(list, "|")
	}
	check := func(query, key, field, want string) {
		t.Helper()
		if got := served(query, key, field); got != want {
			t.Errorf("%s of %s%s: %q, want %q", field, key, query, got, want)
		}
	}
	check("", "annotations", "text", "")

	const hostile = `<img src=x onerror=alert(1)> =1+1 "' -- @text שלום 🎉`
	must("annotations", "add", "--by", "Ann", "--on", "2025-11-03", "--until", "2025-11-05", hostile)
	must("annotations", "add", "--by", "Bob", "--on", "2025-11-03", "--until", "2025-11-05", hostile)
	must("annotations", "add", "--by", "Ann", "--on", "2025-11-04", "--hour", "0", "--category", "Books", "newsletter")
	check("", "annotations", "text", "newsletter|"+hostile)
	check("", "annotations", "author", "Ann|Ann")
	check("?from=2025-11-05", "annotations", "text", hostile)
	check("?to=2025-11-03", "annotations", "text", hostile)
	check("?from=2025-11-06", "annotations", "text", "")

	must("goals", "set", "--from", "2025-11-01", "revenue", "100000")
	must("goals", "set", "--from", "2025-11-01", "--until", "2025-12-31", "revenue", "99999.999999999")
	check("", "goals", "amount", "99999.999999999")
	check("", "goals", "until_date", "2025-12-31")
	must("goals", "set", "--from", "2025-11-01", "revenue", "100000")
	check("", "goals", "until_date", "<nil>")
	must("goals", "set", "--from", "2025-11-01", "--per", "month", "--category", "Books", "orders", "900")
	check("", "goals", "metric", "orders|revenue")

	t.Run("at once", func(t *testing.T) {
		var writers sync.WaitGroup
		for n := range 8 {
			writers.Go(func() {
				if out, err := p.Pipelinectl(t, "annotations", "add", "--on", "2025-12-01", fmt.Sprintf("writer %d", n/2)); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
				if out, err := p.Pipelinectl(t, "goals", "set", "--from", "2025-12-01", "orders", fmt.Sprint(100+n)); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			})
		}
		writers.Wait()
		if got := strings.Split(served("?from=2025-12-01&to=2025-12-01", "annotations", "text"), "|"); len(got) != 4 {
			t.Errorf("eight writers of four annotations left %q", got)
		}
		p.Check(t, "goals of that day", "SELECT COUNT(DISTINCT goal_id) FROM dashboard_goals WHERE from_date = '2025-12-01'", "1\n")
	})

	t.Run("refused", func(t *testing.T) {
		for want, args := range map[string][]string{
			"give the TEXT":                                     {"annotations", "add"},
			"the text must not be empty":                        {"annotations", "add", " "},
			"the text has 201 characters, at most 200":          {"annotations", "add", strings.Repeat("ü", 201)},
			"the text must be one line":                         {"annotations", "add", "a\nb"},
			"the category must be one line":                     {"annotations", "add", "--category", "a\u202eb", "x"},
			"the last day, 2025-11-03, lies before the first":   {"annotations", "add", "--on", "2025-11-04", "--until", "2025-11-03", "x"},
			"it is about 367 days, at most 366":                 {"annotations", "add", "--on", "2025-01-01", "--until", "2026-01-02", "x"},
			"the first day must be a day of the years":          {"annotations", "add", "--on", "1999-12-31", "x"},
			"an hour is of one day, not of 2":                   {"annotations", "add", "--on", "2025-11-04", "--until", "2025-11-05", "--hour", "3", "x"},
			"the hour is 24, and must be 0 to 23":               {"annotations", "add", "--hour", "24", "x"},
			`--on "2025-13-01"`:                                 {"annotations", "add", "--on", "2025-13-01", "x"},
			"give what it is a goal of (orders or revenue)":     {"goals", "set", "revenue"},
			`a goal is of orders or revenue, not of "units"`:    {"goals", "set", "units", "1"},
			`a goal is reached in a day or a month, not in`:     {"goals", "set", "--per", "week", "orders", "1"},
			`the amount "1e" must be a number`:                  {"goals", "set", "revenue", "1e"},
			`the amount "0.0000000001" must be a number`:        {"goals", "set", "revenue", "0.0000000001"},
			"the amount must be above 0":                        {"goals", "set", "revenue", "0"},
			"orders are counted in whole numbers":               {"goals", "set", "orders", "1.5"},
			"the last day, 2025-10-31, lies before the first, ": {"goals", "set", "--from", "2025-11-01", "--until", "2025-10-31", "orders", "1"},
			"give the id of what is to be removed":              {"goals", "remove"},
		} {
			out, err := p.Pipelinectl(t, args...)
			if statusOf(err) != usage.StatusWrong || !strings.Contains(fmt.Sprint(err)+out, want) {
				t.Errorf("pipelinectl %q: %v\n%s; want %q", args, err, out, want)
			}
		}
	})

	t.Run("removed", func(t *testing.T) {
		ids := strings.Split(served("?to=2025-11-30", "annotations", "annotation_id"), "|")
		if _, err := p.Pipelinectl(t, "annotations", "remove", ids[0], "nothing"); statusOf(err) != usage.StatusFound {
			t.Errorf("an id of nothing: %v", err)
		}
		must("annotations", "remove", "--dry-run", ids[0])
		check("?to=2025-11-30", "annotations", "annotation_id", strings.Join(ids, "|"))
		must("annotations", "remove", ids[0], ids[0])
		check("?to=2025-11-30", "annotations", "annotation_id", ids[1])
		for id := range strings.SplitSeq(served("", "goals", "goal_id"), "|") {
			must("goals", "remove", id)
		}
		check("", "goals", "goal_id", "")
	})

	if status, body := p.Fetch(t, "/api/v1/notes?from=yesterday"); status != http.StatusBadRequest {
		t.Errorf("status %d: %s", status, body)
	}
}
