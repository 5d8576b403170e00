package storm

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// outageKind is what is away, and how.
type outageKind struct {
	of, how string
	// begin takes it away, and end gives it back.
	begin, end func(context.Context, *fleet) error
}

// gone is, for each cloud service, what refuses its calls and breaks its streams, and what
// leaves its calls without an answer.
var gone = map[string]struct{ refuses, hangs string }{
	"bigquery": {"bigquery.* fail unavailable\nbigquery.AppendRows drop", "bigquery.* delay 1h"},
	"pubsub":   {"pubsub.* fail unavailable\npubsub.StreamingPull lost unavailable", "pubsub.* delay 1h\npubsub.StreamingPull lost unavailable"},
	"storage":  {"storage.* fail unavailable", "storage.* delay 1h"},
}

// outages are all that can be away, in a fixed order.
func outages() []outageKind {
	var all []outageKind
	for _, of := range []string{"bigquery", "pubsub", "storage"} {
		for how, plan := range map[string]string{"refuses": gone[of].refuses, "hangs": gone[of].hangs} {
			all = append(all, outageKind{of, how,
				func(ctx context.Context, f *fleet) error { return f.setFaults(ctx, plan) },
				func(ctx context.Context, f *fleet) error { return f.setFaults(ctx, "") },
			})
		}
	}
	for _, of := range []string{topology.Watcher, topology.Parser, topology.Writer, topology.Aggregator, theCloud} {
		all = append(all, outageKind{of, "killed",
			func(_ context.Context, f *fleet) error {
				f.program(of).hold()
				f.kill(of)
				return nil
			},
			func(ctx context.Context, f *fleet) error { return f.calm(ctx) },
		}, outageKind{of, "frozen",
			func(_ context.Context, f *fleet) error {
				f.freeze(of)
				return nil
			},
			func(_ context.Context, f *fleet) error {
				f.program(of).thaw()
				return nil
			},
		})
	}
	if canFillDisk {
		all = append(all, outageKind{theCloud, "disk full",
			func(_ context.Context, f *fleet) error { return f.fill(true) },
			func(_ context.Context, f *fleet) error { return f.fill(false) },
		})
	}
	slices.SortFunc(all, func(a, b outageKind) int { return strings.Compare(a.of+a.how, b.of+b.how) })
	return all
}

// slowly is how many times its own length a recovery may take before it is given up.
const slowly = 10

// catchUp is how long an outage waits for files of before it.
const catchUp = 10 * time.Second

// caughtUp waits a little until the files that have landed are loaded, and gives the first
// file that an outage is judged by: of those of before, what was in the hands of a killed
// process comes back only when its lease ends.
func (s *storm) caughtUp(ctx context.Context) (from int) {
	from = s.load.count()
	if s.load.await(ctx, 0, from, catchUp) == nil {
		return 0
	}
	return s.load.count()
}

// outage takes something away, gives it back, and measures until all files that were to
// land before are loaded. Others go on landing meanwhile.
func (s *storm) outage(ctx context.Context, kind outageKind) error {
	from := s.caughtUp(ctx)
	s.say("outage: %s %s for %v", kind.of, kind.how, s.cfg.Outage)
	began := time.Now()
	if err := kind.begin(ctx, s.fleet); err != nil {
		return err
	}
	whole := sleep.For(ctx, s.cfg.Outage) == nil
	to := s.load.count()
	if err := kind.end(context.WithoutCancel(ctx), s.fleet); err != nil {
		return err
	}
	if !whole {
		return nil // the storm is over, and so is what there was to see
	}
	back := time.Now() // which a cloud is once it is ready again
	o := Outage{Of: kind.of, How: kind.how, Seconds: back.Sub(began).Seconds()}
	err := s.load.await(context.WithoutCancel(ctx), from, to, max(slowly*s.cfg.Outage, 3*time.Minute))
	o.Recovery, o.Recovered = time.Since(back).Seconds(), err == nil
	o.Ratio = o.Recovery / o.Seconds
	s.report.Outages = append(s.report.Outages, o)
	if err != nil {
		s.say("after the outage: %v", err)
		return nil
	}
	s.say("recovered after %.1f s, %.2f of the outage", o.Recovery, o.Ratio)
	return nil
}
