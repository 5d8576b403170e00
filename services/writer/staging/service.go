// Package staging is the writer: it streams what the parser publishes into the
// staging tables with BigQuery's Storage Write API.
//
// Each subscription has a lane; each table has a batcher. A message is
// acknowledged only when its row's append is confirmed, so a row may be appended
// twice but never lost; readers of the staging tables take each record once by
// (parse_id, record_index). Default streams are used: exactly-once streams would
// cost one connection per process and buy nothing, as Pub/Sub itself may deliver
// a message twice.
package staging

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"cloud.google.com/go/bigquery/storage/managedwriter"
	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/storage"
	"golang.org/x/sync/errgroup"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// Service is the writer.
type Service struct {
	log      *slog.Logger
	metrics  *metrics
	pubsub   *pubsub.Client
	bigquery *managedwriter.Client
	storage  *storage.Client // of the files that refused rows came from
	rejected *messaging.Publisher
	streams  []*stream
	batchers map[string]*batcher
	lanes    []*lane
}

// New builds the writer; ctx must outlive Run.
func New(ctx context.Context, cfg Config, rt service.Runtime) (_ *Service, err error) {
	s := &Service{log: rt.Log, batchers: make(map[string]*batcher)}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.pubsub, err = cfg.NewPubSub(ctx); err != nil {
		return nil, err
	}
	if s.bigquery, err = cfg.NewWriteAPI(ctx); err != nil {
		return nil, err
	}
	if s.storage, err = cfg.NewStorage(ctx); err != nil {
		return nil, err
	}
	if s.metrics, err = newMetrics(rt.Meter); err != nil {
		return nil, err
	}
	s.rejected = messaging.NewPublisher(s.pubsub, topology.TopicRecordsRejected)
	rejectedLetters := messaging.NewDeadLetters(s.pubsub, topology.Subscription(topology.TopicRecordsRejected, topology.Writer))
	for table, row := range rowTypes {
		stream, err := newStream(ctx, s.bigquery, cfg.TableName(table), row)
		if err != nil {
			return nil, err
		}
		s.streams = append(s.streams, stream)
		aside := refusals{s.rejected, originals{s.storage.Bucket(cfg.Bucket), cfg.ReadTimeout}}.setAside
		switch table {
		case tableRejected:
			aside = eachAside(func(ctx context.Context, row refusedRow) error {
				return rejectedLetters.Send(ctx, row.message, fmt.Errorf("row refused: %s: %s", row.refusal.GetCode(), row.refusal.GetMessage()))
			})
		case tableDeadLetters:
			// The last table of all: a dead letter that it refuses stays in Pub/Sub.
			aside = eachAside(func(context.Context, refusedRow) error { return errors.New("dead letter refused by its table") })
		}
		s.batchers[table] = newBatcher(stream, cfg, rt.Log.With("table", table), s.metrics, rt.Tracer, aside)
	}
	if err = s.addLanes(cfg, rt); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Service) addLanes(cfg Config, rt service.Runtime) error {
	for topic, encode := range map[string]encoder{
		topology.TopicOrdersValidated: encodeOrder,
		topology.TopicCatalogUpdates:  encodeCatalog,
		topology.TopicRecordsRejected: encodeRejected,
	} {
		subscription := topology.Subscription(topic, topology.Writer)
		if err := s.addLane(cfg, rt, subscription, encode, messaging.NewDeadLetters(s.pubsub, subscription), nil); err != nil {
			return err
		}
	}
	// Dead letters are few, and their lanes many.
	cfg.MaxOutstandingMessages, cfg.MaxOutstandingBytes = 100, 8<<20
	for _, subscription := range topology.Subscriptions() {
		if err := s.addLane(cfg, rt, topology.DeadLetterSubscription(subscription), encodeDeadLetter(subscription), nil, s.metrics.buried(subscription)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) addLane(cfg Config, rt service.Runtime, subscription string, encode encoder, letters *messaging.DeadLetters, stored func(*pubsub.Message)) error {
	receiver, err := messaging.NewReceiver(s.pubsub, messaging.ConsumerConfig{
		Subscription: subscription, MaxOutstandingMessages: cfg.MaxOutstandingMessages, MaxOutstandingBytes: cfg.MaxOutstandingBytes,
	}, rt)
	if err != nil {
		return err
	}
	s.lanes = append(s.lanes, &lane{
		subscription: subscription,
		receiver:     receiver,
		encode:       encode,
		batchers:     s.batchers,
		letters:      letters,
		stored:       stored,
		log:          s.log,
	})
	return nil
}

// Run consumes until ctx is done; then it appends what it holds and returns. A
// lane that fails stops the whole writer, to be started anew.
func (s *Service) Run(ctx context.Context) error {
	defer s.close()
	lanes, receiving := errgroup.WithContext(ctx)
	// The batchers work on until the last lane has settled its messages, or the
	// time for that is over; then they return what they hold to Pub/Sub.
	appending, stopAppending := service.Drain(receiving)
	var batchers sync.WaitGroup
	for _, b := range s.batchers {
		batchers.Go(func() { b.run(appending, receiving) })
	}
	for _, l := range s.lanes {
		lanes.Go(func() error { return l.run(receiving) })
	}
	err := lanes.Wait()
	stopAppending()
	batchers.Wait()
	return err
}

func (s *Service) close() {
	for _, stream := range s.streams {
		stream.close()
	}
	for _, l := range s.lanes {
		if l.letters != nil {
			l.letters.Stop()
		}
	}
	if s.rejected != nil {
		s.rejected.Stop()
	}
	if s.bigquery != nil {
		_ = s.bigquery.Close()
	}
	if s.storage != nil {
		_ = s.storage.Close()
	}
	if s.pubsub != nil {
		_ = s.pubsub.Close()
	}
}
