package pubsubfront

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// keepRetry is the rest after something that the keeper wanted of JetStream failed.
const keepRetry = time.Second

// runKeeper does for a subscription what no request does: it ends leases and
// delays when they are due, brings back payloads that were let go, sends letters
// to the dead-letter topic and records progress. One goroutine, asleep until the
// first of these is due.
func (s *subscription) runKeeper(ctx context.Context) {
	defer s.stopped.Done()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-s.kick:
		case <-ctx.Done():
			return
		}
		timer.Reset(s.keep(ctx))
	}
}

// keep does what is due and returns how long to sleep.
func (s *subscription) keep(ctx context.Context) time.Duration {
	s.mu.Lock()
	now := s.now()
	s.expire(now)
	reload, dying := s.reload, s.dying
	s.reload, s.dying = nil, nil
	writes, removals := s.takeProgress(now)
	s.mu.Unlock()

	for _, c := range reload {
		s.reloadChunk(ctx, c)
	}
	for _, at := range dying {
		s.bury(ctx, at)
	}
	s.storeProgress(ctx, writes, removals)

	s.mu.Lock()
	defer s.mu.Unlock()
	now = s.now()
	s.wake = s.nextDue()
	return time.Duration(max(0, s.wake-now))
}

// nextDue is when the keeper is next needed.
func (s *subscription) nextDue() int64 {
	next := int64(math.MaxInt64 / 2)
	if len(s.reload)+len(s.dying)+len(s.finished) > 0 {
		next = 0
	}
	if len(s.due) > 0 {
		next = min(next, s.due[0].due)
	}
	if len(s.changed) > 0 {
		next = min(next, s.changed[0].changed+int64(recordAfter))
	}
	return next
}

// schedule wakes the keeper if it would sleep too long. Callers hold mu.
func (s *subscription) schedule() {
	if next := s.nextDue(); next < s.wake {
		s.wake = next
		signal(s.kick)
	}
}

// reloadChunk reads a chunk's payload from the stream again, for redelivery.
func (s *subscription) reloadChunk(ctx context.Context, c *chunk) {
	payload, err := s.payload(ctx, c)
	s.mu.Lock()
	defer s.mu.Unlock()
	c.reloading = false
	switch {
	case c.open == 0:
	case errors.Is(err, jetstream.ErrMsgNotFound):
		s.drop(c) // its retention is over
	case err != nil:
		s.engine.log.WarnContext(ctx, "reading a chunk again failed", "subscription", s.name, "sequence", c.seq, "error", err)
		for i := range c.messages {
			if c.messages[i].phase == phaseReady {
				c.ready--
				s.deliverAgain(c, i, s.now(), keepRetry)
			}
		}
	default:
		if c.payload == nil {
			c.payload = payload
			s.held += len(payload)
		}
		for i := range c.messages {
			if c.messages[i].phase == phaseReady {
				s.ready++
				s.returned.push(place{c, i})
			}
		}
		s.wakePullers()
	}
}

// payload is c's payload, from memory or from the stream.
func (s *subscription) payload(ctx context.Context, c *chunk) ([]byte, error) {
	s.mu.Lock()
	payload := c.payload
	s.mu.Unlock()
	if payload != nil {
		return payload, nil
	}
	ctx, cancel := context.WithTimeout(ctx, apiTimeout)
	defer cancel()
	m, err := s.stream.GetMsg(ctx, c.seq)
	if err != nil {
		return nil, err
	}
	return m.Data, nil
}
