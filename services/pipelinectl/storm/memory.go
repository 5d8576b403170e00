package storm

import (
	"context"
	"slices"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
)

// lookEvery is how often the processes' memory is looked at.
const lookEvery = time.Second

// watchMemory notes the most that each process has in memory until ctx is done, in either half
// of the storm.
func (s *storm) watchMemory(ctx context.Context) map[string]*Memory {
	most := make(map[string]*Memory)
	half := s.started.Add(s.cfg.Duration / 2)
	for sleep.For(ctx, lookEvery) == nil {
		for _, name := range append(slices.Clone(services), theCloud) {
			pid := s.fleet.program(name).pid()
			if pid == 0 {
				continue
			}
			has := memory(pid)
			if has == 0 {
				continue
			}
			if most[name] == nil {
				most[name] = &Memory{}
			}
			if time.Now().Before(half) {
				most[name].FirstHalf = max(most[name].FirstHalf, has)
			} else {
				most[name].SecondHalf = max(most[name].SecondHalf, has)
			}
		}
	}
	return most
}
