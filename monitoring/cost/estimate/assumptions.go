package estimate

import "fmt"

// Assumption is something that the model takes for granted.
type Assumption struct{ What, Value string }

// Assumptions are all that is neither measured nor read from the tree.
func (b *Base) Assumptions() []Assumption {
	n := func(format string, args ...any) string { return fmt.Sprintf(format, args...) }
	return []Assumption{
		{"month", n("%d days of load, %d hours of what runs all the time", days, hours)},
		{"orders in the warehouse", n("%d days", historyDays)},
		{"files a day", n("%d, %d and %d; two of them are the whole catalogs", Loads[0].Files, Loads[1].Files, Loads[2].Files)},
		{"catalogs", n("%s products and %s customers", three(func(l Load) int64 { return l.Products }), three(func(l Load) int64 { return l.Customers }))},
		{"late orders", "one transaction in four also touches yesterday"},
		{"order ids", "in order of time, as shops number their orders and as ULIDs and UUIDs of version 7 are; a batch's lie among those of today, or in one of four of yesterday"},
		{"aggregators", "one transaction each interval, whoever runs it; each of the others asks whether it may, and what became of its files"},
		{"repairs", "the two catalog transactions of a day rewrite a day and a half of facts"},
		{"completeness", n("%d checks for each transaction and aggregator, at most one each COMPLETENESS_INTERVAL", looksPerTransaction)},
		{"findings, refusals", n("one order in %d, one in %d", findingsPer, refusedPer)},
		{"days' aggregates", n("at most %d places, tiers and statuses of a day, %d statuses of a product, and each order of another customer as far as there are so many", places, statuses)},
		{"dashboard", n("the overview is open %d hours a day; each transaction refreshes it once", pageHours)},
		{"consumers of orders-validated", n("%d besides the writer", consumers)},
		{"Pub/Sub's overhead", n("%d bytes for each message (its documentation; not verified)", messageOverhead)},
		{"pods", "the least number that the autoscaler keeps: a writer settles some 10,000 orders/s on a core, and 100 million a day are 1,157/s"},
		{"metrics, logs, spans", n("%d series for each pod; %d lines of %d bytes and %d spans for each file", seriesPerPod, logLinesPerFile, bytesPerLogLine, spansPerFile)},
		{"BigQuery's minimum", "10 MiB for each table that a statement names, temporary ones and empty ones too"},
		{"what a statement reads", "each column that it names, once for all places that name it, of each partition that its conditions leave, and all columns of those whose rows it changes; clustering saves nothing. All of it errs upwards; " +
			"of the statements that read no temporary table, columns and widths are held against BigQuery's dry runs after a real run (estimate/billed_test.go)"},
		{"not counted", "network out of the region (there is none), consumers' own work, support, discounts, taxes"},
	}
}

func three(of func(Load) int64) string {
	return fmt.Sprintf("%d, %d and %d", of(Loads[0]), of(Loads[1]), of(Loads[2]))
}
