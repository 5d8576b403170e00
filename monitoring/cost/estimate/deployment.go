// Package estimate is the model behind the cost page: what a deployment of a given size
// and with given settings uses of each Google Cloud service in a month, and what that
// costs. Sizes of records are weighed (package measure), what a statement reads is taken
// from its SQL, what runs from the manifests of the overlay prod; the rest are the
// assumptions that the page lists.
package estimate

import (
	"fmt"
	"regexp"
	"time"

	"github.com/zackkki/ecomm_datapipeline/k8s/manifest"
	"github.com/zackkki/ecomm_datapipeline/monitoring/cost/measure"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// Load is how much a deployment has to do.
type Load struct {
	Name                string
	Goal                int64 // dollars a month, as shipped
	Orders, Files       int64 // a day
	Products, Customers int64 // rows of the catalogs, which come whole each day
}

// Loads are those of the page.
var Loads = []Load{
	{"10 thousand", 60, 10_000, 96, 1_000, 20_000},
	{"1 million", 100, 1_000_000, 960, 10_000, 1_000_000},
	{"100 million", 5_000, 100_000_000, 9_600, 100_000, 20_000_000},
}

// Settings are the levers.
type Settings struct {
	TransactionInterval  time.Duration
	CompletenessInterval time.Duration
	LookbackDays         int64 // DEDUP_LOOKBACK_DAYS; 0: all
	RandomIDs            bool  // the order ids are in no order of time
	StagingDays          int64 // expiry of the staging tables' partitions
	ColdAfterDays        int64 // ARCHIVE_CLASS_DAYS
	TraceRatio           int64 // percent of the files whose spans are exported; 0: no collector is set
	ScrapeInterval       time.Duration
	PeriodDays           int64 // that the dashboard's page shows
	AuditDays            int64 // AUDIT_DAYS
}

// Deployment is a load with settings, in an overlay.
type Deployment struct {
	Load
	Settings
	HistoryDays int64 // of orders in the warehouse
	Sizes       *measure.Sizes
	Pods        []Pod

	limits     map[string]int64 // MAX_BYTES_BILLED by workload
	temporary  []string
	statements statements
}

// Assumptions that are no lever.
const (
	historyDays = 365
	// lateShare is the part of a whole day by which a transaction also touches
	// yesterday: one in four does.
	lateHours = 24 / 4
	// looksPerTransaction is how often the warehouse is asked whether files are complete,
	// from when a transaction may begin: a second time if the first finds none.
	looksPerTransaction = 2
	// pageHours is how long each day somebody looks at the dashboard.
	pageHours = 8
	// consumers of orders-validated besides the writer.
	consumers = 1
	// One order in a hundred has a finding, one in a thousand is refused.
	findingsPer, refusedPer = 100, 1000
	// spansPerFile: claim, read, load, put away, and shares of appends and transactions.
	spansPerFile = 8
	// Counted on a sandbox: 66 to 145 series of a service, to which the Go runtime's
	// and the process's add some fifty; 38 lines of 324 bytes for 7 files.
	seriesPerPod    = 200
	logLinesPerFile = 6
	bytesPerLogLine = 350
	// balancedBytes pass the load balancer in a month.
	balancedBytes = 5 << 30
	// messageOverhead is what Pub/Sub counts besides a message's body and attributes.
	messageOverhead = 20
)

func (d Deployment) lines() int64    { return d.Orders * d.Sizes.LinesPerHundred / 100 }
func (d Deployment) findings() int64 { return d.Orders / findingsPer }
func (d Deployment) refused() int64  { return d.Orders / refusedPer }

// transactions of a day: one for each interval, if a file has come.
func (d Deployment) transactions() int64 { return atMost(d.Files, d.TransactionInterval) }

// looks of a day at what has arrived. Each aggregator looks for the files that it holds, once
// a transaction may begin.
func (d Deployment) looks() int64 {
	return max(1, d.replicas(topology.Aggregator)) * atMost(d.transactions()*looksPerTransaction, d.CompletenessInterval)
}

func atMost(n int64, interval time.Duration) int64 {
	return min(n, int64(24*time.Hour/max(interval, time.Second)))
}

// Base is everything that the loads have in common: the sizes, and what an overlay says. Not
// for concurrent use.
type Base struct {
	deployment Deployment
}

// NewBase weighs the records and reads the manifests of the overlay prod.
func NewBase() (*Base, error) {
	sizes, err := measure.Take()
	if err != nil {
		return nil, fmt.Errorf("weigh the records: %w", err)
	}
	temporary, err := temporaryTables()
	if err != nil {
		return nil, err
	}
	return (&Base{Deployment{HistoryDays: historyDays, Sizes: sizes, temporary: temporary, statements: make(statements)}}).In("prod")
}

// In is the same in another overlay.
func (b *Base) In(overlay string) (*Base, error) {
	set, err := manifest.Render(overlay)
	if err != nil {
		return nil, err
	}
	d := b.deployment
	if d.Pods, err = podsOf(set); err != nil {
		return nil, err
	}
	d.Settings, err = d.shipped(set)
	return &Base{d}, err
}

// At is the deployment of a load with the settings as shipped; change, if not nil,
// changes them.
func (b *Base) At(load Load, change func(*Settings)) Deployment {
	d := b.deployment
	d.Load = load
	if change != nil {
		change(&d.Settings)
	}
	return d
}

var temporary = regexp.MustCompile(`CREATE TEMP TABLE (\w+)`)

func temporaryTables() ([]string, error) {
	statements, err := sql.Statements()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range statements {
		for _, m := range temporary.FindAllStringSubmatch(s.Text, -1) {
			names = append(names, m[1])
		}
	}
	return names, nil
}

// Sizes are the weights of the records.
func (b *Base) Sizes() *measure.Sizes { return b.deployment.Sizes }
