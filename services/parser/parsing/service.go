// Package parsing is the parser service: it reads every claimed file once (package
// reading), and publishes its records: Order, Product or Customer if valid,
// RejectedRecord with the original bytes if not, and last a FileManifest that says how
// many there are and what should become of the file.
//
// A reading may be repeated after any failure: it gives the same messages, and readers of
// the topics dedupe by (parse_id, record_index). Memory does not grow with a file's size:
// the publishers hold a bounded number of bytes and this package a bounded number of
// results.
package parsing

import (
	"context"
	"log/slog"
	"sync/atomic"

	"cloud.google.com/go/pubsub/v2"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading"
	"github.com/zackkki/ecomm_datapipeline/services/parser/source"
)

// Service is the parser.
type Service struct {
	bucket     string
	policy     reading.Policy
	sources    *source.Set
	pubsub     *pubsub.Client
	objects    objects
	publishers publishers
	consumer   *messaging.Consumer
	metrics    *metrics
	tracer     *telemetry.Tracer
	log        *slog.Logger
	lastRead   atomic.Int64 // when a file was last read to its end, in nanoseconds since 1970; 0: never
}

// New builds the parser; ctx must outlive Run.
func New(ctx context.Context, cfg Config, rt service.Runtime) (_ *Service, err error) {
	s := &Service{bucket: cfg.Bucket, policy: cfg.Policy, log: rt.Log, tracer: rt.Tracer}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.sources, err = source.Load(cfg.SourcesDir); err != nil {
		return nil, err
	}
	if s.pubsub, err = cfg.NewPubSub(ctx); err != nil {
		return nil, err
	}
	s.objects.within = cfg.ReadTimeout
	if s.objects.storage, err = cfg.NewStorage(ctx); err != nil {
		return nil, err
	}
	client, err := cfg.NewBigQuery(ctx)
	if err != nil {
		return nil, err
	}
	s.objects.ledger = &warehouse.Client{BigQuery: client, Dataset: cfg.Dataset, Service: topology.Parser, Timeout: cfg.ReadTimeout}
	if s.metrics, err = newMetrics(rt.Meter); err != nil {
		return nil, err
	}
	s.publishers = newPublishers(s.pubsub)
	s.consumer, err = messaging.NewConsumer(s.pubsub, messaging.ConsumerConfig{
		Subscription:           topology.Subscription(topology.TopicFilesLanded, topology.Parser),
		MaxOutstandingMessages: cfg.MaxFiles,
	}, rt, s)
	return s, err
}

// Run reads files until ctx is done and those in hand are finished.
func (s *Service) Run(ctx context.Context) error {
	defer s.close()
	return s.consumer.Run(ctx)
}

func (s *Service) close() {
	s.publishers.stop()
	_ = s.objects.ledger.Close()
	if s.objects.storage != nil {
		_ = s.objects.storage.Close()
	}
	if s.pubsub != nil {
		_ = s.pubsub.Close()
	}
}
