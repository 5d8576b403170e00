package main

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"os"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
)

//go:embed day.sql
var warehouseOrders string

// errDiffers is that the ledger and the warehouse are not of one opinion.
var errDiffers = errors.New("the ledger and the warehouse differ")

// day is what both hold of a day.
type day struct {
	Day             string `json:"day"`
	Orders          int    `json:"orders"`
	Total           string `json:"total"`
	WarehouseOrders int    `json:"warehouse_orders"`
	WarehouseTotal  string `json:"warehouse_total"`
	Differing       int    `json:"differing"` // orders that one lacks, or has another total or status of
	Waiting         int64  `json:"waiting"`   // files of any day that are not settled at the ledger

	sum, warehouseSum *big.Int
}

// version is an order as one of the two has it.
type version struct {
	Day    string `json:"day"`
	Total  string `json:"total"`
	Status string `json:"status"`
}

// reconcile compares each order of some days, from 2026-11-01 or 2026-11-01/2026-11-30, with the
// warehouse. It writes a line of JSON a day, and before it one for each order that differs.
func (s *store) reconcile(ctx context.Context, client *bigquery.Client, dataset, interval string, out io.Writer) error {
	from, to, isInterval := strings.Cut(interval, "/")
	if !isInterval {
		to = from
	}
	first, err := civil.ParseDate(from)
	last, err2 := civil.ParseDate(to)
	if err := errors.Join(err, err2); err != nil {
		return fmt.Errorf("-reconcile takes a day, or the first and the last with a / between: %w", err)
	}
	// The warehouse first: what it loads from then on can only be missing there. A day that no file
	// changes any more is exact in any case.
	warehouse, err := readWarehouse(ctx, client, dataset, first, last)
	if err != nil {
		return err
	}
	b, err := s.balance(ctx)
	if err != nil {
		return err
	}
	days := make(map[string]*day)
	of := func(date string) *day {
		if days[date] == nil {
			days[date] = &day{Day: date, Waiting: b.Waiting, sum: new(big.Int), warehouseSum: new(big.Int)}
		}
		return days[date]
	}
	lines := json.NewEncoder(out)
	differs := func(id string, ledger, warehouse *version) error {
		at := cmp.Or(ledger, warehouse).Day
		of(at).Differing++
		return lines.Encode(map[string]any{"order_id": id, "ledger": ledger, "warehouse": warehouse})
	}
	for date := first; !date.After(last); date = date.AddDays(1) {
		of(date.String())
	}
	for _, w := range warehouse {
		total, ok := new(big.Rat).SetString(w.Total)
		if !ok {
			return fmt.Errorf("the warehouse's total %q is no number", w.Total)
		}
		d := of(w.Day)
		d.WarehouseOrders++
		d.warehouseSum.Add(d.warehouseSum, new(big.Rat).Mul(total, big.NewRat(nanosPerUnit, 1)).Num())
	}
	err = s.counted(ctx, first.String(), last.String(), func(c counted) error {
		d := of(c.date)
		d.Orders++
		d.sum.Add(d.sum, c.total)
		mine := version{c.date, decimal(c.total), c.status}
		theirs, known := warehouse[c.id]
		delete(warehouse, c.id)
		switch {
		case !known:
			return differs(c.id, &mine, nil)
		case theirs != mine:
			return differs(c.id, &mine, &theirs)
		}
		return nil
	})
	for _, id := range slices.Sorted(maps.Keys(warehouse)) { // what the ledger lacks
		theirs := warehouse[id]
		err = errors.Join(err, differs(id, nil, &theirs))
	}
	exact := b.Waiting == 0
	for _, date := range slices.Sorted(maps.Keys(days)) {
		d := days[date]
		d.Total, d.WarehouseTotal = decimal(d.sum), decimal(d.warehouseSum)
		exact = exact && d.Differing == 0
		err = errors.Join(err, lines.Encode(d))
	}
	if err == nil && !exact {
		err = errDiffers
	}
	return err
}

// readWarehouse asks for the orders of some days, by id.
func readWarehouse(ctx context.Context, client *bigquery.Client, dataset string, from, to civil.Date) (map[string]version, error) {
	query := client.Query(warehouseOrders)
	query.DefaultProjectID, query.DefaultDatasetID = client.Project(), dataset
	query.Parameters = []bigquery.QueryParameter{{Name: "from_date", Value: from}, {Name: "to_date", Value: to}}
	query.Labels = map[string]string{"service": "ledger", "task": "reconcile", "statement": "day"}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	rows, err := query.Read(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask the warehouse: %w", err)
	}
	orders := make(map[string]version)
	for {
		var row struct {
			OrderID       string `bigquery:"order_id"`
			OrderDate     string `bigquery:"order_date"`
			Total         string `bigquery:"total"`
			PaymentStatus string `bigquery:"payment_status"`
		}
		switch err := rows.Next(&row); {
		case errors.Is(err, iterator.Done):
			return orders, nil
		case err != nil:
			return nil, fmt.Errorf("read the warehouse's orders: %w", err)
		}
		orders[row.OrderID] = version{row.OrderDate, row.Total, row.PaymentStatus}
	}
}

// openWarehouse opens a BigQuery client, with an emulator if BIGQUERY_EMULATOR_HOST names one.
func openWarehouse(ctx context.Context, project string) (*bigquery.Client, error) {
	var opts []option.ClientOption
	if host := os.Getenv("BIGQUERY_EMULATOR_HOST"); host != "" {
		host = strings.TrimPrefix(host, "http://")
		opts = append(opts, option.WithEndpoint("http://"+host+"/bigquery/v2/"), option.WithoutAuthentication())
	}
	client, err := bigquery.NewClient(ctx, project, opts...)
	if err != nil {
		return nil, fmt.Errorf("open the BigQuery client: %w", err)
	}
	return client, nil
}
