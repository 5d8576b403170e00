package recovery

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/aggregator/loading"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// allButAggregator are the services of a sandbox whose aggregators are the test's own.
var allButAggregator = strings.Join([]string{topology.Watcher, topology.Parser, topology.Writer, topology.Reporter}, ",")

// startAggregator runs an aggregator until it is stopped, or the test ends.
func startAggregator(t *testing.T, p *harness.Pipeline, configure func(*loading.Config)) (url string, stop func()) {
	t.Helper()
	return harness.RunService(t, topology.Aggregator, func(rt service.Runtime) (service.Runner, error) {
		var cfg loading.Config
		if err := config.Defaults(&cfg); err != nil {
			return nil, err
		}
		cfg.Config = p.Endpoints
		cfg.TransactionInterval, cfg.CompletenessInterval, cfg.IncompleteAfter = 0, 50*time.Millisecond, time.Minute
		configure(&cfg)
		return loading.New(context.Background(), cfg, rt)
	})
}

// TestIntervalIsOfAllAggregators: the interval between two transactions is counted by the
// warehouse. An aggregator that has just started waits it out, though it has run none
// itself; and one that is gone is not waited for.
func TestIntervalIsOfAllAggregators(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, allButAggregator)
	hourly := func(c *loading.Config) { c.TransactionInterval = time.Hour }
	var files harness.Landed
	_, stop := startAggregator(t, p, hourly)
	files.Add(t, p, "orders/first.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "10.00")))
	p.AwaitFiles(t, 1)
	stop()

	_, stop = startAggregator(t, p, hourly)
	files.Add(t, p, "orders/second.json", []byte(harness.Order("o-2", 2, "P-1", "C-1", "10.00")))
	const question = "-- Grain: one row per day of facts that wait"
	harness.Await(t, "the second aggregator to ask whether it is its turn", func() (bool, error) {
		return jobs(t, p, "query_", question) >= 2, nil
	})
	stop()
	p.Check(t, "transactions within the hour", "SELECT epoch FROM pipeline_fence", "1\n")

	p.MustQuery(t, "UPDATE pipeline_fence SET raised_at = TIMESTAMP_SUB(raised_at, INTERVAL 1 HOUR) WHERE id = 1")
	startAggregator(t, p, hourly)
	p.AwaitFiles(t, 2)
	p.Check(t, "transactions after the hour", "SELECT epoch FROM pipeline_fence", "2\n")
	harness.VerifyAll(t, p, files.Sources)
}

// TestAggregatorsDoNotCollide runs several without an interval: no transaction is begun in
// vain, to be cancelled in the end for what another has committed.
func TestAggregatorsDoNotCollide(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, allButAggregator)
	for range 3 {
		startAggregator(t, p, func(*loading.Config) {})
	}
	var files harness.Landed
	for i := range 12 {
		files.Add(t, p, fmt.Sprintf("orders/%d.json", i), []byte(harness.Order(fmt.Sprint("o-", i), i+1, "P-1", "C-1", "10.00")))
	}
	p.AwaitFiles(t, len(files.Sources))
	p.Check(t, "transactions begun and not committed", fmt.Sprintf("SELECT %d - epoch FROM pipeline_fence", jobs(t, p, "load_", "")), "0\n")
	harness.VerifyAll(t, p, files.Sources)
}

// TestDaysOfTransactions lands files that touch more days than a transaction may: several
// are loaded in turn, one alone is quarantined, and what a catalog repairs is repaired in
// as many transactions as it takes.
func TestDaysOfTransactions(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, allButAggregator)
	_, stop := startAggregator(t, p, func(c *loading.Config) { c.MaxDaysPerTransaction = 3 })
	lines := func(first, last int) []byte {
		var text strings.Builder
		for day := first; day <= last; day++ {
			text.WriteString(harness.Order(fmt.Sprintf("o-%d-%d", first, day), day, "P-1", "C-1", "10.00"))
		}
		return []byte(text.String())
	}
	p.Land(t, "orders/a.json", lines(1, 3))
	p.Land(t, "orders/b.json", lines(3, 5))
	p.Land(t, "orders/c.json", lines(6, 8))
	p.Land(t, "orders/wide.json", lines(10, 13))
	p.AwaitFiles(t, 4)
	p.Check(t, "files", "SELECT landing_name, verdict, COALESCE(reason, '') FROM file_ledger ORDER BY landing_name",
		"landing/orders/a.json|loaded|\nlanding/orders/b.json|loaded|\nlanding/orders/c.json|loaded|\nlanding/orders/wide.json|quarantined|too_many_days\n")
	p.Check(t, "days that wait", "SELECT COUNT(DISTINCT order_date) FROM unresolved_refs", "8\n")

	// The catalog's transaction has room for three of the days; the rest follows by itself.
	p.Land(t, "products/p.csv", []byte("product_id,product_name,category,price,stock_level\nP-1,Pen,Office,10.00,5\n"))
	harness.Await(t, "all facts repaired", func() (bool, error) {
		rows, err := p.Query(t, "SELECT COUNT(*) FROM fact_orders WHERE product_name IS NULL")
		return err == nil && rows[0][0] == int64(0), err
	})
	p.AwaitFiles(t, 5)
	p.Check(t, "days of customers that wait", "SELECT COUNT(DISTINCT order_date) FROM unresolved_refs WHERE ref_kind = 'product'", "0\n")

	// A process that ends between the two leaves the rest to the next file's transaction.
	stop()
	p.MustQuery(t, "INSERT INTO dim_customers (customer_id, name, email, registration_date, customer_tier, is_active, content_hash, file_id, landed_at, updated_at) "+
		"SELECT 'C-1', 'Ann', 'a@example.com', DATE '2020-01-01', 'gold', TRUE, 'h', 'f', TIMESTAMP '2026-01-01 00:00:00', CURRENT_TIMESTAMP()")
	startAggregator(t, p, func(c *loading.Config) { c.MaxDaysPerTransaction = 3 })
	p.Land(t, "orders/d.json", lines(9, 9))
	harness.Await(t, "all tiers known", func() (bool, error) {
		rows, err := p.Query(t, "SELECT COUNT(*) FROM fact_orders WHERE customer_tier = 'unknown'")
		return err == nil && rows[0][0] == int64(0), err
	})
}

