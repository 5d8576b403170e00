// Package reporting is the reporter: the JSON API behind the live dashboard (package
// web), answered from BigQuery by the statements of sql/dashboard.
//
// Its rooms: dataset (the questions behind the panels), reports (what the daily runs have
// made) and notes (annotations and goals) answer by query (asks BigQuery) and answer (reads requests, keeps and sends answers);
// live tells the open pages that files have completed; probe tells how the services do;
// watch looks at what no page asks for. None of them imports this package.
//
// Answers are kept until a file completes, which also makes the open pages ask
// again through an event stream. Answers about the daily reports are kept until a
// report is made, and those about annotations and goals until one is written.
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
	"sync/atomic"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/storage"
	"golang.org/x/sync/errgroup"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/openlineage"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/notify"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/answer"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/dataset"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/live"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/notes"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/probe"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/reports"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/watch"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/web"
)

// Service is the reporter.
type Service struct {
	pubsub    *pubsub.Client
	warehouse *query.Warehouse
	storage   *storage.Client
	hub       *live.Hub
	newest    *watch.NewestReports
	zone      *watch.Zone
	notifier  *notify.Notifier // nil: there is no webhook
	troubles  *watch.Troubles
	lineage   *openlineage.Files // nil: it goes nowhere
	emitter   *openlineage.Emitter
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
	if s.warehouse, err = query.Open(ctx, cfg.Config, cfg.MaxBytesBilled, rt); err != nil {
		return nil, err
	}
	if s.storage, err = cfg.NewStorage(ctx); err != nil {
		return nil, err
	}
	if s.hub, err = mount(cfg, rt, s.warehouse, reports.Bucket{Handle: s.storage.Bucket(cfg.Bucket)}, time.Now); err != nil {
		return nil, err
	}
	if s.newest, err = watch.NewNewestReports(rt, s.warehouse, cfg.TimeZone, cfg.QueryTimeout, time.Now); err != nil {
		return nil, err
	}
	s.zone = &watch.Zone{Client: s.warehouse.Client, Zone: cfg.TimeZone, Timeout: cfg.QueryTimeout, Log: rt.Log}
	s.notifier = notify.New(cfg.Webhook, rt.Log, time.Now)
	s.troubles = &watch.Troubles{
		Source: s.warehouse, Zone: cfg.TimeZone, Notifier: s.notifier, Interval: cfg.Webhook.Interval, Timeout: cfg.QueryTimeout, Now: time.Now, Log: rt.Log,
	}
	if _, err = openlineage.NewCounter(rt.Meter); err != nil {
		return nil, err
	}
	if cfg.Settings.Enabled() {
		if err := s.openLineage(&cfg, rt); err != nil {
			return nil, err
		}
	}
	s.consumer, err = messaging.NewConsumer(s.pubsub, messaging.ConsumerConfig{
		Subscription: topology.Subscription(topology.TopicFilesCompleted, topology.Reporter),
	}, rt, live.Completions{Hub: s.hub, Notifier: s.notifier, Lineage: s.lineage, Tracer: rt.Tracer})
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

// openLineage has completed files be told to a catalog of data.
func (s *Service) openLineage(cfg *Config, rt service.Runtime) (err error) {
	events, err := openlineage.NewEvents(cfg.Settings.Namespace, cfg.ProjectID, cfg.Dataset)
	if err != nil {
		return err
	}
	if s.emitter, err = openlineage.NewEmitter(&cfg.Settings, s.pubsub, rt.Meter, rt.Log); err != nil {
		return err
	}
	s.lineage = openlineage.NewFiles(&cfg.Settings, events, s.emitter, watch.Findings{Source: s.warehouse}, cfg.QueryTimeout, rt.Log)
	return nil
}

// reportsShare is the reports' part of the bytes that are kept, one in so many.
const reportsShare = 4

// mount adds the dashboard's routes to the runtime's HTTP server; the hub that
// it returns must be run for them to follow the data.
func mount(cfg Config, rt service.Runtime, source query.Source, files reports.Files, now func() time.Time) (*live.Hub, error) {
	ofReports := cfg.CacheBytes / reportsShare
	kept := dataset.Keep(cfg.CacheTTL, cfg.CacheBytes-ofReports, now)
	hub := live.NewHub(cfg.RefreshInterval, cfg.MaxEventClients, kept.Forget)
	metrics, err := newMetrics(rt.Meter, hub.Streams)
	if err != nil {
		return nil, err
	}
	site, err := web.New(cfg.TimeZone)
	if err != nil {
		return nil, err
	}
	site.Register(rt.HTTP)
	pulse := probe.NewPulse(now)
	asker := query.NewAsker(source, cfg.QueryConcurrency, now, pulse, metrics)
	(&dataset.Datasets{
		Asker: asker, Currency: cfg.Currency, Zone: cfg.TimeZone, Timeout: cfg.QueryTimeout, MaxPeriod: time.Duration(cfg.MaxPeriodDays) * 24 * time.Hour,
		Kept: kept, Counter: metrics, Now: now, Log: rt.Log,
	}).Register(rt.HTTP)
	(&reports.Reports{
		Asker: asker, Files: files, Currency: cfg.Currency, Zone: cfg.TimeZone, Timeout: cfg.QueryTimeout,
		KeepFor: cfg.CacheTTL, KeepBytes: ofReports, Counter: metrics, Now: now, Log: rt.Log,
	}).Register(rt.HTTP)
	(&notes.Notes{
		Asker: asker, Currency: cfg.Currency, Zone: cfg.TimeZone, Timeout: cfg.QueryTimeout, Counter: metrics, Now: now, Log: rt.Log,
	}).Register(rt.HTTP)
	answer.HandleRead(rt.HTTP, answer.Root+"events", service.Patient(0, &live.Events{Hub: hub, Now: now}))
	answer.HandleRead(rt.HTTP, answer.Root+"services", probe.New(cfg.ServiceURLs, pulse, now, rt.Log))
	registerDocument(rt.HTTP)
	answer.HandleUnknown(rt.HTTP)
	return hub, nil
}

// Run follows the completed files until ctx is done.
func (s *Service) Run(ctx context.Context) error {
	defer s.close()
	s.running.Store(true)
	defer s.running.Store(false)
	tasks, running := errgroup.WithContext(ctx)
	tasks.Go(func() error {
		s.hub.Run(running)
		return nil
	})
	tasks.Go(func() error {
		s.newest.Run(running, watch.Interval)
		return nil
	})
	tasks.Go(func() error { return s.zone.Run(running, watch.Interval) })
	if s.notifier != nil {
		tasks.Go(func() error {
			s.notifier.Run(running)
			return nil
		})
		tasks.Go(func() error {
			s.troubles.Run(running)
			return nil
		})
	}
	if s.lineage != nil {
		// Events that the last files make are sent, too: the emitter ends after them.
		sending, stop := context.WithCancel(context.WithoutCancel(ctx))
		tasks.Go(func() error {
			defer stop()
			s.lineage.Run(running)
			return nil
		})
		tasks.Go(func() error {
			s.emitter.Run(sending)
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
		_ = s.warehouse.Client.Close()
	}
	if s.pubsub != nil {
		_ = s.pubsub.Close()
	}
}
