// Package landing is the watcher: it takes files from landing/ to staging/, has
// them read, and puts them into archive/ or quarantine/ when the warehouse knows
// their fate.
//
// All it knows of a file stands in the object's own metadata, and every step is
// guarded by a generation: two watchers at once, or one that dies between any two
// lines, move a file once.
package landing

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/storage"
	"golang.org/x/sync/errgroup"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// Service is the watcher.
type Service struct {
	config  Config
	log     *slog.Logger
	now     func() time.Time
	pubsub  *pubsub.Client
	storage *storage.Client
	bucket  *storage.BucketHandle
	tracer  *telemetry.Tracer
	metrics *metrics
	turns   *service.Heartbeat // of the sweep
	lastPut atomic.Int64       // when a file was last put away, in nanoseconds since 1970; 0: never
	orphans orphans            // of the sweep

	filesLanded *messaging.Publisher
	filesParsed *messaging.Publisher
	consumers   []*messaging.Consumer
}

// New builds the watcher; ctx must outlive Run.
func New(ctx context.Context, cfg Config, rt service.Runtime) (_ *Service, err error) {
	s := &Service{config: cfg, log: rt.Log, now: rt.Now, tracer: rt.Tracer}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.pubsub, err = cfg.NewPubSub(ctx); err != nil {
		return nil, err
	}
	if s.storage, err = cfg.NewStorage(ctx); err != nil {
		return nil, err
	}
	// Every call is guarded by a generation, so each may be sent again.
	s.storage.SetRetry(storage.WithPolicy(storage.RetryAlways))
	s.bucket = s.storage.Bucket(cfg.Bucket)
	if s.metrics, err = newMetrics(rt.Meter); err != nil {
		return nil, err
	}
	if s.turns, err = service.NewHeartbeat(rt, "sweep", cfg.SweepInterval+cfg.SweepTimeout+time.Minute); err != nil {
		return nil, err
	}
	s.filesLanded = messaging.NewPublisher(s.pubsub, topology.TopicFilesLanded)
	s.filesParsed = messaging.NewPublisher(s.pubsub, topology.TopicFilesParsed)
	for topic, handler := range map[string]messaging.Handler{
		topology.TopicLandingNotifications: notifications{s},
		topology.TopicFilesCompleted:       completions{s},
	} {
		consumer, err := messaging.NewConsumer(s.pubsub, messaging.ConsumerConfig{
			Subscription:           topology.Subscription(topic, topology.Watcher),
			MaxOutstandingMessages: cfg.MaxFiles,
		}, rt, handler)
		if err != nil {
			return nil, err
		}
		s.consumers = append(s.consumers, consumer)
	}
	return s, nil
}

// Run watches until ctx is done and the files in hand are finished.
func (s *Service) Run(ctx context.Context) error {
	defer s.close()
	group, ctx := errgroup.WithContext(ctx)
	for _, c := range s.consumers {
		group.Go(func() error { return c.Run(ctx) })
	}
	group.Go(func() error {
		s.sweepLoop(ctx)
		return nil
	})
	return group.Wait()
}

func (s *Service) close() {
	for _, p := range []*messaging.Publisher{s.filesLanded, s.filesParsed} {
		if p != nil {
			p.Stop()
		}
	}
	if s.storage != nil {
		_ = s.storage.Close()
	}
	if s.pubsub != nil {
		_ = s.pubsub.Close()
	}
}
