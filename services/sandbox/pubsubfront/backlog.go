package pubsubfront

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Backlog is what a subscription has not acknowledged, as Cloud Monitoring's
// subscription/num_undelivered_messages and oldest_unacked_message_age have it.
type Backlog struct {
	Subscription string // projects/P/subscriptions/S
	// Messages counts those that are out on a lease too. Of requests that an earlier
	// process stored and this one has not read yet each counts as one message.
	Messages int64
	// Oldest is when the oldest of them was published; zero without messages.
	Oldest time.Time
	// Acknowledged is how many messages were acknowledged since this process began.
	Acknowledged int64
}

// Backlogs are those of all subscriptions, by name.
func (s *Server) Backlogs(ctx context.Context) ([]Backlog, error) {
	s.mu.RLock()
	subs := slices.Collect(maps.Values(s.subs))
	s.mu.RUnlock()
	all := make([]Backlog, 0, len(subs))
	var faults []error
	for _, sub := range subs {
		messages, oldest, err := sub.queue.Backlog(ctx)
		if err != nil {
			faults = append(faults, fmt.Errorf("backlog of %s: %w", sub.name, err))
			continue
		}
		all = append(all, Backlog{Subscription: sub.name, Messages: messages, Oldest: oldest, Acknowledged: sub.queue.Acknowledged()})
	}
	slices.SortFunc(all, func(a, b Backlog) int { return strings.Compare(a.Subscription, b.Subscription) })
	return all, errors.Join(faults...)
}
