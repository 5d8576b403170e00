// Package loading is the aggregator: it waits until all records of a file are in
// staging, and then loads complete files into the star schema, in one transaction
// at a time.
//
// The transaction raises a fence first, so that several aggregators may run: one
// commits, the others are cancelled and find the files in the ledger. What a file
// became is announced only after the commit, from the ledger, and its message is
// acknowledged only after the announcement: a crash anywhere repeats work that
// changes nothing.
package loading

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"cloud.google.com/go/pubsub/v2"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// errStopped returns messages to Pub/Sub when the aggregator ends.
var errStopped = errors.New("aggregator is stopping")

// Service is the aggregator.
type Service struct {
	config  Config
	log     *slog.Logger
	now     func() time.Time
	metrics *metrics
	tracer  *telemetry.Tracer
	beat    *service.Heartbeat // of the loop
	pubsub  *pubsub.Client
	star    *starSchema

	filesLanded    *messaging.Publisher
	filesCompleted *messaging.Publisher
	consumer       *messaging.Consumer

	// What the loop knows of the transactions.
	next         time.Time // not before is another looked for
	seen, own    int64     // the fence's epoch up to which the ledger is known, and that of the last transaction here
	unrepaired   bool      // facts wait for repair that the last transaction had no room for
	suspectsNext bool      // files that were too much together come before others

	arrivals chan *waiting
	stopped  chan struct{} // closed when the loop has ended
}

// New builds the aggregator; ctx must outlive Run.
func New(ctx context.Context, cfg Config, rt service.Runtime) (_ *Service, err error) {
	s := &Service{
		config: cfg, log: rt.Log, now: time.Now, tracer: rt.Tracer,
		seen: -1, own: -1, arrivals: make(chan *waiting), stopped: make(chan struct{}),
	}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.metrics, err = newMetrics(rt.Meter); err != nil {
		return nil, err
	}
	if s.beat, err = service.NewHeartbeat(rt, "loading", cfg.TransactionTimeout+roundMargin); err != nil {
		return nil, err
	}
	if s.pubsub, err = cfg.NewPubSub(ctx); err != nil {
		return nil, err
	}
	if s.star, err = newStarSchema(ctx, cfg, rt); err != nil {
		return nil, err
	}
	s.filesLanded = messaging.NewPublisher(s.pubsub, topology.TopicFilesLanded)
	s.filesCompleted = messaging.NewPublisher(s.pubsub, topology.TopicFilesCompleted)
	s.consumer, err = messaging.NewConsumer(s.pubsub, messaging.ConsumerConfig{
		Subscription:           topology.Subscription(topology.TopicFilesParsed, topology.Aggregator),
		MaxOutstandingMessages: cfg.MaxWaitingFiles,
	}, rt, s)
	return s, err
}

// Run loads files until ctx is done. A transaction under way is finished; files
// that still wait go back to Pub/Sub.
func (s *Service) Run(ctx context.Context) error {
	defer s.close()
	looping, stop := context.WithCancel(ctx)
	go func() {
		defer close(s.stopped)
		s.loop(looping)
	}()
	err := s.consumer.Run(ctx)
	// It may also end by itself, when its subscription is gone: then the process ends, too,
	// and is started again, instead of living on without a file to wait for.
	stop()
	<-s.stopped
	return err
}

func (s *Service) close() {
	for _, p := range []*messaging.Publisher{s.filesLanded, s.filesCompleted} {
		if p != nil {
			p.Stop()
		}
	}
	if s.star != nil {
		_ = s.star.questions.Close()
	}
	if s.pubsub != nil {
		_ = s.pubsub.Close()
	}
}
