// Package daily makes the reports of a day: churn risk, inventory alerts, revenue
// trends and the audit of data quality.
//
// A report closes with the end of its date (UTC). It counts facts whose order_date
// is not later, however late they were loaded, and files, findings and loads up to
// that moment; the dimensions are as they are at the run, because the warehouse
// keeps no history of them. A date may be made again at any time, for instance after
// late orders: each run replaces what the date had, so that equal warehouses have
// equal reports, whoever ran how often, also at once. The running day can be made,
// too; its reports say so.
//
// Each report is one transaction of the statements in sql/reports (its rows, and a
// row of report_runs that says that they exist). Then the files of the date are
// written from the tables to reports/<date>/ in the bucket: a CSV file of each
// report, and one page of all that prints.
//
// A report that fails does not stop the others. The files are written of what the
// tables hold, and the error tells what is missing.
package daily

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"cloud.google.com/go/storage"
)

// Runner makes reports. It may be used concurrently.
type Runner struct {
	config    Config
	bigquery  *bigquery.Client
	storage   *storage.Client
	warehouse *warehouse
	publisher *publisher
	now       func() time.Time
}

// New opens the clients of a runner. They keep ctx.
func New(ctx context.Context, cfg Config, now func() time.Time) (_ *Runner, err error) {
	r := &Runner{config: cfg, now: now}
	page, err := newPageTemplate()
	if err != nil {
		return nil, err
	}
	if r.bigquery, err = cfg.NewBigQuery(ctx); err != nil {
		return nil, err
	}
	if r.storage, err = cfg.NewStorage(ctx); err != nil {
		return nil, errors.Join(err, r.bigquery.Close())
	}
	r.warehouse = &warehouse{client: r.bigquery, config: &r.config}
	r.publisher = &publisher{warehouse: r.warehouse, bucket: r.storage.Bucket(cfg.Bucket), page: page}
	return r, nil
}

// Close closes the clients.
func (r *Runner) Close() error { return errors.Join(r.bigquery.Close(), r.storage.Close()) }

// Step is a part of a run that has ended.
type Step struct {
	Date civil.Date
	// What is a report's id, or "files".
	What string
	Took time.Duration
	Err  error
}

// Make makes the reports of a date and their files. It tells done of each step as
// it ends; done may be nil. The error joins those of all steps.
func (r *Runner) Make(ctx context.Context, date civil.Date, done func(Step)) error {
	now := r.now().UTC()
	if !date.IsValid() || date.After(civil.DateOf(now)) {
		return fmt.Errorf("reports of %s: the day has not begun", date)
	}
	through := EndOf(date)
	if now.Before(through) {
		through = now.Truncate(time.Microsecond)
	}
	var faults []error
	step := func(what string, work func(context.Context) error) {
		start := r.now()
		bounded, cancel := context.WithTimeout(ctx, r.config.ReportTimeout)
		defer cancel()
		err := work(bounded)
		if err != nil {
			err = fmt.Errorf("%s of %s: %w", what, date, err)
			faults = append(faults, err)
		}
		if done != nil {
			done(Step{date, what, r.now().Sub(start), err})
		}
	}
	for _, report := range Reports() {
		step(report.ID, func(ctx context.Context) error {
			return r.warehouse.makeReport(ctx, report, date, through)
		})
	}
	step("files", func(ctx context.Context) error { return r.publisher.publish(ctx, date) })
	return errors.Join(faults...)
}

// Complete tells whether a date has all its reports, made after it was over.
func (r *Runner) Complete(ctx context.Context, date civil.Date) (bool, error) {
	runs, err := r.warehouse.runs(ctx, date)
	if err != nil {
		return false, err
	}
	for _, report := range Reports() {
		if made, ok := runs[report.ID]; !ok || made.DataThrough.Before(EndOf(date)) {
			return false, nil
		}
	}
	return true, nil
}
