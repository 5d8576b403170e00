package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/upload"
)

const (
	// firstOrders fill a new sandbox's dashboard with a day of history.
	firstOrders = 24_000
	firstPeriod = 24 * time.Hour
	// freshPeriod is how far back the orders of a fresh file reach.
	freshPeriod = 10 * time.Minute
	// sampleUpdates is the share of records that are later versions of sample orders.
	sampleUpdates = 0.05
)

// sampleFaults give the quality page something to show.
var sampleFaults = generate.Shares{
	rules.MalformedJSON:          0.002,
	rules.MissingField:           0.002,
	rules.InvalidAmount:          0.001,
	rules.AmountMismatch:         0.005,
	rules.UnknownStatus:          0.003,
	rules.DuplicateOrderReplay:   0.004,
	rules.DuplicateOrderConflict: 0.001,
}

// generate lands catalogs and a day of orders in a new sandbox, and then fresh
// orders until ctx is done.
func (s *Stack) generate(ctx context.Context) {
	ticks := time.NewTicker(s.config.GenerateInterval)
	defer ticks.Stop()
	now := time.Now()
	orders, err := generate.NewOrders(generate.OrderOptions{
		Seed: uint64(now.UnixNano()), // so that no sandbox, started again, repeats its orders
		From: now.Add(-firstPeriod), To: now, Faults: sampleFaults, UpdateShare: sampleUpdates,
	})
	if err != nil {
		s.log.ErrorContext(ctx, "no sample orders", "error", err)
		return
	}
	if err := s.generateFirst(ctx, now, orders); err != nil && ctx.Err() == nil {
		s.log.ErrorContext(ctx, "first sample files not landed", "error", err)
	}
	for {
		select {
		case now := <-ticks.C:
			err := orders.Between(now.Add(-freshPeriod), now)
			if err = errors.Join(err, s.landOrders(ctx, now, orders, s.config.GenerateOrders)); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "sample orders not landed", "error", err)
			}
		case <-ctx.Done():
			return
		}
	}
}

// generateFirst lands the first files, unless some have landed before.
func (s *Stack) generateFirst(ctx context.Context, now time.Time, orders *generate.Orders) error {
	_, err := s.Bucket().Objects(ctx, &storage.Query{Prefix: topology.Archive}).Next()
	if !errors.Is(err, iterator.Done) {
		return err
	}
	var products, customers bytes.Buffer
	if _, err := generate.WriteProducts(&products, generate.CatalogOptions{Count: generate.DefaultProducts}); err != nil {
		return err
	}
	if _, err := generate.WriteCustomers(&customers, generate.CatalogOptions{Count: generate.DefaultCustomers, Today: now}); err != nil {
		return err
	}
	return errors.Join(
		s.land(ctx, "products/products_latest.csv", &products),
		s.land(ctx, "customers/customers_latest.csv", &customers),
		s.landOrders(ctx, now, orders, firstOrders),
	)
}

// landOrders lands one file of the next orders.
func (s *Stack) landOrders(ctx context.Context, now time.Time, orders *generate.Orders, count int) error {
	var content []byte
	for range count {
		content = orders.Append(content)
	}
	name := fmt.Sprintf("orders/orders_%s.json", now.UTC().Format("20060102_150405"))
	return s.land(ctx, name, bytes.NewReader(content))
}

func (s *Stack) land(ctx context.Context, name string, content io.Reader) error {
	_, err := upload.Copy(ctx, s.Bucket(), topology.Landing+name, content)
	return err
}
