package expect

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExample(t *testing.T) {
	t.Parallel()
	rules, err := Read("example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rules.Rules {
		got = append(got, strings.Join([]string{r.Table, r.Column, r.Kind, r.Expectation, r.Severity}, " | "))
	}
	want := []string{
		"orders | total_amount | between | at least 0.01, at most 20000 | error",
		"orders | payment_status | in | one of completed, pending, failed, refunded, partially_refunded, cancelled | warning",
		"orders | customer_id | references | is in customers | warning",
		"orders | refunded_amount | at_most | at most total_amount | error",
		"orders | city | filled | at least 0.9 | warning",
		"orders | total_amount | mean | at least 20, at most 500 | warning",
		"orders | total_amount | sum | at least 1000 | warning",
		"orders | order_id | rows | at least 50, at most 5000 | error",
		"lines | product_id | not_null | not null | warning",
		"products | product_name | unique | unique | warning",
		`customers | email | matches | matches ^[^@ ]+@[^@ ]+\.[^@ ]+$ | warning`,
		"orders | order_timestamp | max_age_hours | newest at most 3 hours old | warning",
		"products | landed_at | max_age_hours | newest at most 72 hours old | error",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	if len(rules.Values) != 6 || rules.Rules[3].OtherPlace != 7 {
		t.Errorf("values %v, at_most %d", rules.Values, rules.Rules[3].OtherPlace)
	}
}

// TestWrongFiles: what is not right is refused as a whole, with its line and what to do.
func TestWrongFiles(t *testing.T) {
	t.Parallel()
	rule := func(text string) string {
		return "expectations:\n- {table: products, rows: {min: 1}}\n- " + text + "\n"
	}
	for name, tc := range map[string]struct {
		content string
		line    int
		says    string
	}{
		"empty":              {"", 0, "has 0 rules"},
		"no YAML":            {"expectations:\n- {table: orders\n", 0, ""},
		"a bomb":             {"a: &a [x, x]\nexpectations: [*a, *a]\n", 1, "anchors"},
		"a tag":              {"expectations: !!python/object:os.system x\n", 1, "tags"},
		"two documents":      {"expectations: []\n---\nexpectations: []\n", 0, "2 YAML documents"},
		"unknown key":        {rule("{table: orders, column: city, where: '1=1; DROP TABLE fact_orders'}"), 3, "where"},
		"key twice":          {"expectations:\n- table: orders\n  table: lines\n", 3, ""},
		"unknown table":      {rule("{table: fact_orders, rows: {min: 1}}"), 3, "write one of customers, lines, orders, products"},
		"unknown column":     {rule("{table: orders, column: 'city`; --', not_null: true}"), 3, "orders has no column"},
		"severity":           {rule("{table: orders, column: city, not_null: true, severity: fatal}"), 3, "write warning or error"},
		"no check":           {rule("{table: orders, column: city}"), 3, "has 0 checks"},
		"two checks":         {rule("{table: orders, column: city, not_null: true, unique: true}"), 3, "has 2 checks"},
		"not_null is false":  {rule("{table: orders, column: city, not_null: false}"), 3, "has 0 checks"},
		"a text between":     {rule("{table: orders, column: city, between: {min: 1}}"), 3, "judges a number"},
		"a number in":        {rule("{table: orders, column: total_amount, in: [a]}"), 3, "judges a text"},
		"in nothing":         {rule("{table: orders, column: city, in: []}"), 3, "has 0 values"},
		"no bound":           {rule("{table: orders, rows: {}}"), 3, "write min, max or both"},
		"min above max":      {rule("{table: orders, rows: {min: 2, max: 1}}"), 3, "above max"},
		"no number":          {rule("{table: orders, rows: {min: many}}"), 3, "is no number"},
		"a number too long":  {rule("{table: orders, rows: {min: 1e400000000}}"), 3, "is no number"},
		"a wrong pattern":    {rule("{table: orders, column: city, matches: '('}"), 3, "no regular expression"},
		"column of rows":     {rule("{table: orders, column: city, rows: {min: 1}}"), 3, "leave column out"},
		"unknown reference":  {rule("{table: lines, column: product_id, references: fact_orders}"), 3, "write one of customers, products"},
		"at most a text":     {rule("{table: orders, column: total_amount, at_most: city}"), 3, "no number"},
		"age of a text":      {rule("{table: orders, column: city, max_age_hours: 2}"), 3, "judges a time"},
		"age of a date":      {rule("{table: customers, column: registration_date, max_age_hours: 2}"), 3, "judges a time"},
		"an age of days":     {rule("{table: orders, max_age_hours: 48}"), 3, "write 24 at most"},
		"no age":             {rule("{table: products, max_age_hours: 0}"), 3, "write more than 0"},
		"an age in words":    {rule("{table: products, max_age_hours: 2h}"), 3, "is no number"},
		"more than there is": {"expectations:\n" + strings.Repeat("- {table: orders, rows: {min: 1}}\n", maxRules+1), 0, "write 1 to 200"},
		"too large":          {strings.Repeat("#", maxBytes+1), 0, "at most"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "rules.yaml")
			if err := os.WriteFile(path, []byte(tc.content), 0o600); err != nil {
				t.Fatal(err)
			}
			rules, err := Read(path)
			var fault *Error
			if !errors.As(err, &fault) || fault.File != path || tc.line > 0 && fault.Line != tc.line || !strings.Contains(fault.Message, tc.says) || len(rules.Rules) > 0 {
				t.Errorf("%v (%d rules), want line %d and %q", err, len(rules.Rules), tc.line, tc.says)
			}
		})
	}
	if _, err := Read(filepath.Join(t.TempDir(), "missing.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}
