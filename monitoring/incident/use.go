package incident

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/stack"
)

// Config is that of a sandbox of all services on free ports, without sample files.
func Config(dir string) (stack.Config, error) {
	var cfg stack.Config
	if err := config.Defaults(&cfg); err != nil {
		return cfg, err
	}
	cfg.DataDir, cfg.Generate, cfg.Reports = dir, false, false
	for _, port := range []*int{&cfg.PubSubPort, &cfg.StoragePort, &cfg.BigQueryPort, &cfg.BigQueryStoragePort, &cfg.DashboardPort,
		&cfg.WatcherPort, &cfg.ParserPort, &cfg.WriterPort, &cfg.AggregatorPort, &cfg.ReadyPort} {
		*port = 0
	}
	return cfg, nil
}

// Use lands a file of orders with one that is refused, and asks the dashboard for
// something, so that every instrument has counted.
func Use(ctx context.Context, s *stack.Stack) (err error) {
	now := time.Now().UTC()
	orders, err := generate.NewOrders(generate.OrderOptions{Seed: 1, From: now.Add(-time.Hour), To: now,
		Faults: generate.Shares{rules.MissingField: .5}})
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := orders.WriteOrders(&text, 20); err != nil {
		return err
	}
	d := drill{stack: s}
	if err := d.land(ctx, "orders", ".json", text.Bytes()); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.DashboardURL()+"/api/v1/summary", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("the dashboard's summary: %s", resp.Status)
	}
	return errors.Join(err, resp.Body.Close())
}
