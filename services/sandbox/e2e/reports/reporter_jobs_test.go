package reports

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// endlessly is the end of a view that takes longer to read than any test.
const endlessly = " FROM UNNEST(GENERATE_ARRAY(1, 200000)) AS a CROSS JOIN UNNEST(GENERATE_ARRAY(1, 200000)) AS b WHERE MOD(a * b, 7) = 3"

// TestDailyRunEndsItsJob tells a daily run to end in the middle of a transaction that
// would take for ever: the transaction ends with it.
func TestDailyRunEndsItsJob(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "none")
	date := civil.Date{Year: 2026, Month: 3, Day: 1}
	p.InsertCustomersAway(t, date.AddDays(-60), 1, 10)
	p.MustQuery(t, "DROP TABLE dim_customers")
	p.MustQuery(t, "CREATE VIEW dim_customers AS SELECT CAST(COUNT(*) AS STRING) AS customer_id, 'x' AS name, 'x' AS customer_tier"+endlessly)
	runner := p.Daily(t, time.Now)
	ctx, end := context.WithCancel(t.Context())
	defer end()
	made := make(chan error, 1)
	go func() { made <- runner.Make(ctx, date, nil) }()
	job := p.AwaitJob(t, "report_churn_risk")
	end()
	if err := <-made; !errors.Is(err, context.Canceled) {
		t.Errorf("the run ended with %v", err)
	}
	p.WantStopped(t, job)
}

// TestDashboardEndsItsJobs asks what takes for ever: the job ends with QUERY_TIMEOUT.
func TestDashboardEndsItsJobs(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "none")
	p.MustQuery(t, "DROP TABLE agg_category_revenue")
	p.MustQuery(t, "CREATE VIEW agg_category_revenue AS SELECT CURRENT_DATE() AS metric_date, 'x' AS category, COUNT(*) AS orders, COUNT(*) AS units, "+
		"CAST(COUNT(*) AS NUMERIC) AS revenue, CAST(COUNT(*) AS NUMERIC) AS completed_revenue, CAST(COUNT(*) AS NUMERIC) AS headline_revenue, CAST(COUNT(*) AS NUMERIC) AS paid_revenue"+endlessly)
	var cfg reporting.Config
	if err := config.Defaults(&cfg); err != nil {
		t.Fatal(err)
	}
	cfg.Config, cfg.QueryTimeout = p.Endpoints, time.Second
	host, err := service.Start("reporter", "127.0.0.1:0", slog.New(slog.DiscardHandler), telemetry.Tracing{})
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	runner, err := reporting.New(context.WithoutCancel(t.Context()), cfg, host.Runtime())
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- runner.Run(ctx) }()
	defer func() {
		end()
		if err := <-ended; err != nil {
			t.Errorf("the reporter ended with %v", err)
		}
	}()
	response, err := http.Get("http://" + host.Addr() + "/api/v1/category-revenue")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode < 500 {
		t.Errorf("an answer that takes for ever: %s", response.Status)
	}
	p.WantStopped(t, p.AwaitJob(t, "agg_category_revenue"))
}
