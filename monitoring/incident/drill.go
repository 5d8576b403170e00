// Package incident records what goes wrong: it runs the pipeline in a sandbox, breaks
// it in one way after another, and keeps what the services export meanwhile, so that
// alerts can be tested on it.
package incident

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/stack"
)

// The phases of the drill, in their order.
const (
	PhaseHealthy   = "healthy"
	PhaseBadData   = "bad data"           // refused records, unreadable files, messages that nobody can read
	PhaseWriter    = "writer stopped"     // and dead letters that it should store
	PhaseParser    = "parser stopped"     // long enough for files to be stuck
	PhaseRefusing  = "warehouse refusing" // every job, and so every transaction, answers 403
	PhaseWarehouse = "warehouse failing"  // every query answers 503
	PhaseAppends   = "appends failing"
	PhaseBudget    = "over budget" // no transaction may bill a byte
	PhaseCrashes   = "watcher crashing"
	PhaseBurst     = "burst" // one transaction after the other, to be paid for
	PhaseRecovered = "recovered"
)

// maxLooking is how many answers the dashboard's reader awaits at once.
const maxLooking = 8

// drill is one run.
type drill struct {
	stack   *stack.Stack
	pubsub  *pubsub.Client
	storage *storage.Client
	orders  *generate.Orders
	files   int
	say     func(string)

	looking atomic.Int64
	lookers sync.WaitGroup

	*Recorder
}

// Record runs the drill in a sandbox that keeps its state in dir, and returns what was
// recorded at the interval given. It takes about ten minutes; say is told of each phase.
func Record(ctx context.Context, dir string, interval time.Duration, log *slog.Logger, say func(string)) (_ *Recording, err error) {
	cfg, err := Config(dir)
	if err != nil {
		return nil, err
	}
	s, err := stack.Start(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	d := &drill{stack: s, say: say, Recorder: NewRecorder(s, interval)}
	endpoints := s.Endpoints()
	if d.pubsub, err = endpoints.NewPubSub(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.pubsub.Close()) }()
	if d.storage, err = endpoints.NewStorage(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.storage.Close()) }()
	now := time.Now().UTC()
	if d.orders, err = generate.NewOrders(generate.OrderOptions{Seed: 7, From: now.Add(-2 * time.Hour), To: now}); err != nil {
		return nil, err
	}
	defer d.lookers.Wait()
	if err := d.run(ctx); err != nil {
		return nil, err
	}
	return d.recording, nil
}

// run goes through the phases. Orders land all the time, products too; customers
// cease with the first phase, so that their source falls silent.
func (d *drill) run(ctx context.Context) error {
	for _, phase := range []struct {
		name   string
		begin  func(context.Context) error
		length time.Duration
		end    func(context.Context) error
	}{
		{PhaseHealthy, d.nothing, 40 * time.Second, d.nothing},
		{PhaseBadData, d.spoil, 30 * time.Second, d.nothing},
		{PhaseWriter, d.stopWriter, 60 * time.Second, d.starts(topology.Writer)},
		{PhaseParser, d.stops(topology.Parser), 140 * time.Second, d.starts(topology.Parser)},
		{PhaseRefusing, d.breaks("bigquery.jobs.insert fail permission_denied rate 1"), 60 * time.Second, d.mend},
		{PhaseWarehouse, d.breaks("bigquery.jobs.* fail unavailable rate 1"), 70 * time.Second, d.mend},
		{PhaseAppends, d.breakAppends, 45 * time.Second, d.mend},
		{PhaseBudget, d.restartsAggregator(1), 10 * time.Second, d.restartsAggregator(0)},
		{PhaseCrashes, d.crashWatcher, 5 * time.Second, d.nothing},
		{PhaseBurst, d.burst, 0, d.nothing},
		{PhaseRecovered, d.nothing, 60 * time.Second, d.nothing},
	} {
		d.say(phase.name)
		d.Phase(phase.name)
		if err := phase.begin(ctx); err != nil {
			return fmt.Errorf("begin %q: %w", phase.name, err)
		}
		if err := d.watch(ctx, phase.length, phase.name); err != nil {
			return fmt.Errorf("during %q: %w", phase.name, err)
		}
		if err := phase.end(ctx); err != nil {
			return fmt.Errorf("end %q: %w", phase.name, err)
		}
	}
	return nil
}

// watch lands files, looks at the dashboard and scrapes, for a time.
func (d *drill) watch(ctx context.Context, length time.Duration, phase string) error {
	ticks := time.NewTicker(d.recording.Interval)
	defer ticks.Stop()
	for end := time.Now().Add(length); time.Now().Before(end); {
		if d.recording.Scrapes%4 == 0 {
			if err := d.landAll(ctx, phase); err != nil {
				return err
			}
			d.look(ctx)
		}
		if err := d.Scrape(ctx); err != nil {
			return err
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (d *drill) landAll(ctx context.Context, phase string) error {
	if err := d.landOrders(ctx, 20); err != nil {
		return err
	}
	catalog := generate.CatalogOptions{Seed: uint64(d.files), Count: 20, Today: time.Now().UTC()}
	var products, customers bytes.Buffer
	if _, err := generate.WriteProducts(&products, catalog); err != nil {
		return err
	}
	if err := d.land(ctx, "products", ".csv", products.Bytes()); err != nil {
		return err
	}
	if phase != PhaseHealthy && phase != PhaseRecovered {
		return nil
	}
	if _, err := generate.WriteCustomers(&customers, catalog); err != nil {
		return err
	}
	return d.land(ctx, "customers", ".csv", customers.Bytes())
}

func (d *drill) landOrders(ctx context.Context, n int) error {
	var text bytes.Buffer
	if err := d.orders.WriteOrders(&text, n); err != nil {
		return err
	}
	return d.land(ctx, "orders", ".json", text.Bytes())
}

func (d *drill) land(ctx context.Context, kind, extension string, data []byte) error {
	d.files++
	w := d.stack.Bucket().Object(fmt.Sprintf("%s%s/%06d%s", topology.Landing, kind, d.files, extension)).NewWriter(ctx)
	_, err := w.Write(data)
	return errors.Join(err, w.Close())
}

// look asks the dashboard something that it has not asked before, so that it must
// query, unless a page's worth of answers is still awaited. The answer does not matter;
// that it is counted does.
func (d *drill) look(ctx context.Context) {
	if d.looking.Add(1) > maxLooking {
		d.looking.Add(-1)
		return
	}
	from := time.Now().UTC().Add(-time.Duration(60+d.recording.Scrapes) * time.Minute).Truncate(time.Minute)
	url := fmt.Sprintf("%s/api/v1/summary?from=%s&to=%s", d.stack.DashboardURL(), from.Format(time.RFC3339), from.Add(time.Hour).Format(time.RFC3339))
	d.lookers.Go(func() {
		defer d.looking.Add(-1)
		if req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil); err == nil {
			if resp, err := http.DefaultClient.Do(req); err == nil {
				_ = resp.Body.Close()
			}
		}
	})
}
