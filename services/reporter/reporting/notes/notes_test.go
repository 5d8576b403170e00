package notes

import (
	"context"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
)

// tables is a warehouse of the two tables, whose times the test sets.
type tables struct {
	mu       sync.Mutex
	modified time.Time
	asked    []string
	fails    error
	rows     map[string]*query.Result
}

func (s *tables) Query(_ context.Context, statement string, _ query.Params) (*query.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, statement)
	if s.fails != nil {
		return nil, s.fails
	}
	return s.rows[statement], nil
}

func (s *tables) Modified(context.Context, string) (time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.modified, nil
}

func (s *tables) Created(context.Context, string) (time.Time, error) { return time.Time{}, nil }

type ignored struct{}

func (ignored) Ask() func(error)                                      { return func(error) {} }
func (ignored) Queried(context.Context, string, time.Duration, error) {}
func (ignored) Requested(_ context.Context, _ string, _ string)       {}

var noted = time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)

func date(t *testing.T, text string) civil.Date {
	t.Helper()
	d, err := civil.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// filled has two annotations and four goals.
func filled(t *testing.T) *tables {
	day := func(text string) civil.Date { return date(t, text) }
	goal := func(id, metric, period string, category any, from string, until any, amount int64) []any {
		return []any{id, metric, period, category, day(from), until, big.NewRat(amount, 1), "Ann", noted}
	}
	return &tables{modified: noted, rows: map[string]*query.Result{
		"dashboard/annotations": {
			Columns: []string{"annotation_id", "from_date", "to_date", "start_hour", "text", "category", "author", "noted_at"},
			Rows: [][]any{
				{"b", day("2026-11-28"), day("2026-11-28"), int64(9), "<b>outage</b>", "Books", "Bob", noted},
				{"a", day("2026-11-27"), day("2026-11-30"), nil, "sale", nil, "Ann", noted},
			},
		},
		"dashboard/goals": {
			Columns: []string{"goal_id", "metric", "period", "category", "from_date", "until_date", "amount", "author", "noted_at"},
			Rows: [][]any{
				goal("sale", Revenue, Day, nil, "2026-11-27", day("2026-11-30"), 300),
				goal("later", Revenue, Day, nil, "2026-12-10", nil, 150),
				goal("base", Revenue, Day, nil, "2026-11-01", nil, 100),
				goal("books", Revenue, Day, "Books", "2026-11-01", nil, 20),
			},
		},
	}}
}

func open(source *tables, now func() time.Time) *Notes {
	return &Notes{Asker: query.NewAsker(source, 4, now, ignored{}, ignored{}), Currency: "USD", Timeout: time.Minute, Counter: ignored{}, Now: now}
}

// TestGoal: of the goals that hold on a day the one that began last counts.
func TestGoal(t *testing.T) {
	t.Parallel()
	known, err := open(filled(t), time.Now).Known(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ metric, category, day, want string }{
		{Revenue, "", "2026-10-31", ""},
		{Revenue, "", "2026-11-26", "base"},
		{Revenue, "", "2026-11-27", "sale"},
		{Revenue, "", "2026-11-30", "sale"},
		{Revenue, "", "2026-12-01", "base"},
		{Revenue, "", "2026-12-10", "later"},
		{Revenue, "Books", "2026-11-28", "books"},
		{Revenue, "Toys", "2026-11-28", ""},
		{Orders, "", "2026-11-28", ""},
	} {
		goal, found := known.Goal(tt.metric, Day, tt.category, date(t, tt.day))
		if goal.ID != tt.want || found != (tt.want != "") {
			t.Errorf("%s of %q on %s: %q, want %q", tt.metric, tt.category, tt.day, goal.ID, tt.want)
		}
	}
	if _, found := known.Goal(Revenue, Month, "", date(t, "2026-11-28")); found {
		t.Error("a goal of a day is taken for one of a month")
	}
}

// TestAnswer: an answer has what is about its days, and the tables are read only when one has changed.
func TestAnswer(t *testing.T) {
	t.Parallel()
	now := noted
	source := filled(t)
	n := open(source, func() time.Time { return now })
	ask := func(rawQuery string) (annotations, goals []string) {
		t.Helper()
		asked, fault := parse(rawQuery)
		if fault != nil {
			t.Fatal(fault)
		}
		var err error
		if asked.version, err = n.Version(t.Context()); err != nil {
			t.Fatal(err)
		}
		known, err := n.at(t.Context(), asked.version)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range known.Annotations(asked.from, asked.to) {
			annotations = append(annotations, a.ID)
		}
		for _, g := range known.Goals(asked.from, asked.to) {
			goals = append(goals, g.ID)
		}
		if _, err := n.answer(t.Context(), asked); err != nil {
			t.Fatal(err)
		}
		return annotations, goals
	}
	for _, tt := range []struct {
		query              string
		annotations, goals []string
	}{
		{"", []string{"b", "a"}, []string{"sale", "later", "base", "books"}},
		{"from=2026-11-29", []string{"a"}, []string{"sale", "later", "base", "books"}},
		{"to=2026-11-27", []string{"a"}, []string{"sale", "base", "books"}},
		{"from=2026-11-28&to=2026-11-28", []string{"b", "a"}, []string{"sale", "base", "books"}},
		{"from=2026-12-01&to=2026-12-09", nil, []string{"base", "books"}},
	} {
		annotations, goals := ask(tt.query)
		if diff := cmp.Diff([][]string{tt.annotations, tt.goals}, [][]string{annotations, goals}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.query, diff)
		}
	}
	reads := func() int { source.mu.Lock(); defer source.mu.Unlock(); return len(source.asked) }
	if got := reads(); got != 2 {
		t.Errorf("%d statements for equal tables, want 2", got)
	}
	source.modified = noted.Add(time.Millisecond)
	ask("")
	if got := reads(); got != 4 {
		t.Errorf("%d statements after a change, want 4", got)
	}
	now = now.Add(keepFor)
	ask("")
	if got := reads(); got != 6 {
		t.Errorf("%d statements after an hour, want 6", got)
	}
	// What cannot be read is not kept.
	source.modified, source.fails = noted.Add(time.Second), errors.New("no")
	if _, err := n.Known(t.Context()); err == nil {
		t.Error("a failure is hidden")
	}
	source.fails = nil
	ask("")
}

