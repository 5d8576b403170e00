package pubsubfront

import (
	"context"
	"sync"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/queue"
)

// subscription is one as a resource: its settings, and the queue of its messages.
type subscription struct {
	name  string
	key   string // names the queue and the history
	queue *queue.Queue

	mu     sync.Mutex
	config *pubsubpb.Subscription // replaced, never changed
	policy policy
	seekTo int64 // messages published before this Unix time (nanoseconds) are dropped
}

// openSubscription opens or creates the streams of a subscription and sets its
// queue going. Callers hold admin, or are the only ones yet.
func (s *Server) openSubscription(ctx context.Context, key string, seekTo int64, config *pubsubpb.Subscription) (*subscription, error) {
	sub := &subscription{name: config.Name, key: key, config: config, policy: s.deliveryPolicy(config), seekTo: seekTo}
	if config.RetainAckedMessages {
		if err := s.store.OpenHistory(ctx, key, sub.policy.Retention); err != nil {
			return nil, err
		}
	}
	var err error
	sub.queue, err = queue.Open(ctx, s.store, queue.Options{
		Name: config.Name, Key: key, Policy: sub.policy.Policy, SeekTo: seekTo, Progress: s.progress, Logger: s.log,
		Twice: func() bool { return s.twice(config.Name) },
		Again: func() bool { return s.again(config.Name) },
		Bury: func(ctx context.Context, message []byte, attempts uint32) error {
			return s.bury(ctx, sub, message, attempts)
		},
	})
	if err != nil {
		return nil, err
	}
	return sub, nil
}

// configure replaces the settings.
func (s *subscription) configure(config *pubsubpb.Subscription, p policy) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.config, s.policy = config, p
	s.queue.SetPolicy(p.Policy)
}

// seek drops what was published before a time (Unix nanoseconds).
func (s *subscription) seek(t int64) {
	s.mu.Lock()
	s.seekTo = t
	s.mu.Unlock()
	s.queue.SeekTo(t)
}

func (s *subscription) settings() (*pubsubpb.Subscription, policy, int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.config, s.policy, s.seekTo
}
