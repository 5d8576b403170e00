package daily

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/epoch"
	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

const (
	// statementRows is how many rows of a report one statement reads: few statements,
	// each billed, whose results stay below what BigQuery returns.
	statementRows = 50_000
	// pageRows is how many of them are in memory at a time.
	pageRows = 1_000
)

// tables makes and reads the tables of the reports.
type tables struct {
	client *warehouse.Client
	config *Config
	now    func() time.Time
}

// makeReport writes the report's rows of a date in one transaction, in the place of
// those that the date had. It is tried again while the warehouse fails for a reason
// that may pass, such as another run at work. It returns how many rows there are.
func (t *tables) makeReport(ctx context.Context, r Report, date civil.Date, through time.Time) (int64, error) {
	transaction, err := transactionOf(r, t.config.ExpectationsFile != "")
	if err != nil {
		return 0, err
	}
	params, day := t.config.params(), spanOf(t.config.TimeZone, date, 0)
	parameters := r.variables(t.config)
	if r.learn != nil {
		found, err := r.learn(ctx, t, date, through)
		if err != nil {
			return 0, err
		}
		maps.Copy(params, found.Params())
		parameters = strings.TrimSpace(parameters + " " + found.String())
	}
	maps.Copy(params, warehouse.Params{
		"report": r.ID, "report_date": date, "report_dates": []int32{epoch.Day(date.In(time.UTC))},
		"day_start": day.Start, "day_end": day.End, "weekdays": weekdays(t.config.TimeZone, date),
		"data_through": through, "parameters": parameters,
	})
	err = t.persist(ctx, func(ctx context.Context) error {
		_, err := t.client.Run(ctx, transaction, params)
		return err
	})
	if err != nil {
		return 0, err
	}
	var made map[string]run
	err = t.persist(ctx, func(ctx context.Context) error {
		made, err = t.runs(ctx, date)
		return err
	})
	return made[r.ID].Rows, err
}

// persist repeats work that leaves nothing behind when it fails.
func (t *tables) persist(ctx context.Context, work func(context.Context) error) error {
	pause := messaging.NewBackoff()
	for {
		err := work(ctx)
		if err == nil || isPermanent(err) || ctx.Err() != nil {
			return err
		}
		if ended := sleep.For(ctx, pause.NextBackOff()); ended != nil {
			return errors.Join(ended, err)
		}
	}
}

// haveZone holds the warehouse to the time zone of the reports.
func (t *tables) haveZone(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, t.config.ReportTimeout)
	defer cancel()
	return t.persist(ctx, func(ctx context.Context) error {
		_, err := warehouse.HasZone(ctx, t.client, t.config.TimeZone)
		return err
	})
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
func (t *tables) runs(ctx context.Context, date civil.Date) (map[string]run, error) {
	found := make(map[string]run)
	for r, err := range warehouse.Read[run](ctx, t.client, "reports/read_runs", warehouse.Params{
		"from_date": date, "to_date": date, "page_size": int64(1),
	}) {
		if err != nil {
			return nil, err
		}
		found[r.Report] = r
	}
	return found, nil
}

// rows reads a report's rows of a date, one after another, into a sheet.
func (t *tables) rows(ctx context.Context, r Report, date civil.Date, into *sheet) error {
	statement, err := sql.Find(r.RowsStatement())
	if err != nil {
		return err
	}
	for after := int64(0); ; after += statementRows { // positions count from 1
		rows, err := warehouse.Query[[]bigquery.Value](ctx, t.client, statement, warehouse.Params{
			"report_date": date, "after_position": after, "page_size": int64(statementRows),
		})
		if err != nil {
			return err
		}
		rows.SetPage(pageRows)
		if after == 0 {
			into.head(rows.Schema())
		}
		read := 0
		for row, err := range rows.All() {
			if err == nil {
				err = into.add(row)
			}
			if err != nil {
				return fmt.Errorf("read the rows of %s: %w", r.ID, err)
			}
			read++
		}
		if read < statementRows {
			return nil
		}
	}
}
