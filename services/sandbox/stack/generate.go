package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/identity"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/upload"
)

const (
	// historyDays are the whole days of history of a new sandbox.
	historyDays = 120
	// newestDays land first: the dashboard opens with seven days, beside the seven before them.
	newestDays = 14
	// daysOfFile is how many days one of the other files has: a file costs what a thousand orders do.
	daysOfFile = 36
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

// startGenerator lands sample files from now on.
func (s *Stack) startGenerator(ctx context.Context, endpoints cloud.Config) error {
	set, err := readSettings(s.config.Variables, endpoints)
	if err != nil {
		return err
	}
	client, err := endpoints.NewBigQuery(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	ledger := &warehouse.Client{BigQuery: client, Dataset: endpoints.Dataset, Service: "sandbox", Task: "generate"}
	s.tasks.Go(func() { s.generate(ctx, ledger, set.daily.TimeZone) })
	return nil
}

// generate lands catalogs and a history of orders in a new sandbox, and then fresh
// orders until ctx is done. It tells the reports which files the history is in.
func (s *Stack) generate(ctx context.Context, ledger *warehouse.Client, zone calendar.Zone) {
	defer func() {
		if err := ledger.Close(); err != nil {
			s.log.WarnContext(ctx, "client of the sample files not closed", "error", err)
		}
	}()
	ticks := time.NewTicker(s.config.GenerateInterval)
	defer ticks.Stop()
	now := time.Now().In(zone.Location())
	history, err := generate.NewHistory(generate.HistoryOptions{
		Seed: uint64(now.UnixNano()), // so that no sandbox, started again, repeats its orders
		To:   now, Days: historyDays, Faults: sampleFaults,
	})
	if err != nil {
		s.log.ErrorContext(ctx, "no sample orders", "error", err)
		s.samples <- nil
		return
	}
	files, err := s.landHistory(ctx, ledger, history)
	if err != nil && ctx.Err() == nil {
		s.log.ErrorContext(ctx, "first sample files not landed", "error", err)
	}
	if len(files) == 0 { // the sandbox has one already
		history.Forget()
	}
	s.samples <- files
	for {
		select {
		case now := <-ticks.C:
			now = now.In(zone.Location())
			content := history.AppendFresh(nil, now, s.config.GenerateOrders)
			if len(content) == 0 {
				continue
			}
			if _, err := s.land(ctx, fmt.Sprintf("orders/orders_%s.json", now.UTC().Format("20060102_150405")), content); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "sample orders not landed", "error", err)
			}
		case <-ctx.Done():
			return
		}
	}
}

// landHistory lands the first files, unless some have landed before, and gives their ids. The older
// orders land when the newest are loaded, which else would share the machine with them.
func (s *Stack) landHistory(ctx context.Context, ledger *warehouse.Client, history *generate.History) ([]string, error) {
	_, err := s.Bucket().Objects(ctx, &storage.Query{Prefix: topology.Archive}).Next()
	if !errors.Is(err, iterator.Done) {
		return nil, err
	}
	var products, customers bytes.Buffer
	if err := errors.Join(history.WriteProducts(&products), history.WriteCustomers(&customers)); err != nil {
		return nil, err
	}
	newest, older, err := historyFiles(history)
	if err != nil {
		return nil, err
	}
	first, err := s.landFiles(ctx, sampleFile{"products/products_latest.csv", products.Bytes()}, sampleFile{"customers/customers_latest.csv", customers.Bytes()}, newest)
	if err == nil {
		err = upload.Await(ctx, ledger, first, func(upload.Outcome) {})
	}
	if err != nil {
		return first, err
	}
	ids, err := s.landFiles(ctx, older...)
	return append(first, ids...), err
}

type sampleFile struct {
	name    string // below landing/
	content []byte
}

// historyFiles are the orders of a history: of the newest days, and of those before.
func historyFiles(history *generate.History) (newest sampleFile, older []sampleFile, err error) {
	days := history.Days()
	last := len(days) - 1
	write := func(from, to int) (sampleFile, error) {
		var content bytes.Buffer
		_, err := history.WriteUntil(&content, days[to])
		name := fmt.Sprintf("orders/history_%s_%s.json", days[from].Format("20060102"), days[to].Format("20060102"))
		return sampleFile{name, content.Bytes()}, err
	}
	begin := last - newestDays
	for from := 0; from < begin; from += daysOfFile {
		file, err := write(from, min(from+daysOfFile, begin))
		if err != nil {
			return newest, nil, err
		}
		older = append(older, file)
	}
	newest, err = write(begin, last)
	return newest, older, err
}

// landFiles lands files and gives their ids.
func (s *Stack) landFiles(ctx context.Context, files ...sampleFile) ([]string, error) {
	var ids []string
	for _, f := range files {
		id, err := s.land(ctx, f.name, f.content)
		if err != nil {
			return ids, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// land lands a file and gives its id.
func (s *Stack) land(ctx context.Context, name string, content []byte) (string, error) {
	name = topology.Landing + name
	generation, err := upload.Copy(ctx, s.Bucket(), name, bytes.NewReader(content))
	if err != nil {
		return "", err
	}
	return identity.FileID(s.Endpoints().Bucket, name, generation), nil
}
