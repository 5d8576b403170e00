package estimate

import (
	"fmt"
	"math/big"
	"time"

	"github.com/zackkki/ecomm_datapipeline/monitoring/cost/price"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

const (
	days  = price.DaysPerMonth
	hours = price.HoursPerMonth
)

// Use is so much of an item in a month, in the item's smallest unit.
type Use struct {
	Item  price.Item
	Units int64
}

// Part is one line of the bill.
type Part struct {
	Group, Name string
	Uses        []Use
}

// Cost is what the part costs at list prices, free parts not left out.
func (p Part) Cost() (price.Money, error) {
	sum := new(big.Rat)
	for _, u := range p.Uses {
		cost, err := price.Gross(u.Item, u.Units)
		if err != nil {
			return nil, fmt.Errorf("%s, %s: %w", p.Group, p.Name, err)
		}
		sum.Add(sum, cost)
	}
	return sum, nil
}

// Groups of the bill.
const (
	GroupPubSub    = "Pub/Sub"
	GroupIngest    = "Ingest"
	GroupTables    = "BigQuery storage"
	GroupQueries   = "BigQuery queries"
	GroupObjects   = "Cloud Storage"
	GroupPods      = "GKE Autopilot"
	GroupWatching  = "Observability"
	GroupFrontDoor = "Front door"
	GroupComposer  = "Cloud Composer"
)

// Names of parts that the page looks up.
const (
	PartIngest       = "Storage Write API"
	PartTransactions = "aggregator's transactions"
	PartLooks        = "completeness checks"
	PartDashboard    = "dashboard"
	PartReports      = "daily reports"
	PartPrometheus   = "Managed Prometheus"
	PartTraces       = "traces"
	PartStaging      = "staging tables"
	PartBytes        = "bytes of files"
)

// Parts is the bill of a month, line by line.
func (d Deployment) Parts() ([]Part, error) {
	q, err := d.queries()
	if err != nil {
		return nil, err
	}
	parts := d.messages()
	parts = append(parts, Part{GroupIngest, PartIngest, []Use{{price.StorageWrite, d.staged() * days}}})
	parts = append(parts, d.kept()...)
	parts = append(parts,
		Part{GroupQueries, PartTransactions, []Use{{price.Query, q.Transactions}}},
		Part{GroupQueries, PartLooks, []Use{{price.Query, q.Looks}}},
		Part{GroupQueries, PartDashboard, []Use{{price.Query, q.Dashboard}}},
		Part{GroupQueries, PartReports, []Use{{price.Query, q.Reports}}},
	)
	parts = append(parts, d.objects()...)
	parts = append(parts, d.compute()...)
	parts = append(parts, d.watching()...)
	return append(parts, Part{GroupFrontDoor, "load balancer; IAP is free", []Use{{price.ForwardingRule, hours}, {price.BalancedBytes, balancedBytes}}}), nil
}

// messages are the topics: what is published once is delivered to each subscription. A
// message about a file travels alone, and a request counts as 1,000 bytes at least.
func (d Deployment) messages() []Part {
	const request = 1000
	bytes := map[string]int64{
		topology.TopicOrdersValidated: d.Orders * (d.Sizes.Order.Message + messageOverhead),
		topology.TopicCatalogUpdates: d.Products*(d.Sizes.Product.Message+messageOverhead) +
			d.Customers*(d.Sizes.Customer.Message+messageOverhead),
		topology.TopicRecordsRejected: d.refused() * max(request, d.Sizes.Order.File+d.Sizes.Order.Message),
	}
	var parts []Part
	for _, topic := range topology.Topics() {
		published, many := bytes[topic.Name]
		if !many {
			published = d.Files * request
		}
		copies := int64(len(topic.Subscribers))
		if topic.Name == topology.TopicOrdersValidated {
			copies += consumers
		}
		name := fmt.Sprintf("%s, in and %d× out", topic.Name, copies)
		parts = append(parts, Part{GroupPubSub, name, []Use{{price.PubSubThroughput, published * (1 + copies) * days}}})
	}
	return append(parts, Part{GroupPubSub, "dead letters; retention", nil})
}

// Backlog is what a day of orders costs that nobody takes, for each month that it lies,
// if Pub/Sub bills it as storage from the first hour.
func (d Deployment) Backlog() (price.Money, error) {
	return price.Gross(price.PubSubStorage, d.Orders*(d.Sizes.Order.Message+messageOverhead))
}

// staged are the bytes of a day's staging rows.
func (d Deployment) staged() int64 {
	return d.Orders*d.Sizes.Order.Staging.Row() + d.Products*d.Sizes.Product.Staging.Row() +
		d.Customers*d.Sizes.Customer.Staging.Row() + d.refused()*2*d.Sizes.Order.File
}

// activeDays is how long a partition that nobody changes is billed as active.
const activeDays = 90

func (d Deployment) kept() []Part {
	active, old := min(d.HistoryDays, activeDays), max(0, d.HistoryDays-activeDays)
	row := func(perDay, row int64) []Use {
		return []Use{{price.ActiveStorage, perDay * row * active}, {price.LongTermStorage, perDay * row * old}}
	}
	const findingRow, ledgerRow, aggregates = 350, 400, 24*120 + categories*90
	rest := row(d.findings(), findingRow)
	for _, u := range []([]Use){row(d.Files, ledgerRow), row(1, aggregates),
		{{price.ActiveStorage, d.Products*d.Sizes.DimProduct.Row() + d.Customers*d.Sizes.DimCustomer.Row()}}} {
		rest = append(rest, u...)
	}
	return []Part{
		{GroupTables, PartStaging, []Use{{price.ActiveStorage, d.staged() * min(d.StagingDays, d.HistoryDays)}}},
		{GroupTables, "fact_orders, a year", row(d.lines(), d.Sizes.Fact.Row())},
		{GroupTables, "order_keys, a year", row(d.Orders, d.Sizes.Key.Row())},
		{GroupTables, "dimensions, findings, ledger, aggregates", rest},
	}
}

// objects are the files: uploaded, copied when claimed and when put away, and kept. The
// metadata of each is changed once; a sweep lists two prefixes.
func (d Deployment) objects() []Part {
	perDay := d.Orders*d.Sizes.Order.File + d.Products*d.Sizes.Product.File + d.Customers*d.Sizes.Customer.File
	standard := min(d.HistoryDays, d.ColdAfterDays)
	sweeps := int64(24*time.Hour/time.Minute) * 2 * d.replicas(topology.Watcher)
	return []Part{
		{GroupObjects, PartBytes, []Use{
			{price.ObjectsStandard, perDay * standard}, {price.ObjectsColdline, perDay * (d.HistoryDays - standard)}}},
		{GroupObjects, "operations on files", []Use{
			{price.OperationsA, d.Files * 4 * days}, {price.OperationsB, d.Files * 4 * days}, {price.TransitionA, d.Files * days}}},
		{GroupObjects, "sweeps", []Use{{price.OperationsA, sweeps * days}}},
	}
}

func (d Deployment) replicas(name string) int64 {
	for _, p := range d.Pods {
		if p.Name == name {
			return p.Replicas
		}
	}
	return 0
}

func (d Deployment) compute() []Part {
	parts := []Part{{GroupPods, "cluster", []Use{{price.ClusterFee, hours}}}}
	for _, p := range d.Pods {
		podHours := p.Replicas * hours * p.HoursADay / 24
		parts = append(parts, Part{GroupPods, fmt.Sprintf("%s: %d × %dm, %d MiB", p.Name, p.Replicas, p.MilliCPU, p.Memory>>20), []Use{
			{price.AutopilotCPU, podHours * p.MilliCPU}, {price.AutopilotMemory, podHours * p.Memory}}})
	}
	return parts
}

func (d Deployment) watching() []Part {
	var series int64
	for _, p := range d.Pods {
		series += p.Replicas * p.Series
	}
	samples := series * int64(hours*time.Hour/d.ScrapeInterval)
	return []Part{
		{GroupWatching, "Cloud Logging", []Use{{price.Logging, d.Files * logLinesPerFile * bytesPerLogLine * days}}},
		{GroupWatching, PartPrometheus, []Use{{price.PrometheusSamples, samples}}},
		{GroupWatching, PartTraces, []Use{{price.TraceSpans, d.Files * spansPerFile * days * d.TraceRatio / 100}}},
	}
}
