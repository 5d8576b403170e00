// Package reporting is the reporter: the JSON API behind the live dashboard (package
// web), answered from BigQuery by the statements of sql/dashboard.
//
// Each dataset is a path under /api/v1/ and one or two statements; the columns
// of a statement are the fields of the answer. Answers are kept until a file
// completes, which also makes the open pages ask again through an event stream.
// Answers about the daily reports are kept until a report is made.
//
// Limits. There is one replica by design: replicas would share the subscription
// of completed files, so that each would hear of some files only and show the
// others when CACHE_TTL has passed. There is no login: whoever reaches the port
// may read all figures, and the texts of findings and dead letters, which may
// quote a record. Put an authenticating proxy before it where that matters.
package reporting

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/storage"
	"golang.org/x/sync/errgroup"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/notify"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/web"
)

// Service is the reporter.
type Service struct {
	pubsub    *pubsub.Client
	warehouse *warehouseSource
	storage   *storage.Client
	hub       *hub
	newest    *newestReports
	clock     *zoneWatch
	notifier  *notify.Notifier // nil: there is no webhook
	troubles  *troubles
	consumer  *messaging.Consumer
	running   atomic.Bool
}

// New builds the reporter and adds its routes to the runtime's HTTP server; ctx
// must outlive Run.
func New(ctx context.Context, cfg Config, rt service.Runtime) (_ *Service, err error) {
	s := &Service{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.pubsub, err = cfg.NewPubSub(ctx); err != nil {
		return nil, err
	}
	if s.warehouse, err = openWarehouse(ctx, cfg, rt); err != nil {
		return nil, err
	}
	if s.storage, err = cfg.NewStorage(ctx); err != nil {
		return nil, err
	}
	if s.hub, err = mount(cfg, rt, s.warehouse, bucket{s.storage.Bucket(cfg.Bucket)}, time.Now); err != nil {
		return nil, err
	}
	if s.newest, err = newNewestReports(cfg, rt, s.warehouse, time.Now); err != nil {
		return nil, err
	}
	s.clock = &zoneWatch{client: s.warehouse.client, zone: cfg.TimeZone, timeout: cfg.QueryTimeout, log: rt.Log}
	s.notifier = notify.New(cfg.Webhook, rt.Log, time.Now)
	s.troubles = &troubles{
		source: s.warehouse, zone: cfg.TimeZone, notifier: s.notifier, interval: cfg.Webhook.Interval, timeout: cfg.QueryTimeout, now: time.Now, log: rt.Log,
	}
	s.consumer, err = messaging.NewConsumer(s.pubsub, messaging.ConsumerConfig{
		Subscription: topology.Subscription(topology.TopicFilesCompleted, topology.Reporter),
	}, rt, completions{s.hub, s.notifier, rt.Tracer})
	if err != nil {
		return nil, err
	}
	rt.Ready("completed files", func() error {
		if !s.running.Load() {
			return errors.New("not consuming")
		}
		return nil
	})
	return s, nil
}

// mount adds the dashboard's routes to the runtime's HTTP server; the hub that
// it returns must be run for them to follow the data.
func mount(cfg Config, rt service.Runtime, source Source, files Files, now func() time.Time) (*hub, error) {
	ofReports := cfg.CacheBytes / reportsShare
	kept := newCache[request](cfg.CacheTTL, cfg.CacheBytes-ofReports, now)
	hub := newHub(cfg.RefreshInterval, cfg.MaxEventClients, kept.invalidate)
	metrics, err := newMetrics(rt.Meter, hub.streams)
	if err != nil {
		return nil, err
	}
	site, err := web.New(cfg.TimeZone)
	if err != nil {
		return nil, err
	}
	site.Register(rt.HTTP)
	endpoints := &api{
		answers: &answers{
			source:   source,
			currency: cfg.Currency,
			zone:     cfg.TimeZone,
			timeout:  cfg.QueryTimeout,
			slots:    make(chan struct{}, cfg.QueryConcurrency),
			now:      now,
			metrics:  metrics,
			pulse:    newPulse(now),
		},
		cache:     kept,
		maxPeriod: time.Duration(cfg.MaxPeriodDays) * day,
		now:       now,
		log:       rt.Log,
		metrics:   metrics,
	}
	endpoints.register(rt.HTTP)
	registerDocument(rt.HTTP)
	handleRead(rt.HTTP, apiRoot+"events", service.Patient(0, &events{hub: hub, now: now}))
	(&reports{
		answers: endpoints.answers, cache: newCache[reportQuery](cfg.CacheTTL, ofReports, now), files: files, log: rt.Log,
	}).register(rt.HTTP)
	handleRead(rt.HTTP, apiRoot+"services", newProbe(cfg.ServiceURLs, endpoints.answers.pulse, now, rt.Log))
	return hub, nil
}

var _ http.Handler = (*events)(nil)

// Run follows the completed files until ctx is done.
func (s *Service) Run(ctx context.Context) error {
	defer s.close()
	s.running.Store(true)
	defer s.running.Store(false)
	tasks, running := errgroup.WithContext(ctx)
	tasks.Go(func() error {
		s.hub.run(running)
		return nil
	})
	tasks.Go(func() error {
		s.newest.run(running, newestInterval)
		return nil
	})
	tasks.Go(func() error { return s.clock.run(running, newestInterval) })
	if s.notifier != nil {
		tasks.Go(func() error {
			s.notifier.Run(running)
			return nil
		})
		tasks.Go(func() error {
			s.troubles.run(running)
			return nil
		})
	}
	tasks.Go(func() error { return s.consumer.Run(running) })
	return tasks.Wait()
}

func (s *Service) close() {
	if s.storage != nil {
		_ = s.storage.Close()
	}
	if s.warehouse != nil {
		_ = s.warehouse.client.Close()
	}
	if s.pubsub != nil {
		_ = s.pubsub.Close()
	}
}