func TestEncoding(t *testing.T) {
	t.Parallel()
	known, err := open(filled(t), time.Now).Known(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	day := date(t, "2026-11-28")
	text, err := json.Marshal([]any{known.Annotations(day, day), known.Goals(day, day)[:1]})
	if err != nil {
		t.Fatal(err)
	}
	const want = `[[{"annotation_id":"b","from_date":"2026-11-28","to_date":"2026-11-28","start_hour":9,"text":"\u003cb\u003eoutage\u003c/b\u003e","category":"Books","author":"Bob","noted_at":"2026-11-01T09:00:00Z"},` +
		`{"annotation_id":"a","from_date":"2026-11-27","to_date":"2026-11-30","start_hour":null,"text":"sale","category":null,"author":"Ann","noted_at":"2026-11-01T09:00:00Z"}],` +
		`[{"goal_id":"sale","metric":"revenue","period":"day","category":null,"from_date":"2026-11-27","until_date":"2026-11-30","amount":"300.00","author":"Ann","noted_at":"2026-11-01T09:00:00Z"}]]`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for query, parameter := range map[string]string{
		"from=2026-13-01": "from", "to=tomorrow": "to", "from=2026-11-02&to=2026-11-01": "from", "day=2026-11-01": "day", "from=2026-11-01&from=2026-11-02": "from",
		"from=" + strings.Repeat("9", 5000): "from",
	} {
		if _, fault := parse(query); fault == nil || fault.Parameter != parameter || fault.Status != 0 && fault.Status != http.StatusBadRequest {
			t.Errorf("%.40s: %+v", query, fault)
		}
	}
}
