// Package trace follows an order from the bytes of its files to the figures that it is in,
// with all versions that there were.
//
// What cannot be told: Pub/Sub's own ids of the messages are kept of dead letters only. A
// message is known by its file, reading and record, which are its attributes. Records older
// than staging keeps have no row there.
package trace

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/epoch"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/recall"
)

// ErrUnknown is an order that the warehouse has never seen.
var ErrUnknown = errors.New("no file has brought the order")

// Version is one state of the order. The facts show the one whose outcome is current.
type Version struct {
	Outcome     string                 `bigquery:"outcome" json:"outcome"` // current, superseded or stale
	OrderDate   civil.Date             `bigquery:"order_date" json:"order_date"`
	ContentHash string                 `bigquery:"content_hash" json:"content_hash"`
	UpdatedAt   bigquery.NullTimestamp `bigquery:"updated_at" json:"updated_at"`
	ValidFrom   bigquery.NullTimestamp `bigquery:"valid_from" json:"valid_from"`
	ValidTo     bigquery.NullTimestamp `bigquery:"valid_to" json:"valid_to"`
	FileID      string                 `bigquery:"file_id" json:"file_id"`
	RecordIndex int64                  `bigquery:"record_index" json:"record_index"`
	IsUpdate    bool                   `bigquery:"is_update" json:"is_update"`

	File    *File    `bigquery:"-" json:"file"`    // nil: the ledger does not have it
	Staging *Staging `bigquery:"-" json:"staging"` // nil: staging has dropped it
	Bytes   *Bytes   `bigquery:"-" json:"bytes,omitempty"`
}

// File is where a version came from, and when.
type File struct {
	LandingName string     `json:"landing_name"`
	Object      string     `json:"object"`
	Verdict     string     `json:"verdict"`
	Revision    int64      `json:"revision"`
	LandedAt    time.Time  `json:"landed_at"`
	ClaimedAt   *time.Time `json:"claimed_at"`
	ParsedAt    *time.Time `json:"parsed_at"`
	LoadedAt    time.Time  `json:"loaded_at"`
	Transaction *int64     `json:"transaction"`
	Job         string     `json:"job,omitempty"` // BigQuery's id of the transaction's job, if it still knows it
}

// Staging is a record as it was read.
type Staging struct {
	FileID      string    `bigquery:"file_id" json:"-"`
	ParseID     string    `bigquery:"parse_id" json:"parse_id"`
	RecordIndex int64     `bigquery:"record_index" json:"record_index"`
	ContentHash string    `bigquery:"content_hash" json:"content_hash"`
	LandedAt    time.Time `bigquery:"landed_at" json:"-"`
	Warnings    string    `bigquery:"warnings" json:"warnings,omitempty"`
}

// Line is a row of fact_orders.
type Line struct {
	Number    int64               `bigquery:"line_number" json:"line_number"`
	At        time.Time           `bigquery:"order_timestamp" json:"order_timestamp"`
	ProductID bigquery.NullString `bigquery:"product_id" json:"product_id"`
	Category  string              `bigquery:"category" json:"category"`
	Region    string              `bigquery:"region" json:"region"`
	Tier      string              `bigquery:"customer_tier" json:"customer_tier"`
	Quantity  int64               `bigquery:"quantity" json:"quantity"`
	LineTotal *big.Rat            `bigquery:"line_total" json:"-"`
	Total     *big.Rat            `bigquery:"total_amount" json:"-"`
	Refunded  *big.Rat            `bigquery:"refunded_amount" json:"-"`
	Status    string              `bigquery:"payment_status" json:"payment_status"`
	LoadedAt  time.Time           `bigquery:"loaded_at" json:"loaded_at"`

	// The amounts as exact texts.
	LineTotalText string `bigquery:"-" json:"line_total"`
	TotalText     string `bigquery:"-" json:"total_amount"`
	RefundedText  string `bigquery:"-" json:"refunded_amount"`
}

// Cell is a row of an aggregate or report that the order is in.
type Cell struct {
	Place     string                 `bigquery:"place" json:"table"`
	Key       string                 `bigquery:"row_key" json:"row"`
	Orders    int64                  `bigquery:"orders" json:"orders"`
	Revenue   *big.Rat               `bigquery:"revenue" json:"-"`
	UpdatedAt bigquery.NullTimestamp `bigquery:"updated_at" json:"updated_at"`

	RevenueText string `bigquery:"-" json:"revenue"`
}

// Finding is something that was found about the order.
type Finding struct {
	At          time.Time              `bigquery:"check_timestamp" json:"found_at"`
	Severity    string                 `bigquery:"severity" json:"severity"`
	Rule        string                 `bigquery:"rule" json:"rule"`
	FileID      bigquery.NullString    `bigquery:"file_id" json:"file_id"`
	RecordIndex bigquery.NullInt64     `bigquery:"record_index" json:"record_index"`
	Description string                 `bigquery:"issue_description" json:"description"`
	ResolvedAt  bigquery.NullTimestamp `bigquery:"resolved_at" json:"resolved_at"`
}

// Trace is all that is known of an order.
type Trace struct {
	OrderID   string    `json:"order_id"`
	Versions  []Version `json:"versions"`
	Lines     []Line    `json:"facts"`
	Cells     []Cell    `json:"aggregates_and_reports"`
	Findings  []Finding `json:"findings"`
	Dashboard string    `json:"dashboard,omitempty"` // the page whose figures the order is in
}

