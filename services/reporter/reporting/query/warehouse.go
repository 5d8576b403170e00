package query

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// maxRows bounds what one statement may yield. The longest is an hour per row
// over MAX_PERIOD_DAYS; everything else is limited by its page size.
const maxRows = 110_000

// ErrTooManyRows tells that a result was longer than maxRows.
var ErrTooManyRows = errors.New("result has too many rows")

// Warehouse is the Source that is BigQuery.
type Warehouse struct {
	Client     *warehouse.Client
	statements map[string]sql.Statement
}

// The folders of the reporter's statements, by which its queries are billed.
const (
	folderDashboard = "dashboard"
	folderReports   = "reports"
	folderNotify    = "notify"
	folderLineage   = "lineage"
	folderCalendar  = "calendar"
	folderTrace     = "trace"
)

// Open connects to the warehouse. A query that would bill more than maxBytesBilled is
// refused. The caller closes the Client.
func Open(ctx context.Context, cfg cloud.Config, maxBytesBilled int64, rt service.Runtime) (*Warehouse, error) {
	statements, err := Statements()
	if err != nil {
		return nil, err
	}
	bill, err := warehouse.NewBill(rt.Meter, rt.Log, folderDashboard, folderReports, folderNotify, folderLineage, folderCalendar, folderTrace)
	if err != nil {
		return nil, err
	}
	client, err := cfg.NewBigQuery(ctx)
	if err != nil {
		return nil, err
	}
	return &Warehouse{statements: statements, Client: &warehouse.Client{
		BigQuery: client, Dataset: cfg.Dataset, Service: topology.Reporter, MaxBytesBilled: maxBytesBilled, Bill: bill,
	}}, nil
}

// Statements are those that the reporter may run, by name.
func Statements() (map[string]sql.Statement, error) {
	dashboard, err := sql.Group(folderDashboard)
	if err != nil {
		return nil, fmt.Errorf("read the dashboard's statements: %w", err)
	}
	reports, err := sql.Group(folderReports)
	if err != nil {
		return nil, fmt.Errorf("read the reports' statements: %w", err)
	}
	told, err := sql.Group(folderNotify)
	if err != nil {
		return nil, fmt.Errorf("read the webhook's statements: %w", err)
	}
	lineage, err := sql.Group(folderLineage)
	if err != nil {
		return nil, fmt.Errorf("read the lineage's statements: %w", err)
	}
	traced, err := sql.Group(folderTrace)
	if err != nil {
		return nil, fmt.Errorf("read the statements that follow an order: %w", err)
	}
	byName := make(map[string]sql.Statement)
	for _, s := range slices.Concat(dashboard, told, lineage, traced) {
		byName[s.Name] = s
	}
	for _, s := range reports {
		// The others are those of the daily run's transactions.
		if strings.HasPrefix(s.Name, "reports/read_") {
			byName[s.Name] = s
		}
	}
	return byName, nil
}

// Query implements Source.
func (w *Warehouse) Query(ctx context.Context, name string, params Params) (*Result, error) {
	s, ok := w.statements[name]
	if !ok {
		return nil, fmt.Errorf("query %s: no such statement", name)
	}
	s, err := s.Given(params.given(s)...)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", name, err)
	}
	rows, err := warehouse.Query[[]bigquery.Value](ctx, w.Client, s, warehouse.Params(params))
	if err != nil {
		return nil, err
	}
	result := &Result{}
	for row, err := range rows.All() {
		if err != nil {
			return nil, err
		}
		if len(result.Rows) == maxRows {
			return nil, fmt.Errorf("query %s: %w", name, ErrTooManyRows)
		}
		cells := make([]any, len(row))
		for i, v := range row {
			cells[i] = v
		}
		result.Rows = append(result.Rows, cells)
	}
	for _, field := range rows.Schema() {
		result.Columns = append(result.Columns, field.Name)
	}
	return result, nil
}

// Modified implements Source.
func (w *Warehouse) Modified(ctx context.Context, table string) (time.Time, error) {
	// Of the views of a table the basic one lacks the time.
	metadata, err := w.Client.BigQuery.Dataset(w.Client.Dataset).Table(table).Metadata(ctx, bigquery.WithMetadataView(bigquery.StorageStatsMetadataView))
	if err != nil {
		return time.Time{}, fmt.Errorf("ask when %s was modified: %w", table, err)
	}
	return metadata.LastModifiedTime, nil
}

// Created implements Source.
func (w *Warehouse) Created(ctx context.Context, table string) (time.Time, error) {
	metadata, err := w.Client.BigQuery.Dataset(w.Client.Dataset).Table(table).Metadata(ctx, bigquery.WithMetadataView(bigquery.BasicMetadataView))
	if err != nil {
		return time.Time{}, fmt.Errorf("ask when %s was made: %w", table, err)
	}
	return metadata.CreationTime, nil
}
