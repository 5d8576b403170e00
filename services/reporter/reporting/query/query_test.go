package query

import (
	"testing"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/sql"
)

// TestGiven: a statement is asked with what the filters that are set need, and no more.
func TestGiven(t *testing.T) {
	t.Parallel()
	s, err := sql.Parse("a", "SELECT 1\n-- @if hours\n, 2\n-- @end\n-- @if tier\n, 3\n-- @end\n-- @if not region\n, 4\n-- @end\nFROM t")
	if err != nil {
		t.Fatal(err)
	}
	set := bigquery.NullString{StringVal: "gold", Valid: true}
	for name, tc := range map[string]struct {
		params Params
		want   []string
	}{
		"nothing":                  {nil, []string{}},
		"filters that are not set": {Params{"tier": bigquery.NullString{}, "hours": false}, []string{}},
		"some":                     {Params{"tier": set, "hours": true, "category": set}, []string{"hours", "tier"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, tc.params.given(s)); diff != "" {
				t.Errorf("given (-want +got):\n%s", diff)
			}
		})
	}
}
