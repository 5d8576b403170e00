package topology_test

import (
	"testing"

	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

func TestLandingIgnore(t *testing.T) {
	t.Parallel()
	var ignore topology.Ignore
	if err := config.Defaults(&ignore); err != nil {
		t.Fatal(err)
	}
	if err := ignore.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, ignored := range map[string]bool{
		"landing/orders/_SUCCESS":                           true,
		"landing/orders/_temporary/0/task_1/part-0000.json": true,
		"landing/orders/.part-0000.json.crc":                true,
		"landing/orders/2026_$folder$":                      true,
		"landing/orders/a.json.tmp":                         true,
		"landing/orders/a.crc":                              true,
		"landing/orders/.spark-staging/1/part.json":         true,
		"landing/_drafts/orders.json":                       true,
		"landing/orders/a.json":                             false,
		"landing/orders/part-0000.json":                     false,
		"landing/orders/a_b.json":                           false,
		"landing/orders/temporary/a.json":                   false,
		"landing/orders/a.tmp.json":                         false,
		"landing/Orders/a.json":                             false,
		"landing/a.json":                                    false,
		"archive/orders/_SUCCESS":                           false,
	} {
		if got := ignore.IsIgnored(name); got != ignored {
			t.Errorf("%s: ignored is %v, want %v", name, got, ignored)
		}
	}
}

func TestPatternsThatAreNone(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"[", "a/b", "a/b/"} {
		if (topology.Ignore{LandingIgnore: []string{"*.crc", pattern}}).Validate() == nil {
			t.Errorf("%q passes for a pattern", pattern)
		}
	}
}
