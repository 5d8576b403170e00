package storm

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// blow is one of what befalls processes.
type blow struct {
	freeze  time.Duration // 0: killed
	victims []string
	pause   time.Duration // until the next
}

// drawBlow draws who is killed or frozen: one, two, all services, or all with the cloud.
func drawBlow(draw *rand.Rand) blow {
	b := blow{pause: between(draw, 300*time.Millisecond, 4*time.Second)}
	all := append(slices.Clone(services), theCloud)
	draw.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	switch n := draw.IntN(20); {
	case n < 10:
		b.victims = all[:1]
	case n < 14:
		b.victims = all[:2]
	case n < 16:
		b.victims = services
	case n < 17:
		b.victims = all
	default:
		b.victims, b.freeze = all[:1+draw.IntN(2)], between(draw, time.Second, 8*time.Second)
	}
	return b
}

// kind is one of faults: its words in a plan without the share of calls, and the highest
// share that a spell may have of it.
type kind struct {
	words string
	most  float64
}

// kinds are all kinds of faults on all methods. Of the answers that are lost, those of a
// stream of deliveries come seldom: what they carried comes back only when its lease ends.
var kinds = []kind{
	{"pubsub.* fail unavailable", 0.3},
	{"pubsub.* fail resource_exhausted", 0.2},
	{"pubsub.* fail internal", 0.2},
	{"pubsub.[^S]* lost unavailable", 0.3},
	{"pubsub.[^S]* lost deadline_exceeded", 0.2},
	{"pubsub.StreamingPull lost unavailable", 0.02},
	{"pubsub.StreamingPull drop", 0.1},
	{"pubsub.[^S]* drop", 0.2},
	{"pubsub.* delay 300ms", 0.2},
	{"pubsub.messages.* twice", 0.5},
	{"pubsub.messages.* again", 0.5},
	{"storage.* fail unavailable", 0.3},
	{"storage.* fail resource_exhausted", 0.2},
	{"storage.* lost unavailable", 0.3},
	{"storage.* drop", 0.2},
	{"storage.* delay 500ms", 0.2},
	{"bigquery.* fail unavailable", 0.3},
	{"bigquery.jobs.* fail backendError", 0.2},
	{"bigquery.jobs.* fail rateLimitExceeded", 0.2},
	{"bigquery.* lost unavailable", 0.3},
	{"bigquery.* drop", 0.2},
	{"bigquery.* delay 300ms", 0.2},
	{"bigquery.job.* end jobInternalError begin", 0.2},
	{"bigquery.job.* end jobBackendError middle", 0.2},
	{"bigquery.job.* end jobBackendError commit", 0.2},
	{"bigquery.job.* end jobInternalError after", 0.2},
	{"bigquery.job.* end jobRateLimitExceeded begin", 0.2},
	{"bigquery.job.* end tableUnavailable middle", 0.2},
	{"bigquery.job.* end quotaExceeded begin", 0.2},
	{"bigquery.job.* delay 1s", 0.2},
}

// kindsOf are the kinds of faults that may strike a method, in the report's words.
func kindsOf(method string) []string {
	switch {
	case strings.HasPrefix(method, "pubsub.messages."):
		return []string{"again", "twice"}
	case strings.HasPrefix(method, "bigquery.job."):
		return []string{"delay", "end"}
	}
	return []string{"delay", "drop", "fail", "lost"}
}

// drawPlan draws some kinds of faults, each with a share of the calls. begin is how many
// kinds were drawn before: they are taken by turns, so that a long storm has each as often.
func drawPlan(draw *rand.Rand, begin int) (plan string, drawn int) {
	drawn = 3 + draw.IntN(4)
	lines := []string{fmt.Sprintf("seed %d", draw.Uint32())}
	for i := range drawn {
		k := kinds[(begin+i)*7%len(kinds)] // 7 and their number have no common factor: all have their turn
		lines = append(lines, fmt.Sprintf("%s rate %.3f", k.words, k.most*(0.1+0.9*draw.Float64())))
	}
	return strings.Join(lines, "\n"), drawn
}

// spell has faults and blows for some time; afterwards all runs again.
func (s *storm) spell(ctx context.Context) error {
	until := time.Now().Add(s.cfg.Spell)
	for time.Now().Before(until) && ctx.Err() == nil {
		if s.draw.IntN(4) == 0 || s.fleet.calmed() {
			plan, drawn := drawPlan(s.draw, s.report.Plans)
			s.report.Plans += drawn
			s.say("faults: %s", strings.ReplaceAll(plan, "\n", "; "))
			if err := s.fleet.setFaults(ctx, plan); err != nil {
				return err
			}
		}
		b := drawBlow(s.draw)
		s.strike(ctx, b)
		_ = sleep.For(ctx, b.pause)
	}
	// What an aggregator has set aside for what it took to be too much, another tries.
	s.fleet.kill(topology.Aggregator)
	return s.fleet.calm(context.WithoutCancel(ctx))
}

func (s *storm) strike(ctx context.Context, b blow) {
	if b.freeze == 0 {
		s.say("kill %s", strings.Join(b.victims, ", "))
		s.fleet.kill(b.victims...)
		return
	}
	s.say("freeze %s for %v", strings.Join(b.victims, ", "), b.freeze.Round(time.Millisecond))
	for _, name := range b.victims {
		s.fleet.freeze(name)
	}
	_ = sleep.For(ctx, b.freeze)
	for _, name := range b.victims {
		s.fleet.program(name).thaw()
	}
}

// calmed tells whether there are no faults.
func (f *fleet) calmed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.plan == ""
}
