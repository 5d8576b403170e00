package reporting

import (
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/billing"
	"github.com/zackkki/ecomm_datapipeline/pkg/queryjob"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// maxRows bounds what one statement may yield. The longest is an hour per row
// over MAX_PERIOD_DAYS; everything else is limited by its page size.
const maxRows = 50_000

// errTooManyRows tells that a result was longer than maxRows.
var errTooManyRows = errors.New("result has too many rows")

// warehouse is the Source that is BigQuery.
type warehouse struct {
	client         *bigquery.Client
	dataset        string
	maxBytesBilled int64
	statements     map[string]statement
	bill           *billing.Counter
}

// Purposes that the reporter's queries are billed by, the folders of their statements.
const (
	purposeDashboard = "dashboard"
	purposeReports   = "reports"
)

type statement struct {
	text   string
	params []string
}

// paramLine is how a statement's header declares a parameter.
var paramLine = regexp.MustCompile(`(?m)^-- @param (\w+) \w+$`)

func newWarehouse(client *bigquery.Client, cfg Config, bill *billing.Counter) (*warehouse, error) {
	group, err := sql.Group("dashboard")
	if err != nil {
		return nil, fmt.Errorf("read the dashboard's statements: %w", err)
	}
	reports, err := sql.Group("reports")
	if err != nil {
		return nil, fmt.Errorf("read the reports' statements: %w", err)
	}
	for _, named := range reports {
		// The others are those of the daily run's transactions.
		if strings.HasPrefix(named.Name, "reports/read_") {
			group = append(group, named)
		}
	}
	w := &warehouse{
		client:         client,
		bill:           bill,
		dataset:        cfg.Dataset,
		maxBytesBilled: cfg.MaxBytesBilled,
		statements:     make(map[string]statement, len(group)),
	}
	for _, named := range group {
		s := statement{text: named.Text}
		for _, match := range paramLine.FindAllStringSubmatch(named.Text, -1) {
			s.params = append(s.params, match[1])
		}
		w.statements[named.Name] = s
	}
	return w, nil
}

// Query implements Source.
func (w *warehouse) Query(ctx context.Context, name string, params Params) (*Result, error) {
	s, ok := w.statements[name]
	if !ok {
		return nil, fmt.Errorf("query %s: no such statement", name)
	}
	query := w.client.Query(s.text)
	query.DefaultDatasetID = w.dataset
	query.MaxBytesBilled = w.maxBytesBilled
	for _, p := range s.params {
		value, ok := params[p]
		if !ok {
			return nil, fmt.Errorf("query %s: no value for @%s", name, p)
		}
		query.Parameters = append(query.Parameters, bigquery.QueryParameter{Name: p, Value: value})
	}
	rows, err := queryjob.Read(ctx, w.client, query)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", name, err)
	}
	w.bill.Count(ctx, path.Dir(name), rows)
	result, err := readAll(rows)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", name, err)
	}
	return result, nil
}

// Modified implements Source.
func (w *warehouse) Modified(ctx context.Context, table string) (time.Time, error) {
	// Of the views of a table the basic one lacks the time.
	metadata, err := w.client.Dataset(w.dataset).Table(table).Metadata(ctx, bigquery.WithMetadataView(bigquery.StorageStatsMetadataView))
	if err != nil {
		return time.Time{}, fmt.Errorf("ask when %s was modified: %w", table, err)
	}
	return metadata.LastModifiedTime, nil
}

func readAll(rows *bigquery.RowIterator) (*Result, error) {
	result := &Result{}
	for {
		var values []bigquery.Value
		err := rows.Next(&values)
		if errors.Is(err, iterator.Done) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read row %d: %w", len(result.Rows), err)
		}
		if len(result.Rows) == maxRows {
			return nil, errTooManyRows
		}
		cells := make([]any, len(values))
		for i, v := range values {
			cells[i] = v
		}
		result.Rows = append(result.Rows, cells)
	}
	// The schema is known only after the first Next.
	for _, field := range rows.Schema {
		result.Columns = append(result.Columns, field.Name)
	}
	return result, nil
}
