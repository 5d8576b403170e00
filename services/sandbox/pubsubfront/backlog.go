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
}

// Backlogs are those of all subscriptions, by name.
func (s *Server) Backlogs(ctx context.Context) ([]Backlog, error) {
	s.mu.RLock()
	subs := slices.Collect(maps.Values(s.subs))
	s.mu.RUnlock()
	all := make([]Backlog, 0, len(subs))
	var faults []error
	for _, sub := range subs {
		b, err := sub.backlog(ctx)
		if err != nil {
			faults = append(faults, fmt.Errorf("backlog of %s: %w", sub.name, err))
			continue
		}
		all = append(all, b)
	}
	slices.SortFunc(all, func(a, b Backlog) int { return strings.Compare(a.Subscription, b.Subscription) })
	return all, errors.Join(faults...)
}

func (s *subscription) backlog(ctx context.Context) (Backlog, error) {
	b := Backlog{Subscription: s.name}
	s.mu.Lock()
	oldest := int64(0)
	for _, c := range s.chunks {
		b.Messages += int64(c.open)
		if oldest == 0 || c.published < oldest {
			oldest = c.published
		}
	}
	s.mu.Unlock()
	unread := max(0, s.unread.Load()) + max(0, s.inherited.Load())
	if oldest != 0 { // chunks are read in order, so what is unread is younger
		b.Messages += unread
		b.Oldest = time.Unix(0, oldest)
		return b, nil
	}
	if unread == 0 {
		return b, nil
	}
	info, err := s.stream.Info(ctx)
	if err != nil {
		return b, err
	}
	if info.State.Msgs > 0 { // else all of it has expired
		b.Messages, b.Oldest = unread, info.State.FirstTime
	}
	return b, nil
}
