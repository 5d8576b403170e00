// Package price is the price list that the cost page is computed from: Google's list
// prices in US dollars, each with the page that states it and the day on which that page
// was read. Where only a copy or somebody else's account of it could be read, the price
// says so.
package price

import (
	"fmt"
	"math/big"
)

// Money is an exact amount of dollars. It is never rounded but when it is shown.
type Money = *big.Rat

// Item is what is sold.
type Item string

// Items of the list.
const (
	PubSubThroughput  Item = "Pub/Sub throughput"
	PubSubStorage     Item = "Pub/Sub storage"
	StorageWrite      Item = "BigQuery Storage Write API"
	Query             Item = "BigQuery query, on demand"
	ActiveStorage     Item = "BigQuery storage, active, logical"
	LongTermStorage   Item = "BigQuery storage, long-term, logical"
	ObjectsStandard   Item = "Cloud Storage, Standard"
	ObjectsColdline   Item = "Cloud Storage, Coldline"
	OperationsA       Item = "Cloud Storage, class A operations"
	OperationsB       Item = "Cloud Storage, class B operations"
	TransitionA       Item = "Cloud Storage, change of class to Coldline"
	AutopilotCPU      Item = "GKE Autopilot, CPU"
	AutopilotMemory   Item = "GKE Autopilot, memory"
	ClusterFee        Item = "GKE cluster"
	Logging           Item = "Cloud Logging"
	PrometheusSamples Item = "Managed Prometheus samples"
	TraceSpans        Item = "Cloud Trace spans"
	ForwardingRule    Item = "Load balancer, forwarding rule"
	BalancedBytes     Item = "Load balancer, data processed"
	ComposerCompute   Item = "Composer 3 compute"
	ComposerDatabase  Item = "Composer 3 database storage"
)

// Entry is one line of the list.
type Entry struct {
	Item   Item
	Amount string // dollars, exact decimal
	Per    int64  // units that Amount buys
	Unit   string // how Per is written: "TiB"
	Free   int64  // units of each month that cost nothing
	FreeAs string // how Free is written
	Source string // the page that states it
	Read   string // the day it was read, or what was read in its place
	Doubt  string // what could not be verified; empty: nothing
}

// Units in which Google sells.
const (
	KiB = int64(1) << 10
	MiB = int64(1) << 20
	GiB = int64(1) << 30
	TiB = int64(1) << 40
)

// HoursPerMonth is Google's own month.
const HoursPerMonth = 730

// DaysPerMonth is the month that daily volumes are counted for.
const DaysPerMonth = 30

const (
	pubsub   = "https://cloud.google.com/pubsub/pricing"
	bigquery = "https://cloud.google.com/bigquery/pricing"
	objects  = "https://cloud.google.com/storage/pricing"
	gke      = "https://cloud.google.com/kubernetes-engine/pricing"
	watching = "https://cloud.google.com/products/observability/pricing"
	balancer = "https://cloud.google.com/load-balancing/pricing"
	composer = "https://cloud.google.com/composer/pricing"

	undated = "an undated copy, 2026-11-26"
	told    = "third parties that agree, 2026-11-26"
	unread  = "not read"
)

// List is the price list, in the order of the page.
var List = []Entry{
	{PubSubThroughput, "40", TiB, "TiB", 10 * GiB, "10 GiB", pubsub, "2026-09-20", ""},
	{PubSubStorage, "0.27", GiB, "GiB-month", 0, "", pubsub, "2026-09-20", ""},
	{StorageWrite, "0.025", GiB, "GiB", 2 * TiB, "2 TiB", bigquery, told, "the price; the free part is in the product's documentation"},
	{Query, "6.25", TiB, "TiB", TiB, "1 TiB", bigquery, told, "single regions may differ"},
	{ActiveStorage, "0.02", GiB, "GiB-month", 10 * GiB, "10 GiB", bigquery, told, "the US multi-region; us-central1 is told to cost about 0.023"},
	{LongTermStorage, "0.01", GiB, "GiB-month", 0, "", bigquery, told, "the US multi-region"},
	{ObjectsStandard, "0.020", GiB, "GiB-month", 5 * GiB, "5 GiB", objects, undated, ""},
	{ObjectsColdline, "0.004", GiB, "GiB-month", 0, "", objects, undated, ""},
	{OperationsA, "0.005", 1000, "1,000", 5_000, "5,000", objects, undated, ""},
	{OperationsB, "0.0004", 1000, "1,000", 50_000, "50,000", objects, undated, ""},
	{TransitionA, "0.02", 1000, "1,000", 0, "", objects, unread, "the price: from memory"},
	{AutopilotCPU, "0.0445", 1000, "vCPU-hour", 0, "", gke, told, "general-purpose, us-central1"},
	{AutopilotMemory, "0.0049225", GiB, "GiB-hour", 0, "", gke, told, "general-purpose, us-central1"},
	{ClusterFee, "0.10", 1, "hour", 744, "$74.40 for each billing account: one cluster", gke, undated, "an account that has another cluster has no credit left for this one"},
	{Logging, "0.50", GiB, "GiB", 50 * GiB, "50 GiB", watching, undated, ""},
	{PrometheusSamples, "0.06", 1_000_000, "million", 0, "", watching, told, "an older copy of the page says 0.15"},
	{TraceSpans, "0.20", 1_000_000, "million", 2_500_000, "2.5 million", watching, unread, "the price and the free part: from memory"},
	{ForwardingRule, "0.025", 1, "hour", 0, "", balancer, undated, ""},
	{BalancedBytes, "0.008", GiB, "GiB", 0, "", balancer, undated, ""},
	{ComposerCompute, "0.06", 1, "DCU-hour", 0, "", composer, undated, ""},
	{ComposerDatabase, "0.000232877", GiB, "GiB-hour", 0, "", composer, undated, ""},
}

// Find returns the entry of an item.
func Find(item Item) (Entry, error) {
	for _, e := range List {
		if e.Item == item {
			return e, nil
		}
	}
	return Entry{}, fmt.Errorf("no price for %s", item)
}

// Gross is what so much of an item costs, its free part not left out.
func Gross(item Item, used int64) (Money, error) {
	e, err := Find(item)
	if err != nil {
		return nil, err
	}
	amount, ok := new(big.Rat).SetString(e.Amount)
	if !ok {
		return nil, fmt.Errorf("price of %s is no decimal: %q", item, e.Amount)
	}
	return amount.Mul(amount, big.NewRat(used, e.Per)), nil
}

// Free is what a month's use of an item saves by its free part.
func Free(item Item, used int64) (Money, error) {
	e, err := Find(item)
	if err != nil {
		return nil, err
	}
	return Gross(item, min(used, e.Free))
}
