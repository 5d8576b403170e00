package dashboard

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// row is a heading and what stands under it.
type row struct {
	title  string
	panels []panel
}

// panel shows some queries over time, or the newest value of one.
type panel struct {
	title, says string
	unit        string
	width       uint32 // of 24
	stat        bool   // the newest value alone, in red from alarm on if that is above 0
	alarm       float64
	left        bool // the value is what is left of a budget: red below zero
	stacked     bool
	queries     []query
}

// query is a PromQL expression and the name of its series.
type query struct{ expr, legend string }

// In every expression, what a scrape of this deployment exports; ours, of the services
// chosen at the top. Google's own metrics of Pub/Sub know neither cluster nor namespace.
const (
	here   = `project_id=~"$project", cluster=~"$cluster", namespace=~"$namespace"`
	ours   = here + `, service=~"$service"`
	google = `monitored_resource="pubsub_subscription", project_id=~"$project"`
)

const (
	half    = 12
	third   = 8
	quarter = 6
	sixth   = 4
)

// p50, p99 are quantiles of a histogram by a label.
func quantiles(histogram, by, legend string) []query {
	at := func(q, name string) query {
		return query{`histogram_quantile(` + q + `, sum by (le, ` + by + `) (rate(` + histogram + `_bucket{` + here + `}[$__rate_interval])))`, legend + " " + name}
	}
	return []query{at("0.5", "p50"), at("0.99", "p99")}
}

// rate is the sum of a counter's rates by a label.
func rate(counter, by, legend string) []query {
	return []query{{`sum by (` + by + `) (rate(` + counter + `{` + here + `}[$__rate_interval]))`, legend}}
}

// rise is how much a counter has risen in the time shown.
func rise(counter string) []query {
	return []query{{`sum(increase(` + counter + `{` + here + `}[$__range]))`, ""}}
}

// budget is what is left of an objective's error budget, by the errors of three days,
// the longest that the rules record.
func budget(errors, allowed string) []query {
	return []query{{`1 - max(` + errors + `:ratio_rate3d{` + here + `}) / ` + allowed, ""}}
}

func rows() []row {
	return []row{overview(), ingest(), writer(), aggregator(), pubsub(), quality(), reporter(), processes()}
}

func overview() row {
	return row{"Overview", []panel{
		{title: "Age of the newest facts, 1 day back", says: "Since the newest transaction began, of those of the last day; grows while no file comes", unit: units.Seconds, width: sixth, stat: true,
			queries: []query{{`time() - max(max_over_time(pipeline_load_newest_seconds{` + here + `}[1d]))`, ""}}},
		{title: "Landing to facts, p99, time shown", unit: units.Seconds, width: sixth, stat: true, alarm: 1800,
			says:    "Of files that landed in the time shown; the objective is half an hour",
			queries: []query{{`histogram_quantile(0.99, sum by (le) (increase(pipeline_files_latency_seconds_bucket{` + here + `}[$__range])))`, ""}}},
		{title: "Dead letters, time shown", says: "Messages given up and stored in the time shown", unit: units.Short, width: sixth, stat: true, alarm: 1, queries: rise("pipeline_dead_letters_total")},
		{title: "Ledger imbalances, time shown", says: "Files whose records did not add up", unit: units.Short, width: sixth, stat: true, alarm: 1, queries: rise("pipeline_ledger_imbalances_total")},
		{title: "Files over budget, time shown", says: "Alarms about files held because of MAX_BYTES_BILLED", unit: units.Short, width: sixth, stat: true, alarm: 1, queries: rise("pipeline_transaction_over_budget_total")},
		{title: "Files stuck, time shown", says: "Found without progress by a sweep", unit: units.Short, width: sixth, stat: true, alarm: 1, queries: rise("pipeline_files_stuck_total")},
		{title: "Freshness budget left, 3 days", says: "100 %: no file was late in three days; below 0 %: more were late than the objective allows", unit: units.PercentUnit, width: third, stat: true, left: true, queries: budget("pipeline:freshness_errors", "0.01")},
		{title: "Completeness budget left, 3 days", says: "100 %: no record was refused or held in three days; below 0 %: more were than the objective allows", unit: units.PercentUnit, width: third, stat: true, left: true, queries: budget("pipeline:completeness_errors", "0.01")},
		{title: "Availability budget left, 3 days", says: "100 %: the reporter failed no request in three days; below 0 %: it failed more than the objective allows", unit: units.PercentUnit, width: third, stat: true, left: true, queries: budget("pipeline:availability_errors", "0.005")},
		{title: "Records by outcome", says: "Records that entered the ledger", unit: units.CountsPerSecond, width: half, stacked: true, queries: rate("pipeline_records_completed_total", "outcome", "{{outcome}}")},
		{title: "Files by verdict, per 5 min", says: "Files that entered the ledger", unit: units.Short, width: half, stacked: true,
			queries: []query{{`sum by (kind, verdict) (increase(pipeline_files_completed_total{` + here + `}[5m]))`, "{{kind}} {{verdict}}"}}},
	}}
}

