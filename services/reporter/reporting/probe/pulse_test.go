package probe

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
)

func TestPulse(t *testing.T) {
	t.Parallel()
	now := someTime
	p := NewPulse(func() time.Time { return now })
	expect := func(what, state, detail string, took int64) {
		t.Helper()
		if got := p.state(); got.Service != "bigquery" || got.State != state || got.Detail != detail || got.Took != took {
			t.Errorf("%s: %+v", what, got)
		}
	}
	expect("before any question", serviceReady, "", 0)
	answered := p.Ask()
	now = now.Add(patience)
	expect("a question that takes long", serviceReady, "", 0)
	now = now.Add(2 * time.Second)
	expect("one that takes too long", serviceNotReady, "A question has waited for 7s for its answer.", 0)
	answered(nil)
	expect("its answer", serviceReady, "", 7000)
	p.Ask()(errors.New("unavailable"))
	now = now.Add(3 * time.Second)
	expect("a failure", serviceNotReady, "The last question failed, 3s ago.", 0)
	p.Ask()(context.Canceled)
	expect("a question given up", serviceNotReady, "The last question failed, 3s ago.", 0)
	p.Ask()(query.ErrTooManyRows)
	expect("a question that asks too much", serviceReady, "", 0)
}
