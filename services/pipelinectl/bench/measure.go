package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"cloud.google.com/go/storage"
	"golang.org/x/sync/errgroup"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/upload"
	"github.com/zackkki/ecomm_datapipeline/services/verify"
)

// poll is how often the ledger is asked. A query over it takes a few milliseconds.
const poll = 50 * time.Millisecond

// run is one measurement.
type run struct {
	cfg     Config
	box     *sandbox
	clients *verify.Clients
	files   files

	mu     sync.Mutex
	landed []verify.Source
}

// measure lands the catalogs, waits for them, then lands the orders by the clock.
func (r *run) measure(ctx context.Context, report *Report) error {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Timeout)
	defer cancel()
	if err := r.land(ctx, r.files.catalogs); err != nil {
		return err
	}
	ledger := newWatch(r.clients)
	if err := ledger.await(ctx, len(r.files.catalogs), r.box.exited, func(int, int64) {}); err != nil {
		return err
	}
	_, epoch, err := transactions(ctx, r.box.endpoints, 0)
	if err != nil {
		return err
	}
	before, err := usageOf(r.box.process.Process.Pid)
	if err != nil {
		return err
	}
	started := time.Now()
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer func() { report.UploadSeconds = time.Since(started).Seconds() }()
		return r.land(gctx, r.files.orders)
	})
	ledger.forget()
	g.Go(func() error {
		return ledger.await(gctx, len(r.files.orders), r.box.exited, func(_ int, records int64) {
			r.cfg.Progress("loading", records, int64(r.cfg.Orders))
		})
	})
	if err := g.Wait(); err != nil {
		return err
	}
	seconds := ledger.last.Sub(started).Seconds()
	after, err := usageOf(r.box.process.Process.Pid)
	if err != nil {
		return err
	}
	report.Seconds, report.Lines = seconds, ledger.lines
	report.OrdersPerSecond = float64(r.cfg.Orders) / seconds
	report.LinesPerSecond = float64(ledger.lines) / seconds
	report.Freshness = percentiles(ledger.freshness)
	report.PeakRSSBytes, report.CPUSeconds = after.peakRSS, after.cpu-before.cpu
	if report.Transactions, _, err = transactions(ctx, r.box.endpoints, epoch); err != nil {
		return err
	}
	if err := r.settle(ctx); err != nil {
		return err
	}
	report.SettledSeconds = time.Since(started).Seconds()
	return nil
}

// land uploads files, some at a time.
func (r *run) land(ctx context.Context, list []file) error {
	bucket := r.clients.Storage.Bucket(r.box.endpoints.Bucket)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.cfg.Uploads)
	for _, f := range list {
		g.Go(func() error {
			generation, err := upload.File(ctx, bucket, f.name, f.path)
			if err != nil {
				return err
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			r.landed = append(r.landed, verify.FileSource(f.name, generation, f.path))
			return nil
		})
	}
	return g.Wait()
}

// settle waits until every file is put away.
func (r *run) settle(ctx context.Context) error {
	bucket := r.clients.Storage.Bucket(r.box.endpoints.Bucket)
	ticks := time.NewTicker(poll)
	defer ticks.Stop()
	for {
		left := ""
		for _, prefix := range []string{topology.Landing, topology.Staging} {
			attrs, err := bucket.Objects(ctx, &storage.Query{Prefix: prefix}).Next()
			if err == nil {
				left = attrs.Name
			} else if !errors.Is(err, iterator.Done) {
				return fmt.Errorf("list %s: %w", prefix, err)
			}
		}
		if left == "" {
			return nil
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return fmt.Errorf("wait until %s is put away: %w", left, ctx.Err())
		}
	}
}