func ingest() row {
	return row{"Ingest", []panel{
		{title: "Files claimed", says: "Files that the watcher took from landing/", unit: units.CountsPerSecond, width: third, queries: rate("pipeline_files_claimed_total", "kind", "{{kind}}")},
		{title: "Bytes claimed", says: "Size of the files that the watcher took from landing/", unit: units.BytesPerSecondSI, width: third, queries: rate("pipeline_files_claimed_size_bytes_total", "kind", "{{kind}}")},
		{title: "Landing to claim", says: "From the end of the upload to the watcher's claim: median and 99th percentile", unit: units.Seconds, width: third, queries: quantiles("pipeline_files_claim_delay_seconds", "kind", "{{kind}}")},
		{title: "Files put away", says: "Files moved to archive/ or quarantine/", unit: units.CountsPerSecond, width: quarter, queries: rate("pipeline_files_put_away_total", "place", "{{place}}")},
		{title: "Stuck, given up, per hour", says: "Files without progress, and files that no parser finished", unit: units.Short, width: quarter, queries: []query{
			{`sum(increase(pipeline_files_stuck_total{` + here + `}[1h]))`, "stuck"},
			{`sum(increase(pipeline_files_given_up_total{` + here + `}[1h]))`, "given up"}}},
		{title: "Records read", says: "What the parser accepted and refused", unit: units.CountsPerSecond, width: quarter, queries: []query{
			{`sum by (kind) (rate(pipeline_parser_records_accepted_total{` + here + `}[$__rate_interval]))`, "{{kind}} accepted"},
			{`sum by (kind) (rate(pipeline_parser_records_rejected_total{` + here + `}[$__rate_interval]))`, "{{kind}} refused"}}},
		{title: "Files read", says: "Files that the parser finished, with the reason of those that it refused", unit: units.CountsPerSecond, width: quarter, queries: rate("pipeline_parser_files_total", "kind, reason", "{{kind}} {{reason}}")},
		{title: "Time of a file in the parser", says: "From the message to the published manifest: median and 99th percentile", unit: units.Seconds, width: half, queries: quantiles("pipeline_parser_file_duration_seconds", "kind", "{{kind}}")},
		{title: "Bytes read", says: "Size of the files that the parser finished", unit: units.BytesPerSecondSI, width: half, queries: rate("pipeline_parser_files_size_bytes_total", "kind", "{{kind}}")},
	}}
}

