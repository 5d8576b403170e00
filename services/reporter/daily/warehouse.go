package daily

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/queryjob"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

const (
	// statementRows is how many rows of a report one statement reads: few statements,
	// each billed, whose results stay below what BigQuery returns.
	statementRows = 50_000
	// pageRows is how many of them are in memory at a time.
	pageRows = 1_000
)

// warehouse makes and reads the tables of the reports.
type warehouse struct {
	client *bigquery.Client
	config *Config
}

// makeReport writes the report's rows of a date in one transaction, in the place of
// those that the date had. It is tried again while the warehouse fails for a reason
// that may pass, such as another run at work. It returns how many rows there are.
func (w *warehouse) makeReport(ctx context.Context, r Report, date civil.Date, through time.Time) (int64, error) {
	s, err := newScript(r)
	if err != nil {
		return 0, err
	}
	values := w.config.params()
	maps.Copy(values, map[string]any{
		"report": r.ID, "report_date": date, "data_through": through, "parameters": r.variables(w.config),
	})
	text, params, err := s.render(date, values)
	if err != nil {
		return 0, fmt.Errorf("render the transaction: %w", err)
	}
	err = w.persist(ctx, func(ctx context.Context) error {
		if _, err := queryjob.Wait(ctx, w.client, w.query(text, params)); err != nil {
			return fmt.Errorf("transaction: %w", err)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	var made map[string]run
	err = w.persist(ctx, func(ctx context.Context) error {
		made, err = w.runs(ctx, date)
		return err
	})
	return made[r.ID].Rows, err
}

// persist repeats work that leaves nothing behind when it fails.
func (w *warehouse) persist(ctx context.Context, work func(context.Context) error) error {
	pause := messaging.NewBackoff()
	for {
		err := work(ctx)
		if err == nil || isPermanent(err) || ctx.Err() != nil {
			return err
		}
		select {
		case <-time.After(pause.NextBackOff()):
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

// run is a row of report_runs.
type run struct {
	Date        civil.Date `bigquery:"report_date"`
	Report      string     `bigquery:"report"`
	Rows        int64      `bigquery:"row_count"`
	DataThrough time.Time  `bigquery:"data_through"`
	Parameters  string     `bigquery:"parameters"`
}

// runs reads which reports a date has, by id.
func (w *warehouse) runs(ctx context.Context, date civil.Date) (map[string]run, error) {
	rows, err := w.read(ctx, "reports/read_runs", map[string]any{"from_date": date, "to_date": date, "page_size": int64(1)})
	if err != nil {
		return nil, err
	}
	found := make(map[string]run)
	for {
		var r run
		if err := rows.Next(&r); errors.Is(err, iterator.Done) {
			return found, nil
		} else if err != nil {
			return nil, fmt.Errorf("read the runs of %s: %w", date, err)
		}
		found[r.Report] = r
	}
}

// rows reads a report's rows of a date, one after another, into a sheet.
func (w *warehouse) rows(ctx context.Context, r Report, date civil.Date, into *sheet) error {
	for after := int64(0); ; after += statementRows { // positions count from 1
		rows, err := w.read(ctx, r.RowsStatement(), map[string]any{
			"report_date": date, "after_position": after, "page_size": int64(statementRows),
		})
		if err != nil {
			return err
		}
		rows.PageInfo().MaxSize = pageRows
		if after == 0 {
			into.head(rows.Schema)
		}
		read, err := passOn(rows, into)
		if err != nil {
			return fmt.Errorf("read the rows of %s: %w", r.ID, err)
		}
		if read < statementRows {
			return nil
		}
	}
}

// passOn gives a result's rows to a sheet and tells how many they were.
func passOn(rows *bigquery.RowIterator, into *sheet) (int, error) {
	for read := 0; ; read++ {
		var row []bigquery.Value
		if err := rows.Next(&row); errors.Is(err, iterator.Done) {
			return read, nil
		} else if err != nil {
			return read, err
		}
		if err := into.add(row); err != nil {
			return read, err
		}
	}
}

func (w *warehouse) read(ctx context.Context, name string, values map[string]any) (*bigquery.RowIterator, error) {
	text, err := sql.Statement(name)
	if err != nil {
		return nil, err
	}
	params, err := parameters(declared(text), values)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", name, err)
	}
	rows, err := queryjob.Read(ctx, w.client, w.query(text, params))
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", name, err)
	}
	return rows, nil
}

func (w *warehouse) query(text string, params []bigquery.QueryParameter) *bigquery.Query {
	q := w.client.Query(text)
	q.DefaultDatasetID = w.config.Dataset
	q.MaxBytesBilled = w.config.MaxBytesBilled
	q.Parameters = params
	q.Labels = map[string]string{"service": "reporter", "task": "daily"}
	return q
}
