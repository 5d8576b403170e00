package service

import (
	"context"
	"time"
)

// DrainTimeout bounds a shutdown; a pod's grace period must be longer.
const DrainTimeout = 25 * time.Second

// Drain returns a context with the values of parent that outlives it by
// DrainTimeout, for work in hand that a shutdown must not cut off. The caller
// calls cancel when the work is done.
func Drain(parent context.Context) (_ context.Context, cancel context.CancelFunc) {
	ctx, stop := context.WithCancel(context.WithoutCancel(parent))
	unregister := context.AfterFunc(parent, func() {
		timer := time.NewTimer(DrainTimeout)
		defer timer.Stop()
		select {
		case <-timer.C:
			stop()
		case <-ctx.Done():
		}
	})
	return ctx, func() {
		unregister()
		stop()
	}
}
