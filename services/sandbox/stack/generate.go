package stack

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/identity"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/upload"
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
	history, files, err := s.landHistory(ctx, ledger, time.Now().In(zone.Location()))
	if err != nil && ctx.Err() == nil {
		s.log.ErrorContext(ctx, "first sample files not landed", "error", err)
	}
	if history == nil {
		s.samples <- nil
		return
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

// land lands a file and gives its id.
func (s *Stack) land(ctx context.Context, name string, content []byte) (string, error) {
	name = topology.Landing + name
	generation, err := upload.Copy(ctx, s.Bucket(), name, bytes.NewReader(content))
	if err != nil {
		return "", err
	}
	return identity.FileID(s.Endpoints().Bucket, name, generation), nil
}
