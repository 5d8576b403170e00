package estimate

import (
	"fmt"
	"slices"
	"time"

	"github.com/zackkki/ecomm_datapipeline/monitoring/cost/price"
)

// Lever is a setting, the part of the bill that it moves, and its values.
type Lever struct {
	Name, Moves string
	parts       []string // the names of these lines
	Values      []Value
}

// Value is one value of a lever.
type Value struct {
	Name  string
	apply func(*Settings)
}

// Costs is what the moved part costs at a value, for each load.
func (b *Base) Costs(l Lever, v Value) ([]price.Money, error) {
	costs := make([]price.Money, len(Loads))
	for i, load := range Loads {
		bill, err := b.At(load, v.apply).Bill()
		if err != nil {
			return nil, fmt.Errorf("%s=%s: %w", l.Name, v.Name, err)
		}
		var moved []Part
		for _, line := range bill.Lines {
			if slices.Contains(l.parts, line.Name) {
				moved = append(moved, line.Part)
			}
		}
		part, err := billOf(moved)
		if err != nil {
			return nil, err
		}
		costs[i] = part.Total.Add(part.Total, part.Free)
	}
	return costs, nil
}

// Levers are those of the page, each with all others as shipped.
func Levers() []Lever {
	return []Lever{
		{"TRANSACTION_INTERVAL", "transactions, dashboard", []string{PartTransactions, PartDashboard}, []Value{
			transactions("1m", time.Minute), transactions("15m", 15*time.Minute), transactions("1h", time.Hour)}},
		{"order ids", "transactions", []string{PartTransactions}, []Value{
			{"random", func(s *Settings) { s.RandomIDs = true }}, {"in order of time", nil}}},
		{"DEDUP_LOOKBACK_DAYS, random ids", "transactions", []string{PartTransactions}, []Value{
			lookback("0: all", 0), lookback("90", 90), lookback("30", 30), lookback("7", 7)}},
		{"COMPLETENESS_INTERVAL", "completeness checks", []string{PartLooks}, []Value{
			looks("5s", 5*time.Second), looks("1m", time.Minute), looks("5m", 5*time.Minute)}},
		{"MAX_APPEND_BYTES", "ingest: billed by the byte, not by the request", []string{PartIngest}, []Value{
			{"1 MiB", nil}, {"4 MiB", nil}, {"16 MiB", nil}}},
		{"dashboard's period", "dashboard", []string{PartDashboard}, []Value{
			period("31 days", 31), period("7 days", 7), period("today", 1)}},
		{"AUDIT_DAYS", "daily reports", []string{PartReports}, []Value{
			audit("90", 90), audit("31", 31), audit("21", 21), audit("7", 7)}},
		{"expiry of staging partitions", "staging tables", []string{PartStaging}, []Value{
			expiry("90 days", 90), expiry("30 days", 30), expiry("7 days", 7)}},
		{"ARCHIVE_CLASS_DAYS", "bytes in the bucket", []string{PartBytes}, []Value{
			cold("30", 30), cold("90", 90), cold("365", 365)}},
		{"TRACE_SAMPLE_RATIO", "traces", []string{PartTraces}, []Value{
			traces("no collector", 0), traces("0.1", 10), traces("1", 100)}},
		{"scrape interval", "Managed Prometheus", []string{PartPrometheus}, []Value{
			scrape("15s", 15*time.Second), scrape("30s", 30*time.Second), scrape("60s", time.Minute)}},
	}
}

func transactions(name string, every time.Duration) Value {
	return Value{name, func(s *Settings) { s.TransactionInterval = every }}
}

func lookback(name string, days int64) Value {
	return Value{name, func(s *Settings) { s.RandomIDs, s.LookbackDays = true, days }}
}

func looks(name string, every time.Duration) Value {
	return Value{name, func(s *Settings) { s.CompletenessInterval = every }}
}

func period(name string, days int64) Value {
	return Value{name, func(s *Settings) { s.PeriodDays = days }}
}

func audit(name string, days int64) Value {
	return Value{name, func(s *Settings) { s.AuditDays = days }}
}

func expiry(name string, days int64) Value {
	return Value{name, func(s *Settings) { s.StagingDays = days }}
}

func cold(name string, days int64) Value {
	return Value{name, func(s *Settings) { s.ColdAfterDays = days }}
}

func traces(name string, percent int64) Value {
	return Value{name, func(s *Settings) { s.TraceRatio = percent }}
}

func scrape(name string, every time.Duration) Value {
	return Value{name, func(s *Settings) { s.ScrapeInterval = every }}
}

// Tuned are the settings that the page advises for the largest load.
func Tuned(s *Settings) {
	s.TransactionInterval = time.Hour
	s.PeriodDays = 1
	s.StagingDays = 30
}
