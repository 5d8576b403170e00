package embedded

import (
	"context"
	"fmt"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/faults"
)

// T is what Start needs of a test: a *testing.T, *testing.B or *testing.F. It is not
// testing.TB, which would bring package testing into programs.
type T interface {
	Helper()
	Context() context.Context
	TempDir() string
	Cleanup(func())
	Error(args ...any)
	Fatal(args ...any)
}

// Start starts a cloud of a test's own, on free ports and in a folder of the test's,
// and closes it when the test ends. A test that parallel tests share a cloud with has
// to choose names of its own. Edits change the configuration before the start.
func Start(t T, edits ...func(*Config)) *Cloud {
	t.Helper()
	cfg := Config{Dir: t.TempDir()}
	for _, edit := range edits {
		edit(&cfg)
	}
	c, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// SetFaults makes the cloud misbehave from now on by a plan in the language of package
// faults, instead of by an earlier one:
//
//	err := cloud.SetFaults("bigquery.jobs.query fail unavailable first 2; pubsub.* lost unavailable rate 0.05")
//
// An empty plan ends all faults. An error names the rules at fault, and changes nothing.
func (c *Cloud) SetFaults(plan string) error {
	parsed, err := faults.Parse(plan)
	if err != nil {
		return fmt.Errorf("read the plan of faults: %w", err)
	}
	c.faults.Set(parsed)
	return nil
}
