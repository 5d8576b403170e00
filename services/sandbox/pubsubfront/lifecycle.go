package pubsubfront

import (
	"context"
	"math"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
)

// openSubscription opens or creates the stream of a subscription and sets its
// goroutines going.
func (s *Server) openSubscription(ctx context.Context, key string, seekTo int64, config *pubsubpb.Subscription) (*subscription, error) {
	incarnation, err := incarnationOf(key)
	if err != nil {
		return nil, err
	}
	p := policyOf(config)
	stream, err := s.engine.openQueue(ctx, key, p.retention)
	if err != nil {
		return nil, err
	}
	sub := &subscription{
		name: config.Name, key: key, incarnation: incarnation,
		engine: s.engine, stream: stream, progress: s.progress, republish: s.republish,
		twice: s.twice, again: s.again,
		epoch: time.Now(), opened: time.Now().UnixNano(),
		gone: make(chan struct{}), kick: make(chan struct{}, 1), loadMore: make(chan struct{}, 1),
		config: config, policy: p, seekTo: seekTo,
		chunks: make(map[uint64]*chunk), wake: math.MaxInt64,
	}
	if err := sub.readProgress(ctx); err != nil {
		return nil, err
	}
	sub.inherited.Store(int64(stream.CachedInfo().State.Msgs))
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	sub.stop = stop
	sub.stopped.Add(2)
	go sub.runLoader(run)
	go sub.runKeeper(run)
	return sub, nil
}

// shut ends a subscription's goroutines and turns its pullers away with err.
func (s *subscription) shut(err error) {
	s.mu.Lock()
	if s.goneErr == nil {
		s.goneErr = err
		close(s.gone)
	}
	s.mu.Unlock()
	s.stop()
	s.stopped.Wait()
}

// flush brings everything that the subscription knows to JetStream, for the next
// process.
func (s *subscription) flush(ctx context.Context) error {
	s.mu.Lock()
	for _, c := range s.changed {
		c.changed = math.MinInt64 / 2
	}
	writes, removals := s.takeProgress(s.now())
	last := s.lastAck
	s.mu.Unlock()
	s.storeProgress(ctx, writes, removals)
	if last == "" {
		return nil
	}
	return s.engine.settle(ctx, last)
}

// configure replaces the settings.
func (s *subscription) configure(config *pubsubpb.Subscription) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.config, s.policy = config, policyOf(config)
}

func (s *subscription) settings() (*pubsubpb.Subscription, policy, int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.config, s.policy, s.seekTo
}
