// Package incident records what goes wrong: it runs the pipeline in a sandbox, breaks
// it in one way after another, and keeps what the services export meanwhile, so that
// alerts can be tried on it.
package incident

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/storage"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/stack"
)

// The phases of the drill, in their order.
const (
	PhaseHealthy   = "healthy"
	PhaseBadData   = "bad data"           // refused records, unreadable files, messages that nobody can read
	PhaseWriter    = "writer stopped"     // and letters that it should store
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

	recording *Recording
	series    map[string]*Series
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
	d := &drill{stack: s, say: say, series: make(map[string]*Series),
		recording: &Recording{Start: time.Now().UTC(), Interval: interval}}
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
		d.recording.Phases = append(d.recording.Phases, Phase{phase.name, d.recording.Scrapes})
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
		if err := d.scrape(ctx); err != nil {
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

func (d *drill) scrape(ctx context.Context) error {
	all, err := Families(ctx, d.stack)
	if err != nil {
		return err
	}
	at := d.recording.Scrapes
	d.recording.Scrapes++
	seen := make(map[string]bool)
	for _, s := range samples(all) {
		seen[s.key] = true
		series, ok := d.series[s.key]
		if !ok {
			series = &Series{Labels: s.labels, Counter: s.counter}
			d.series[s.key] = series
			d.recording.Series = append(d.recording.Series, series)
		}
		series.set(at, &s.value)
	}
	for key, series := range d.series {
		if !seen[key] {
			series.set(at, nil)
		}
	}
	return nil
}

func (d *drill) nothing(context.Context) error { return nil }

// spoil lands files that are refused in part or in whole, gives each service a message
// that it cannot read, and announces a file whose records do not add up.
func (d *drill) spoil(ctx context.Context) error {
	now := time.Now().UTC()
	bad, err := generate.NewOrders(generate.OrderOptions{Seed: 8, From: now.Add(-time.Hour), To: now,
		Faults: generate.Shares{rules.MalformedJSON: .2, rules.InvalidAmount: .2}})
	if err != nil {
		return err
	}
	for range 10 {
		var text bytes.Buffer
		if err := bad.WriteOrders(&text, 400); err != nil {
			return err
		}
		if err := d.land(ctx, "orders", ".json", text.Bytes()); err != nil {
			return err
		}
	}
	if err := d.land(ctx, "orders", ".json.gz", []byte("\x1f\x8b not gzip")); err != nil {
		return err
	}
	for _, topic := range []string{topology.TopicFilesLanded, topology.TopicCatalogUpdates, topology.TopicFilesParsed} {
		if err := d.publish(ctx, topic, []byte("\xff"), map[string]string{"poison": "yes"}); err != nil {
			return err
		}
	}
	return d.forge(ctx, now)
}

// forge announces a file of which two records arrive as read with one.
func (d *drill) forge(ctx context.Context, now time.Time) error {
	const id, kind = "forged", pipelinev1.FileKind_FILE_KIND_ORDERS
	name := topology.Landing + "orders/forged.json"
	staged := d.stack.Bucket().Object(topology.StagingName(kind, id, name))
	w := staged.NewWriter(ctx)
	_, err := w.Write([]byte("{}\n{}\n"))
	if err := errors.Join(err, w.Close()); err != nil {
		return err
	}
	for index := range int64(2) {
		if err := d.publishProto(ctx, topology.TopicRecordsRejected, id, &pipelinev1.RejectedRecord{
			Source: &pipelinev1.RecordSource{FileId: id, ParseId: id, RecordIndex: index, LandedAt: timestamppb.New(now)},
			Kind:   kind, LandingName: name, Rule: string(rules.MissingField), RejectedAt: timestamppb.New(now),
		}); err != nil {
			return err
		}
	}
	// Both must be there before the file is looked at.
	if err := d.watch(ctx, 5*time.Second, PhaseBadData); err != nil {
		return err
	}
	return d.publishProto(ctx, topology.TopicFilesParsed, id, &pipelinev1.FileManifest{
		File: &pipelinev1.LandedFile{
			FileId: id, Kind: kind, Bucket: staged.BucketName(), LandingName: name, LandingGeneration: 1,
			StagingName: staged.ObjectName(), Bytes: 6, Revision: 1,
			LandedAt: timestamppb.New(now), ClaimedAt: timestamppb.New(now),
		},
		ParseId: id, Records: 1, Rejected: 1, Verdict: pipelinev1.Verdict_VERDICT_LOADED, ParsedAt: timestamppb.New(now),
	})
}

func (d *drill) publishProto(ctx context.Context, topic, id string, m proto.Message) error {
	data, err := proto.Marshal(m)
	if err != nil {
		return err
	}
	return d.publish(ctx, topic, data, map[string]string{
		topology.AttrFileID: id, topology.AttrParseID: id, topology.AttrSchema: string(m.ProtoReflect().Descriptor().FullName())})
}

func (d *drill) publish(ctx context.Context, topic string, data []byte, attributes map[string]string) error {
	publisher := d.pubsub.Publisher(topic)
	defer publisher.Stop()
	_, err := publisher.Publish(ctx, &pubsub.Message{Data: data, Attributes: attributes}).Get(ctx)
	return err
}

func (d *drill) stops(name string) func(context.Context) error {
	return func(context.Context) error { return d.stack.StopService(name) }
}

func (d *drill) starts(name string) func(context.Context) error {
	return func(context.Context) error { return d.stack.StartService(name) }
}

// stopWriter also leaves a letter that only the writer can store.
func (d *drill) stopWriter(ctx context.Context) error {
	if err := d.stack.StopService(topology.Writer); err != nil {
		return err
	}
	return d.publish(ctx, topology.TopicFilesLanded, []byte("\xff"), map[string]string{"poison": "again"})
}

func (d *drill) breaks(plan string) func(context.Context) error {
	return func(ctx context.Context) error { return d.faults(ctx, http.MethodPut, plan) }
}

// breakAppends refuses every stream that is opened, and has the writer open them anew.
func (d *drill) breakAppends(ctx context.Context) error {
	if err := d.faults(ctx, http.MethodPut, "bigquery.AppendRows fail permission_denied rate 1"); err != nil {
		return err
	}
	if err := d.stack.StopService(topology.Writer); err != nil {
		return err
	}
	return d.stack.StartService(topology.Writer)
}

func (d *drill) mend(ctx context.Context) error { return d.faults(ctx, http.MethodDelete, "") }

func (d *drill) faults(ctx context.Context, method, plan string) error {
	req, err := http.NewRequestWithContext(ctx, method, d.stack.FaultsURL(), strings.NewReader(plan))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return errors.Join(fmt.Errorf("%s of the faults: %s", method, resp.Status), resp.Body.Close())
	}
	return resp.Body.Close()
}

// restartsAggregator restarts it with a limit on the bytes that a transaction may bill.
func (d *drill) restartsAggregator(maxBilled int64) func(context.Context) error {
	return func(context.Context) error {
		if err := d.stack.StopService(topology.Aggregator); err != nil {
			return err
		}
		return d.stack.StartService(topology.Aggregator, func(c *stack.Config) { c.MaxBytesBilled = maxBilled })
	}
}

func (d *drill) crashWatcher(ctx context.Context) error {
	for range 5 {
		if err := d.stack.StopService(topology.Watcher); err != nil {
			return err
		}
		if err := d.stack.StartService(topology.Watcher); err != nil {
			return err
		}
		if err := d.watch(ctx, 2*time.Second, PhaseCrashes); err != nil {
			return err
		}
	}
	return nil
}

// burst lands small files as fast as it can, so that one transaction follows the other.
func (d *drill) burst(ctx context.Context) error {
	for end := time.Now().Add(40 * time.Second); time.Now().Before(end); {
		for scrape := time.Now().Add(d.recording.Interval); time.Now().Before(scrape); {
			if err := d.landOrders(ctx, 1); err != nil {
				return err
			}
		}
		if err := d.scrape(ctx); err != nil {
			return err
		}
	}
	return nil
}
