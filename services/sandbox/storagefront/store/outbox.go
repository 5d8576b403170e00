package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
)

const (
	sendersPerConfig = 4                // publishes in flight per notification config
	publishTimeout   = 30 * time.Second // one attempt
	firstRetry       = 100 * time.Millisecond
	longestRetry     = 10 * time.Second
	giveUpAfter      = 7 * 24 * time.Hour // as https://cloud.google.com/storage/docs/pubsub-notifications
)

// outbox delivers events, each until it is taken. Configs do not wait
// for each other, so one topic's fault holds up no other. What it holds is also
// in the store as pending, so losing the outbox loses nothing.
type outbox struct {
	ctx     context.Context
	stop    context.CancelFunc
	store   *Store
	publish func(context.Context, *Event, *NotificationConfig) error
	senders sync.WaitGroup

	mu     sync.Mutex
	queues map[configKey]*queue
}

type configKey struct{ bucket, config string }

type queue struct {
	events  []*Event
	senders int
}

// Deliver begins to hand events to publish, which is called concurrently and again until
// it succeeds, for up to seven days; first come those that the last run still owed. It is
// called once, before any change; a store without it keeps no events. The end of ctx stops
// nothing: Close does.
func (s *Store) Deliver(ctx context.Context, publish func(context.Context, *Event, *NotificationConfig) error) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.outbox = &outbox{ctx: ctx, stop: stop, store: s, publish: publish, queues: map[configKey]*queue{}}
	for _, ev := range s.unsent() {
		s.outbox.add(ev)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deliver = s.outbox.add
}

// Undelivered is how many events are still owed.
func (s *Store) Undelivered() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.pending)
}

// unsent returns the undelivered events, oldest first.
func (s *Store) unsent() []*Event {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.SortedFunc(maps.Values(s.pending), func(a, b *Event) int { return cmp.Compare(a.ID, b.ID) })
}

// sent records that an event need not be delivered any more.
func (s *Store) sent(id int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending[id] == nil {
		return nil
	}
	return s.write(&record{Sent: id})
}

// add takes an event over. It never blocks: senders exist only while there is work.
func (b *outbox) add(ev *Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := configKey{ev.Bucket, ev.Config}
	q := b.queues[key]
	if q == nil {
		q = &queue{}
		b.queues[key] = q
	}
	q.events = append(q.events, ev)
	if q.senders < sendersPerConfig && b.ctx.Err() == nil {
		q.senders++
		b.senders.Go(func() { b.drain(key, q) })
	}
}

// drain sends until the queue is empty.
func (b *outbox) drain(key configKey, q *queue) {
	for {
		b.mu.Lock()
		if len(q.events) == 0 || b.ctx.Err() != nil {
			q.senders--
			if q.senders == 0 && len(q.events) == 0 {
				delete(b.queues, key)
			}
			b.mu.Unlock()
			return
		}
		ev := q.events[0]
		q.events[0] = nil
		q.events = q.events[1:]
		b.mu.Unlock()
		b.send(ev)
	}
}

// send delivers one event, trying until it succeeds, the outbox stops, the
// config is deleted or the event is too old.
func (b *outbox) send(ev *Event) {
	for delay := firstRetry; ; delay = min(2*delay, longestRetry) {
		config := b.store.config(ev.Bucket, ev.Config)
		if config == nil {
			break
		}
		err := b.attempt(ev, config)
		if err == nil {
			break
		}
		if b.ctx.Err() != nil {
			return
		}
		attrs := []any{"bucket", ev.Bucket, "object", ev.Object.Name, "generation", ev.Object.Generation, "topic", config.Topic, "error", err}
		if b.store.now().Sub(ev.Time) > giveUpAfter {
			b.store.log.ErrorContext(b.ctx, "notification given up", attrs...)
			break
		}
		b.store.log.WarnContext(b.ctx, "notification not delivered, trying again", append(attrs, "delay", delay)...)
		if sleep.For(b.ctx, delay) != nil {
			return
		}
	}
	if err := b.store.sent(ev.ID); err != nil {
		b.store.log.ErrorContext(b.ctx, "delivery not recorded, it will repeat after a restart", "error", err)
	}
}

func (b *outbox) attempt(ev *Event, config *NotificationConfig) error {
	ctx, cancel := context.WithTimeout(b.ctx, publishTimeout)
	defer cancel()
	return b.publish(ctx, ev, config)
}

// close stops the senders and waits for them. Undelivered events stay in the store.
func (b *outbox) close() {
	b.stop()
	b.senders.Wait()
}
