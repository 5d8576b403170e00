package storagefront

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	sendersPerConfig = 4                // publishes in flight per notification config
	publishTimeout   = 30 * time.Second // one attempt
	firstRetry       = 100 * time.Millisecond
	longestRetry     = 10 * time.Second
	giveUpAfter      = 7 * 24 * time.Hour // as https://cloud.google.com/storage/docs/pubsub-notifications
)

// outbox delivers events, each until its Notifier takes it. Configs do not wait
// for each other, so one topic's fault holds up no other. What it holds is also
// in the store as pending, so losing the outbox loses nothing.
type outbox struct {
	ctx      context.Context
	stop     context.CancelFunc
	notifier Notifier
	store    *store
	message  func(*event, *notification) (message, error)
	log      *slog.Logger
	senders  sync.WaitGroup

	mu     sync.Mutex
	queues map[configKey]*queue
}

type configKey struct{ bucket, config string }

type queue struct {
	events  []*event
	senders int
}

// message is one publish.
type message struct {
	topic      string
	attributes map[string]string
	data       []byte
}

// add takes an event over. It never blocks: senders exist only while there is work.
func (b *outbox) add(ev *event) {
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
func (b *outbox) send(ev *event) {
	for delay := firstRetry; ; delay = min(2*delay, longestRetry) {
		config := b.store.config(ev.Bucket, ev.Config)
		if config == nil {
			break
		}
		err := b.publish(ev, config)
		if err == nil {
			break
		}
		if b.ctx.Err() != nil {
			return
		}
		attrs := []any{"bucket", ev.Bucket, "object", ev.Object.Name, "generation", ev.Object.Generation, "topic", config.Topic, "error", err}
		if b.store.now().Sub(ev.Time) > giveUpAfter {
			b.log.ErrorContext(b.ctx, "notification given up", attrs...)
			break
		}
		b.log.WarnContext(b.ctx, "notification not delivered, trying again", append(attrs, "delay", delay)...)
		select {
		case <-b.ctx.Done():
			return
		case <-time.After(delay):
		}
	}
	if err := b.store.sent(ev.ID); err != nil {
		b.log.ErrorContext(b.ctx, "delivery not recorded, it will repeat after a restart", "error", err)
	}
}

func (b *outbox) publish(ev *event, config *notification) error {
	msg, err := b.message(ev, config)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(b.ctx, publishTimeout)
	defer cancel()
	return b.notifier.Publish(ctx, msg.topic, msg.attributes, msg.data)
}

// close stops the senders and waits for them. Undelivered events stay in the store.
func (b *outbox) close() {
	b.stop()
	b.senders.Wait()
}