// tracer asks.
type tracer struct {
	cfg    cloud.Config
	ledger *warehouse.Client
}

// Order follows an order; ErrUnknown if there is none of that id. dashboard is the reporter's
// address, or empty.
func Order(ctx context.Context, cfg cloud.Config, id, dashboard string) (_ *Trace, err error) {
	client, err := cfg.NewBigQuery(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	t := tracer{cfg, &warehouse.Client{BigQuery: client, Dataset: cfg.Dataset, Service: topology.Operator, Task: "trace"}}
	found := &Trace{OrderID: id, Versions: []Version{}, Lines: []Line{}, Cells: []Cell{}, Findings: []Finding{}}
	params := warehouse.Params{"order_id": id}
	versions, err := warehouse.All[Version](ctx, t.ledger, "trace/versions", params)
	if err != nil {
		return nil, err
	}
	findings, err := warehouse.All[Finding](ctx, t.ledger, "trace/findings", params)
	if err != nil {
		return nil, err
	}
	found.Versions, found.Findings = append(found.Versions, versions...), append(found.Findings, findings...)
	if len(versions) == 0 && len(findings) == 0 {
		return nil, fmt.Errorf("%w %q", ErrUnknown, id)
	}
	if err := t.sources(ctx, found); err != nil {
		return nil, err
	}
	for _, v := range versions {
		if v.Outcome == "current" {
			if err := t.figures(ctx, found, v.OrderDate); err != nil {
				return nil, err
			}
			found.Dashboard = page(dashboard, v.OrderDate)
		}
	}
	return found, nil
}

// page is the dashboard of a day.
func page(dashboard string, day civil.Date) string {
	if dashboard == "" {
		return ""
	}
	return dashboard + "/?" + url.Values{"from": {day.String()}, "to": {day.String()}}.Encode()
}

// sources finds the files, staging rows and jobs of the versions.
func (t tracer) sources(ctx context.Context, found *Trace) error {
	var ids []string
	for _, v := range found.Versions {
		ids = append(ids, v.FileID)
	}
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) == 0 {
		return nil
	}
	files, err := recall.Select(ctx, t.ledger, recall.Selection{IDs: ids})
	if err != nil {
		return err
	}
	var days []int32
	for _, f := range files {
		days = append(days, epoch.Day(f.LandedAt))
	}
	slices.Sort(days)
	var staged []Staging
	if len(days) > 0 {
		staged, err = warehouse.All[Staging](ctx, t.ledger, "trace/staging", warehouse.Params{
			"order_id": found.OrderID, "file_ids": ids, "landed_dates": slices.Compact(days),
		})
		if err != nil {
			return err
		}
	}
	for i := range found.Versions {
		v := &found.Versions[i]
		n := slices.IndexFunc(files, func(f recall.File) bool { return f.ID == v.FileID })
		if n < 0 {
			continue
		}
		f := files[n]
		v.File = t.file(ctx, f)
		if s := slices.IndexFunc(staged, func(s Staging) bool {
			return s.FileID == f.ID && s.ParseID == f.ParseID && s.RecordIndex == v.RecordIndex
		}); s >= 0 {
			v.Staging = &staged[s]
		}
	}
	return nil
}

func (t tracer) file(ctx context.Context, f recall.File) *File {
	file := &File{
		LandingName: f.LandingName, Object: recall.KeptName(f), Verdict: f.Verdict, Revision: f.Revision,
		LandedAt: f.LandedAt, ClaimedAt: known(f.ClaimedAt), ParsedAt: known(f.ParsedAt), LoadedAt: f.LoadedAt,
	}
	if f.Transaction.Valid {
		file.Transaction = &f.Transaction.Int64
		file.Job = t.job(ctx, f.Transaction.Int64-1)
	}
	return file
}

func known(t bigquery.NullTimestamp) *time.Time {
	if !t.Valid {
		return nil
	}
	return &t.Timestamp
}

// mostAttempts bounds the jobs that are asked for of one transaction.
const mostAttempts = 10

// job is the id of the job that committed the transaction of an epoch; empty if BigQuery does
// not know it, because it is too old or somebody else's to see.
func (t tracer) job(ctx context.Context, epoch int64) string {
	for n := range int64(mostAttempts) {
		id := topology.TransactionJob(t.cfg.Dataset, epoch, n)
		succeeded, err := t.ledger.Succeeded(ctx, id)
		if err != nil {
			return ""
		}
		if succeeded {
			return id
		}
	}
	return ""
}

// figures finds the facts, and the aggregates and reports that they are in.
func (t tracer) figures(ctx context.Context, found *Trace, day civil.Date) error {
	lines, err := warehouse.All[Line](ctx, t.ledger, "trace/facts", warehouse.Params{"order_id": found.OrderID, "order_date": day})
	if err != nil || len(lines) == 0 {
		return err
	}
	for i := range lines {
		l := &lines[i]
		l.LineTotalText, l.TotalText, l.RefundedText = amount(l.LineTotal), amount(l.Total), amount(l.Refunded)
	}
	cells, err := warehouse.All[Cell](ctx, t.ledger, "trace/aggregates", warehouse.Params{"order_id": found.OrderID, "order_date": day})
	for i := range cells {
		cells[i].RevenueText = amount(cells[i].Revenue)
	}
	found.Lines, found.Cells = append(found.Lines, lines...), append(found.Cells, cells...)
	return err
}
