package provision

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPlanAsDiff(t *testing.T) {
	t.Parallel()
	plan := Plan{Steps: []Step{
		{Resource: "subscription s", Outcome: Updated, Changes: []Change{
			{Setting: "retention", From: "24h0m0s", To: "168h0m0s"}, {Setting: "dead letters", To: "to t after 20 deliveries"},
			{Setting: "push to", From: "https://example.com"},
		}},
		{Resource: "subscription u", Outcome: Replaced, Changes: []Change{{Setting: "topic", From: "_deleted_topic_", To: "t"}}},
		{Resource: "table c", Outcome: Conflict, Changes: []Change{{Setting: "conflict", To: "it is a view"}}},
		{Resource: "topic t", Outcome: Created},
		{Resource: "topic u", Outcome: Unchanged, Changes: []Change{{Setting: "lifecycle", From: "never delete a/", To: "delete a/ after 9 days", Left: "A_DAYS=9"}}},
		{Resource: "view v", Outcome: Unchanged},
	}}
	const want = `~ subscription s
    ~ retention: 24h0m0s -> 168h0m0s
    + dead letters: to t after 20 deliveries
    - push to: https://example.com
-/+ subscription u
    ~ topic: _deleted_topic_ -> t
! table c
    ! it is a view
+ topic t
= topic u
    = lifecycle: never delete a/ (left alone; A_DAYS=9 would shorten it)
`
	for all, text := range map[bool]string{false: want, true: want + "= view v\n"} {
		var got strings.Builder
		if err := plan.Write(&got, all); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(text, got.String()); diff != "" {
			t.Errorf("all %v (-want +got):\n%s", all, diff)
		}
	}
	if got := len(plan.Pending()); got != 3 {
		t.Errorf("%d pending steps, want 3", got)
	}
}

func TestLineChanges(t *testing.T) {
	t.Parallel()
	got := lineChanges("query", "SELECT\n  a,\n  b\nFROM t", "SELECT\n  a,\n  c,\n  d\nFROM t")
	want := []Change{
		{Setting: "query", From: "  b"},
		{Setting: "query", To: "  c,"}, {Setting: "query", To: "  d"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}
