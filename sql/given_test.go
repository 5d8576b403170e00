package sql

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const withChoices = `-- Why.
-- @param a INT64
-- @param day_dates ARRAY<DATE>
INSERT INTO file_ledger (a)
-- @if not orders
SELECT @a
-- @end
-- @if orders
SELECT o.a FROM fact_orders AS o WHERE o.d IN UNNEST(@day_dates)
-- @end
UNION ALL
SELECT """
-- @if none
"""`

func TestGiven(t *testing.T) {
	t.Parallel()
	s, err := Parse("a", withChoices)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"orders"}, s.Conditions()); diff != "" {
		t.Errorf("conditions (-want +got):\n%s", diff)
	}
	head, tail := "-- Why.\n-- @param a INT64\n-- @param day_dates ARRAY<DATE>\nINSERT INTO file_ledger (a)\n", "UNION ALL\nSELECT \"\"\"\n-- @if none\n\"\"\""
	for _, test := range []struct {
		there []string
		want  Statement
	}{
		{nil, Statement{Name: "a", Text: head + "SELECT @a\n" + tail, Parameters: []Parameter{{"a", "INT64"}}, Writes: []string{"file_ledger"}}},
		{[]string{"products", "orders"}, Statement{
			Name: "a", Text: head + "SELECT o.a FROM fact_orders AS o WHERE o.d IN UNNEST(@day_dates)\n" + tail,
			Parameters: []Parameter{{"day_dates", "ARRAY<DATE>"}}, Reads: []string{"fact_orders"}, Writes: []string{"file_ledger"},
		}},
	} {
		got, err := s.Given(test.there...)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, got, cmpopts.IgnoreUnexported(Statement{})); diff != "" {
			t.Errorf("given %v (-want +got):\n%s", test.there, diff)
		}
		if _, err := got.InlineDates(map[string][]int32{"day_dates": {0}}); err != nil {
			t.Error(err)
		}
	}
}

func TestChoicesThatAreNone(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"-- @if a\nSELECT 1\n-- @if b\n, 2\n-- @end\nFROM t": "sql: line 3: @if inside of an @if",
		"SELECT 1\n-- @end\nFROM t":                          "sql: line 2: @end without an @if",
		"SELECT 1\n-- @if a\nFROM t\n-- @end":                "sql: line 2: @if without an @end",
	} {
		if _, err := Parse("a", src); message(err) != want {
			t.Errorf("%q: error %q, want %q", src, message(err), want)
		}
	}
}

func TestNeeded(t *testing.T) {
	t.Parallel()
	var folder []Statement
	for _, src := range []string{"SELECT 1", "-- @when a, b\nSELECT 2", "-- @unless b\nSELECT 3", "-- @when c\n-- @unless a\nSELECT 4"} {
		s, err := Parse(src, src)
		if err != nil {
			t.Fatal(err)
		}
		folder = append(folder, s)
	}
	for there, want := range map[string]string{"": "13", "a": "123", "b": "12", "c": "134", "a c": "123", "b c": "124"} {
		needed, err := Needed(folder, strings.Fields(there)...)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, s := range needed {
			got += s.Text[len(s.Text)-1:]
		}
		if got != want {
			t.Errorf("with %q %s are needed, want %s", there, got, want)
		}
	}
}

var (
	created = regexp.MustCompile(`CREATE TEMP TABLE (\w+)`)
	named   = regexp.MustCompile(`\w+`)
	remark  = regexp.MustCompile(`(?m)--.*$`)
)

// TestTransactionOfEachBatch: whatever a batch brings, its transaction names a temp table only after
// it has created it, once, and creates none that nothing reads.
func TestTransactionOfEachBatch(t *testing.T) {
	t.Parallel()
	folder, err := Group("transform")
	if err != nil {
		t.Fatal(err)
	}
	temporary := make(map[string]bool)
	for _, s := range folder {
		for _, name := range s.Conditions() {
			if !slices.Contains(brings, name) {
				t.Errorf("%s: no batch brings %q", s.Name, name)
			}
		}
		for _, m := range created.FindAllStringSubmatch(s.Text, -1) {
			temporary[m[1]] = true
		}
	}
	type form struct {
		creates string
		names   []string // of temp tables, in it
	}
	forms := make(map[string]form) // by the statement and what of its conditions is there
	formOf := func(s Statement, brought []string) form {
		there := slices.DeleteFunc(s.Conditions(), func(name string) bool { return !slices.Contains(brought, name) })
		key := s.Name + " " + strings.Join(there, ",")
		if known, ok := forms[key]; ok {
			return known
		}
		needed, err := Needed([]Statement{s}, there...)
		if err != nil {
			t.Fatal(err)
		}
		var f form
		for _, s := range needed {
			text := remark.ReplaceAllString(s.Text, "")
			if m := created.FindStringSubmatch(text); m != nil {
				f.creates = m[1]
			}
			f.names = slices.DeleteFunc(distinct(named.FindAllString(text, -1)), func(name string) bool { return !temporary[name] || name == f.creates })
		}
		forms[key] = f
		return f
	}
	for _, brought := range Batches() {
		read := make(map[string]bool) // the temp tables that are there, and whether they have been read
		for _, s := range folder {
			f := formOf(s, brought)
			for _, name := range f.names {
				if _, there := read[name]; !there {
					t.Fatalf("with %v: %s names %s, which is not there", brought, s.Name, name)
				}
				read[name] = true
			}
			if f.creates != "" {
				if _, there := read[f.creates]; there {
					t.Fatalf("with %v: %s creates %s again", brought, s.Name, f.creates)
				}
				read[f.creates] = false
			}
		}
		for name, isRead := range read {
			if !isRead {
				t.Errorf("with %v: nothing reads %s", brought, name)
			}
		}
	}
}
