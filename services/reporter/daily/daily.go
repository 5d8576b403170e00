// Package daily makes the reports of a day: churn risk, cohorts of customers, inventory alerts,
// revenue trends, a forecast, a profile of the data and the audit of data quality.
//
// A report closes with the end of its date, a day of the shop's clock. It counts facts whose order_date
// is not later, however late they were loaded, and files, findings and loads up to
// that moment; the dimensions are as they are at the run, because the warehouse
// keeps no history of them. A date may be made again at any time, for instance after
// late orders: each run replaces what the date had, so that equal warehouses have
// equal reports, whoever ran how often, also at once; the audit's recounts of days
// are part of the warehouse, and each run brings some of them forward. The running
// day can be made, too; its reports say so.
//
// Each report is one transaction of the statements in sql/reports (its rows, and a
// row of report_runs that says that they exist). Then the files of the date are
// written from the tables to reports/<date>/ in the bucket: a CSV file of each
// report, and one page of all that prints. A report has as many rows as there are
// customers, so none is held in memory: they are written as they are read.
//
// A report that fails does not stop the others. The files are written of what the
// tables hold, and the error tells what is missing.
package daily

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"cloud.google.com/go/civil"
	"cloud.google.com/go/storage"
	"go.opentelemetry.io/otel/attribute"

	"github.com/zackkki/ecomm_datapipeline/pkg/openlineage"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/notify"
)

// Runner makes reports. It may be used concurrently.
type Runner struct {
	config    Config
	storage   *storage.Client
	tables    *tables
	publisher *publisher
	tracer    *telemetry.Tracer
	lineage   *openlineage.Session // nil: it goes nowhere
	now       func() time.Time
}

// New opens the clients of a runner. They keep ctx.
func New(ctx context.Context, cfg Config, now func() time.Time) (_ *Runner, err error) {
	r := &Runner{config: cfg, now: now}
	page, err := newPageTemplate()
	if err != nil {
		return nil, err
	}
	if r.tracer, err = telemetry.NewTracer(ctx, "reporter", cfg.Tracing); err != nil {
		return nil, err
	}
	client, err := cfg.NewBigQuery(ctx)
	if err != nil {
		return nil, errors.Join(err, r.tracer.Close(ctx))
	}
	if r.storage, err = cfg.NewStorage(ctx); err != nil {
		return nil, errors.Join(err, client.Close(), r.tracer.Close(ctx))
	}
	r.tables = &tables{&warehouse.Client{
		BigQuery: client, Dataset: cfg.Dataset, Service: topology.Reporter, Task: "daily", MaxBytesBilled: cfg.MaxBytesBilled,
	}, &r.config, now}
	if r.lineage, err = openlineage.Open(ctx, &cfg.Settings, cfg.Config, now, slog.Default()); err != nil {
		return nil, errors.Join(err, client.Close(), r.storage.Close(), r.tracer.Close(ctx))
	}
	r.publisher = &publisher{tables: r.tables, bucket: r.storage.Bucket(cfg.Bucket), page: page}
	return r, nil
}

// Close closes the clients, and sends the last spans.
func (r *Runner) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), spansTimeout)
	defer cancel()
	return errors.Join(r.lineage.Close(), r.tables.client.Close(), r.storage.Close(), r.tracer.Close(ctx))
}

// spansTimeout bounds how long a collector that does not answer holds up the end.
const spansTimeout = 5 * time.Second

// Files is the step that writes a date's files.
const Files = "files"

// Step is a part of a run that has ended.
type Step struct {
	Date civil.Date
	// What is a report's id, Files, or notify.Morning: the webhook that is told.
	What string
	// Rows is how many rows the report has; 0 for Files and the webhook.
	Rows int64
	Took time.Duration
	Err  error
}

// Make makes the reports of a date and their files. It tells done of each step as
// it ends; done may be nil. The error joins those of all steps.
func (r *Runner) Make(ctx context.Context, date civil.Date, done func(Step)) error {
	now := r.now().UTC()
	if !date.IsValid() || date.After(r.config.TimeZone.Date(now)) {
		return fmt.Errorf("reports of %s: the day has not begun", date)
	}
	through := r.config.TimeZone.End(date)
	if now.Before(through) {
		through = now.Truncate(time.Microsecond)
	}
	if err := r.tables.haveZone(ctx); err != nil {
		return fmt.Errorf("reports of %s: %w", date, err)
	}
	ctx, whole := r.tracer.Start(ctx, "daily reports", attribute.String("pipeline.report.date", date.String()))
	var faults []error
	step := func(what string, work func(context.Context) (int64, error)) {
		start := r.now()
		ctx, span := r.tracer.Start(ctx, "make "+what)
		bounded, cancel := context.WithTimeout(ctx, r.config.ReportTimeout)
		defer cancel()
		rows, err := work(bounded)
		if err != nil {
			err = fmt.Errorf("%s of %s: %w", what, date, err)
			faults = append(faults, err)
		}
		span.SetAttributes(attribute.Int64("pipeline.report.rows", rows))
		span.Finish(err)
		if done != nil {
			done(Step{date, what, rows, r.now().Sub(start), err})
		}
	}
	for _, report := range Reports() {
		step(report.ID, func(ctx context.Context) (rows int64, err error) {
			err = r.lineage.Tell(ctx, func(e *openlineage.Events, begun time.Time) (*openlineage.Work, error) {
				return e.Report(report.statement(), date, begun)
			}, func() ([]int64, error) {
				rows, err = r.tables.makeReport(ctx, report, date, through)
				return []int64{rows}, err
			})
			return rows, err
		})
	}
	var shown *page
	step(Files, func(ctx context.Context) (_ int64, err error) {
		shown, err = r.publisher.publish(ctx, date)
		return 0, err
	})
	if r.config.MorningURL != "" && shown != nil && shown.Complete {
		// A webhook that does not answer is told of, but makes no report fail.
		start := r.now()
		if err := r.tell(ctx, shown); done != nil {
			done(Step{date, notify.Morning, 0, r.now().Sub(start), err})
		}
	}
	err := errors.Join(faults...)
	whole.Finish(err)
	return err
}

// tell posts the day in a few lines to the webhook.
func (r *Runner) tell(ctx context.Context, shown *page) error {
	ctx, cancel := context.WithTimeout(ctx, tellTimeout)
	defer cancel()
	message := notify.Message{Text: shown.Summary(), Source: notify.Morning, Status: "made", At: r.now().UTC()}
	if shown.Trends != nil && shown.Trends.Today != nil {
		message.Count = shown.Trends.Today.Orders
	}
	return notify.Post(ctx, r.config.MorningURL, r.config.MorningFormat, message)
}

// tellTimeout bounds how long a webhook that does not answer is tried.
const tellTimeout = time.Minute

// Complete tells whether a date has all its reports, made after it was over.
func (r *Runner) Complete(ctx context.Context, date civil.Date) (bool, error) {
	runs, err := r.tables.runs(ctx, date)
	if err != nil {
		return false, err
	}
	for _, report := range Reports() {
		if made, ok := runs[report.ID]; !ok || made.DataThrough.Before(r.config.TimeZone.End(date)) {
			return false, nil
		}
	}
	return true, nil
}
