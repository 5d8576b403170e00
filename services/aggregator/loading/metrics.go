package loading

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// latencies are the bounds, in seconds, of how long files take: a second in the
// sandbox, minutes with a TRANSACTION_INTERVAL of minutes, hours in an outage.
var latencies = metric.WithExplicitBucketBoundaries(.1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600)

// metrics counts transactions, and what became of files and their records.
type metrics struct {
	files      metric.Int64Counter
	duration   metric.Float64Histogram
	billed     metric.Int64Counter
	blocked    metric.Int64Counter
	overBudget metric.Int64Counter
	overTime   metric.Int64Counter
	incomplete metric.Int64Counter
	imbalances metric.Int64Counter
	completes  metric.Int64Counter
	latency    metric.Float64Histogram
	newest     metric.Float64Gauge
	records    metric.Int64Counter
	findings   metric.Int64Counter
}

func newMetrics(meter metric.Meter) (*metrics, error) {
	var faults []error
	counter := func(name, unit, description string) metric.Int64Counter {
		c, err := meter.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(description))
		faults = append(faults, err)
		return c
	}
	histogram := func(name, description string) metric.Float64Histogram {
		h, err := meter.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(description), latencies)
		faults = append(faults, err)
		return h
	}
	newest, err := meter.Float64Gauge("pipeline.load.newest", metric.WithUnit("s"),
		metric.WithDescription("When the newest transaction of this process began, in seconds since 1970; its facts are visible"))
	faults = append(faults, err)
	m := &metrics{
		files:      counter("pipeline.transaction.files", "{file}", "Files by the outcome of their transaction"),
		duration:   histogram("pipeline.transaction.duration", "Time of a transaction by its outcome"),
		billed:     counter("pipeline.transaction.billed", "By", "Bytes that transactions were billed, those that failed included"),
		blocked:    counter("pipeline.transaction.blocked", "{file}", "Files that could neither be loaded nor quarantined, because the warehouse refuses"),
		overBudget: counter("pipeline.transaction.over_budget", "{file}", "Alarms about files held because their transaction would bill more than MAX_BYTES_BILLED"),
		overTime:   counter("pipeline.transaction.over_time", "{file}", "Alarms about files held because their transaction takes longer than TRANSACTION_TIMEOUT"),
		incomplete: counter("pipeline.files.incomplete", "{file}", "Alarms about files whose records do not all arrive"),
		imbalances: counter("pipeline.ledger.imbalances", "{file}", "Files quarantined because their records did not add up"),
		completes:  counter("pipeline.files.completed", "{file}", "Files in the ledger, by kind, verdict and reason"),
		latency:    histogram("pipeline.files.latency", "Time from a file's landing until its outcome is visible in the warehouse, by kind"),
		newest:     newest,
		records:    counter("pipeline.records.completed", "{record}", "Records in the ledger, by kind and outcome"),
		findings:   counter("pipeline.findings", "{finding}", "Findings of the quality checks, by rule and severity"),
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("make the aggregator's instruments: %w", err)
	}
	// An alarm sees a counter rise only from a value that it has seen before.
	ctx := context.Background()
	for _, alarm := range []metric.Int64Counter{m.billed, m.blocked, m.overBudget, m.overTime, m.incomplete, m.imbalances} {
		alarm.Add(ctx, 0)
	}
	for _, outcome := range []string{outcomeCommitted, outcomeFailed, outcomeRetried} {
		m.files.Add(ctx, 0, ofTransaction(outcome))
	}
	for _, kind := range topology.Kinds() {
		m.completes.Add(ctx, 0, outcome(kind, landedfile.Loaded, ""))
		for became := range (ledgerRow{}).records() {
			m.records.Add(ctx, 0, record(kind, became))
		}
	}
	for _, rule := range rules.All() {
		m.findings.Add(ctx, 0, finding(string(rule.ID), string(rule.Severity)))
	}
	return m, nil
}

// How a transaction ends: for good, or to be tried again.
const (
	outcomeCommitted = "committed"
	outcomeFailed    = "failed"
	outcomeRetried   = "retried"
)

func ofTransaction(outcome string) metric.MeasurementOption {
	return metric.WithAttributes(attribute.String("outcome", outcome))
}

func finding(rule, severity string) metric.MeasurementOption {
	return metric.WithAttributes(attribute.String("rule", rule), attribute.String("severity", severity))
}

func outcome(kind pipelinev1.FileKind, verdict, reason string) metric.MeasurementOption {
	return metric.WithAttributes(attribute.String("kind", topology.KindFolder(kind)),
		attribute.String("verdict", verdict), attribute.String("reason", reason))
}

// transacted counts a transaction that began at start.
func (m *metrics) transacted(ctx context.Context, files int, start time.Time, took time.Duration, billed int64, err error) {
	outcome := outcomeCommitted
	switch failureOf(err) {
	case none:
		m.newest.Record(ctx, float64(start.UnixMilli())/1000)
	case passing:
		outcome = outcomeRetried
	default:
		outcome = outcomeFailed
	}
	set := ofTransaction(outcome)
	m.files.Add(ctx, int64(files), set)
	m.billed.Add(ctx, billed)
	m.duration.Record(ctx, took.Seconds(), set)
}

// completed counts a file that has been announced.
func (m *metrics) completed(ctx context.Context, file *pipelinev1.LandedFile, row ledgerRow, now time.Time) {
	kind := attribute.String("kind", topology.KindFolder(file.GetKind()))
	m.completes.Add(ctx, 1, outcome(file.GetKind(), row.Verdict, row.Reason))
	if row.Reason == string(rules.LedgerImbalance) {
		m.imbalances.Add(ctx, 1)
	}
	if row.Revision == 1 { // one that was brought back landed long ago
		m.latency.Record(ctx, now.Sub(file.GetLandedAt().AsTime()).Seconds(), metric.WithAttributes(kind))
	}
	for became, n := range row.records() {
		m.records.Add(ctx, n, record(file.GetKind(), became))
	}
}

// records are a file's records by what became of them.
func (r ledgerRow) records() map[string]int64 {
	return map[string]int64{"loaded": r.Loaded, "duplicate": r.Duplicates, "rejected": r.Rejected, "held": r.Held}
}

func record(kind pipelinev1.FileKind, became string) metric.MeasurementOption {
	return metric.WithAttributes(attribute.String("kind", topology.KindFolder(kind)), attribute.String("outcome", became))
}

// countFindings counts what the transaction that began at now has found. It is for
// the eye only: a failure costs the count.
func (s *Service) countFindings(ctx context.Context, now time.Time) {
	found, err := s.star.findings(ctx, now)
	if err != nil {
		s.log.WarnContext(ctx, "findings not counted", "error", err)
		return
	}
	for _, f := range found {
		s.metrics.findings.Add(ctx, f.Findings, finding(f.Rule, f.Severity))
	}
}
