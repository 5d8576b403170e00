// Package parsing is the parser: it reads every claimed file once from end to
// end, judges its records by the rules of package rules, and publishes them:
// Order, Product or Customer if valid, RejectedRecord with the original bytes if
// not, and last a FileManifest that says how many there are and what should
// become of the file.
//
// Reading is deterministic: the same file under the same policy gives the same
// parse_id and the same messages, save rejected_at and parsed_at, which tell the
// time of the reading. So a reading may be repeated after any failure, and
// readers of the topics dedupe by (parse_id, record_index).
//
// Memory does not grow with a file's size: the splitter holds one window, the
// decoder one record, the publishers a bounded number of bytes and this package a
// bounded number of results.
package parsing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"cloud.google.com/go/pubsub/v2"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// Service is a built parser.
type Service struct {
	bucket     string
	policy     Policy
	pubsub     *pubsub.Client
	source     source
	publishers publishers
	consumer   *messaging.Consumer
	metrics    metrics
	tracer     *telemetry.Tracer
	log        *slog.Logger
}

// New builds a parser; ctx must live as long as it runs.
func New(ctx context.Context, config Config, rt service.Runtime) (*Service, error) {
	s := &Service{bucket: config.Bucket, policy: config.Policy, log: rt.Log, tracer: rt.Tracer}
	s.source.dataset = config.Dataset
	var pubsubErr, storageErr, bigqueryErr, metricsErr error
	s.pubsub, pubsubErr = config.NewPubSub(ctx)
	s.source.storage, storageErr = config.NewStorage(ctx)
	s.source.bigquery, bigqueryErr = config.NewBigQuery(ctx)
	s.metrics, metricsErr = newMetrics(rt.Meter)
	if err := errors.Join(pubsubErr, storageErr, bigqueryErr, metricsErr); err != nil {
		return nil, errors.Join(err, s.close())
	}
	consumer, err := messaging.NewConsumer(s.pubsub, messaging.ConsumerConfig{
		Subscription:           topology.Subscription(topology.TopicFilesLanded, topology.Parser),
		MaxOutstandingMessages: config.MaxFiles,
	}, rt, s)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.consumer = consumer
	s.publishers = newPublishers(s.pubsub)
	return s, nil
}

// Run reads files until ctx is done and those in hand are finished.
func (s *Service) Run(ctx context.Context) error {
	err := s.consumer.Run(ctx)
	s.publishers.stop()
	return errors.Join(err, s.close())
}

// close closes the clients that were opened.
func (s *Service) close() error {
	var faults []error
	if s.pubsub != nil {
		faults = append(faults, s.pubsub.Close())
	}
	if s.source.storage != nil {
		faults = append(faults, s.source.storage.Close())
	}
	if s.source.bigquery != nil {
		faults = append(faults, s.source.bigquery.Close())
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("close the clients: %w", err)
	}
	return nil
}
