// Package watch is what the reporter looks at by itself, whether or not a page is open: how
// new the reports are, what the webhook is to be told, and whose days the warehouse has.
package watch

import (
	"context"
	"time"
)

// Interval is how often the newest reports and the zone are asked for. A look is billed
// as 10 MB whatever it reads; an alert of 30 hours needs no finer one.
const Interval = 15 * time.Minute

// every looks at once, and then every interval until ctx is done or look returns false.
func every(ctx context.Context, interval time.Duration, look func() (again bool)) {
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	for look() {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}
