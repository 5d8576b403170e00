package replay

import (
	"context"
	"time"
)

// pace holds publishing to a number of dead letters a second.
type pace struct{ ticks *time.Ticker } // nil: no pace

func newPace(perSecond float64) pace {
	if perSecond <= 0 {
		return pace{}
	}
	return pace{time.NewTicker(max(1, time.Duration(float64(time.Second)/perSecond)))}
}

func (p pace) wait(ctx context.Context) error {
	if p.ticks == nil {
		return nil
	}
	select {
	case <-p.ticks.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p pace) stop() {
	if p.ticks != nil {
		p.ticks.Stop()
	}
}