// TestSlowFileIsSetAside ends every transaction that loads a certain file, as its time limit
// would: the files with it are loaded without it, it is held, with one alarm, and a file that
// comes later does not wait for it. Another process, which may take longer, loads it.
func TestSlowFileIsSetAside(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, allButAggregator)
	var files harness.Landed
	var slow strings.Builder
	for i := range 20_000 { // the transaction takes long enough to be caught
		slow.WriteString(harness.Order(fmt.Sprint("slow-", i), 1, "P-1", "C-1", "10.00"))
	}
	files.Add(t, p, "orders/slow.json", []byte(slow.String()))
	for i := range 4 {
		files.Add(t, p, fmt.Sprintf("orders/%d.json", i), []byte(harness.Order(fmt.Sprint("o-", i), i+2, "P-1", "C-1", "10.00")))
	}
	harness.Await(t, "all files read", func() (bool, error) {
		rows, err := p.Query(t, "SELECT COUNT(*) FROM staging_orders")
		return err == nil && rows[0][0] == int64(20_004), err
	})
	ending, enough := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		endTransactions(ending, p, "DATE(a.metric_hour) IN (DATE '2026-11-01'")
	}()
	aggregator, stop := startAggregator(t, p, func(*loading.Config) {})
	alarms := func() (float64, error) { return counted(aggregator, "pipeline_transaction_over_time_total") }
	harness.Await(t, "the slow file held", func() (bool, error) {
		held, err := alarms()
		return held > 0, err
	})
	files.Add(t, p, "orders/later.json", []byte(harness.Order("o-later", 9, "P-1", "C-1", "10.00")))
	harness.Await(t, "the other files loaded", func() (bool, error) {
		rows, err := p.Query(t, "SELECT COUNT(*) FROM file_ledger")
		return err == nil && rows[0][0] == int64(5), err
	})
	p.Check(t, "the slow file in the ledger", "SELECT COUNT(*) FROM file_ledger WHERE landing_name = 'landing/orders/slow.json'", "0\n")
	if held, err := alarms(); held != 1 || err != nil {
		t.Errorf("%v alarms, error %v, want one", held, err)
	}
	stop()
	enough()
	<-ended
	startAggregator(t, p, func(*loading.Config) {})
	p.AwaitFiles(t, len(files.Sources))
	harness.VerifyAll(t, p, files.Sources)
}

// jobs counts the queries whose id and text begin so.
func jobs(t *testing.T, p *harness.Pipeline, id, text string) (n int) {
	t.Helper()
	if err := p.EachJob(t.Context(), func(job *bigquery.Job, query *bigquery.QueryConfig) {
		if strings.HasPrefix(job.ID(), id) && strings.HasPrefix(query.Q, text) {
			n++
		}
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// endTransactions cancels every running transaction whose text has a part.
func endTransactions(ctx context.Context, p *harness.Pipeline, part string) {
	for ctx.Err() == nil {
		running := p.Bigquery.Jobs(ctx)
		running.State = bigquery.Running
		for {
			job, err := running.Next()
			if err != nil {
				break
			}
			if described, err := job.Config(); err == nil && strings.HasPrefix(job.ID(), "load_") {
				if query, ok := described.(*bigquery.QueryConfig); ok && strings.Contains(query.Q, part) {
					_ = job.Cancel(ctx) // it may have ended by itself
				}
			}
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}