func writer() row {
	return row{"Writer", []panel{
		{title: "Rows appended", says: "Rows that BigQuery confirmed or refused, by staging table", unit: units.CountsPerSecond, width: quarter, queries: rate("pipeline_append_rows_total", "table, outcome", "{{table}} {{outcome}}")},
		{title: "Bytes appended", says: "Serialized size of the rows, by staging table", unit: units.BytesPerSecondSI, width: quarter, queries: rate("pipeline_append_size_bytes_total", "table", "{{table}}")},
		{title: "Append to confirmation", says: "From the append to BigQuery's answer: median and 99th percentile", unit: units.Seconds, width: quarter, queries: quantiles("pipeline_append_duration_seconds", "table", "{{table}}")},
		{title: "Bytes of an append", says: "Mean; MAX_APPEND_BYTES bounds it", unit: units.BytesIEC, width: quarter, queries: []query{{
			`sum by (table) (rate(pipeline_append_size_bytes_total{` + here + `}[$__rate_interval])) / sum by (table) (rate(pipeline_append_duration_seconds_count{` + here + `}[$__rate_interval]))`, "{{table}}"}}},
	}}
}

func aggregator() row {
	return row{"Aggregator", []panel{
		{title: "Transactions, per 5 min", says: "By outcome: committed, failed for good, to be tried again", unit: units.Short, width: third, queries: []query{{
			`sum by (outcome) (increase(pipeline_transaction_duration_seconds_count{` + here + `}[5m]))`, "{{outcome}}"}}},
		{title: "Files by their transaction's outcome", says: "A file counts again each time that it is tried", unit: units.CountsPerSecond, width: third, queries: rate("pipeline_transaction_files_total", "outcome", "{{outcome}}")},
		{title: "Time of a transaction", says: "Median and 99th percentile, by outcome", unit: units.Seconds, width: third, queries: quantiles("pipeline_transaction_duration_seconds", "outcome", "{{outcome}}")},
		{title: "Bytes billed, per hour", says: "By transactions, and by queries by their purpose", unit: units.BytesIEC, width: third, stacked: true, queries: []query{
			{`sum(increase(pipeline_transaction_billed_bytes_total{` + here + `}[1h]))`, "transactions"},
			{`sum by (purpose) (increase(pipeline_query_billed_bytes_total{` + here + `}[1h]))`, "{{purpose}}"}}},
		{title: "Landing to facts", says: "Of files that entered the ledger: median and 99th percentile; the objective is half an hour", unit: units.Seconds, width: third, queries: quantiles("pipeline_files_latency_seconds", "kind", "{{kind}}")},
		{title: "Files that cannot go on, per hour", says: "Alarms: the warehouse refuses every file, the budget or the time is too small, records do not arrive, records do not add up", unit: units.Short, width: third, queries: []query{
			{`sum(increase(pipeline_transaction_blocked_total{` + here + `}[1h]))`, "blocked"},
			{`sum(increase(pipeline_transaction_over_budget_total{` + here + `}[1h]))`, "over budget"},
			{`sum(increase(pipeline_transaction_over_time_total{` + here + `}[1h]))`, "over time"},
			{`sum(increase(pipeline_files_incomplete_total{` + here + `}[1h]))`, "incomplete"},
			{`sum(increase(pipeline_ledger_imbalances_total{` + here + `}[1h]))`, "imbalance"}}},
	}}
}

func pubsub() row {
	return row{"Pub/Sub", []panel{
		{title: "Backlog", says: "Messages not acknowledged, as Cloud Monitoring counts them, some minutes late", unit: units.Short, width: half, queries: []query{{
			`sum by (subscription_id) (pubsub_googleapis_com:subscription_num_undelivered_messages{` + google + `})`, "{{subscription_id}}"}}},
		{title: "Age of the oldest message", says: "Not acknowledged, as Cloud Monitoring knows it, some minutes late", unit: units.Seconds, width: half, queries: []query{{
			`max by (subscription_id) (pubsub_googleapis_com:subscription_oldest_unacked_message_age{` + google + `})`, "{{subscription_id}}"}}},
		{title: "Messages in hand", says: "As a share of what the service may hold", unit: units.PercentUnit, width: quarter, queries: []query{{
			`sum by (subscription) (pipeline_messages_in_hand{` + here + `}) / sum by (subscription) (pipeline_messages_capacity{` + here + `})`, "{{subscription}}"}}},
		{title: "Oldest lease", says: "Time that the message longest in hand has been so", unit: units.Seconds, width: quarter, queries: []query{{
			`max by (subscription) (pipeline_messages_oldest_lease_seconds{` + here + `})`, "{{subscription}}"}}},
		{title: "Messages handled", says: "By what became of them: acknowledged, tried again, given up", unit: units.CountsPerSecond, width: quarter, queries: rate("pipeline_messages_handled_total", "subscription, outcome", "{{subscription}} {{outcome}}")},
		{title: "Dead letters, per hour", says: "Stored, by subscription and reason", unit: units.Short, width: quarter, queries: []query{{
			`sum by (subscription, reason) (increase(pipeline_dead_letters_total{` + here + `}[1h]))`, "{{subscription}} {{reason}}"}}},
	}}
}

func quality() row {
	return row{"Quality", []panel{
		{title: "Findings by severity", says: "Rules broken by records and files, as the ledger has them", unit: units.CountsPerSecond, width: third, stacked: true, queries: rate("pipeline_findings_total", "severity", "{{severity}}")},
		{title: "Findings by rule", says: "The ten rules with the most", unit: units.CountsPerSecond, width: third, queries: []query{{
			`topk(10, sum by (rule, severity) (rate(pipeline_findings_total{` + here + `}[$__rate_interval])) > 0)`, "{{rule}} ({{severity}})"}}},
		{title: "Refused by rule", says: "By the parser, of the records read", unit: units.PercentUnit, width: third, queries: []query{{
			`sum by (rule) (rate(pipeline_parser_records_rejected_total{` + here + `}[$__rate_interval])) / ignoring(rule) group_left() ` +
				`(sum(rate(pipeline_parser_records_accepted_total{` + here + `}[$__rate_interval])) + sum(rate(pipeline_parser_records_rejected_total{` + here + `}[$__rate_interval])))`, "{{rule}}"}}},
	}}
}

func reporter() row {
	return row{"Reporter", []panel{
		{title: "Requests", says: "Of pages and of the API, by outcome", unit: units.RequestsPerSecond, width: quarter, queries: rate("reporter_requests_total", "outcome", "{{outcome}}")},
		{title: "Time of a query", says: "Median and 99th percentile, by statement", unit: units.Seconds, width: quarter, queries: quantiles("reporter_query_duration_seconds", "statement", "{{statement}}")},
		{title: "Open pages", says: "Browsers that wait for the next file", unit: units.Short, width: quarter, queries: []query{{`sum(reporter_event_streams{` + here + `})`, "event streams"}}},
		{title: "Age of the daily reports", says: "Since the end of the newest day that has all of its reports; up to 24 hours and some are usual", unit: units.Seconds, width: quarter, stat: true, alarm: 30 * 3600,
			queries: []query{{`time() - max(reporter_reports_newest_seconds{` + here + `})`, ""}}},
	}}
}

func processes() row {
	return row{"Processes", []panel{
		{title: "Uptime", says: "It falls to nothing when a process starts again", unit: units.Seconds, width: quarter, queries: []query{{`process_uptime_seconds{` + ours + `}`, "{{service}} {{pod}}"}}},
		{title: "Memory", says: "Resident, by pod", unit: units.BytesIEC, width: quarter, queries: []query{{`process_resident_memory_bytes{` + ours + `}`, "{{service}} {{pod}}"}}},
		{title: "CPU", says: "In cores", unit: units.Short, width: quarter, queries: []query{{`rate(process_cpu_seconds_total{` + ours + `}[$__rate_interval])`, "{{service}} {{pod}}"}}},
		{title: "Goroutines", says: "By pod; a number that only grows is a leak", unit: units.Short, width: quarter, queries: []query{{`go_goroutines{` + ours + `}`, "{{service}} {{pod}}"}}},
	}}
}
