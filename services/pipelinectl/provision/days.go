package provision

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/epoch"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// daysAtOnce are the days that one transaction restates: four tables of so many partitions are well
// below what BigQuery lets one change, and a run that is cut off has done most of its work.
const daysAtOnce = 100

// staleDays gives the days' aggregates of an earlier release's facts, which it did not keep or changed
// without them: those that are not what the facts come to are restated, by the aggregator's own
// statements. One that is right is not touched, so that a run that was cut off is repeated.
func (p *provisioner) staleDays(ctx context.Context) (Outcome, []Change, error) {
	rows, err := warehouse.All[struct {
		Day civil.Date `bigquery:"day"`
	}](ctx, p.statements(), "upgrade/daily_stale", nil)
	switch {
	case p.opts.DryRun && (warehouse.HasReason(err, "notFound") || warehouse.HasReason(err, "invalidQuery")):
		return p.allDaysStale(ctx)
	case err != nil:
		return "", nil, err
	case len(rows) == 0:
		return Unchanged, nil, nil
	}
	changes := []Change{{Setting: "days", To: fmt.Sprintf("%d of an earlier release", len(rows))}}
	if p.opts.DryRun {
		return Updated, changes, nil
	}
	restating, err := restatingDays()
	if err != nil {
		return "", nil, err
	}
	for chunk := range slices.Chunk(rows, daysAtOnce) {
		days := make([]int32, len(chunk))
		for i, row := range chunk {
			days[i] = epoch.Day(row.Day.In(time.UTC))
		}
		params := warehouse.Params{"touched_dates": days, "now": time.Now().UTC()}
		if err := p.statements().RunRepeatable(ctx, restating, params); err != nil {
			return "", nil, err
		}
	}
	return Updated, changes, nil
}

// allDaysStale is what a dry run says when tables or columns would be made first.
func (p *provisioner) allDaysStale(ctx context.Context) (Outcome, []Change, error) {
	facts, err := p.rows(ctx, "fact_orders")
	switch {
	case isStatus(err, http.StatusNotFound):
		return Unchanged, nil, nil
	case err != nil || facts == 0:
		return Unchanged, nil, err
	}
	return Updated, []Change{{Setting: "days", To: "those of an earlier release"}}, nil
}

// restatingDays is the transaction that restates the aggregates of some days.
func restatingDays() (sql.Statement, error) {
	touched, err := sql.Find("upgrade/daily_touched")
	if err != nil {
		return sql.Statement{}, err
	}
	transform, err := sql.Group("transform")
	if err != nil {
		return sql.Statement{}, err
	}
	needed, err := sql.Needed(transform, sql.Replacing)
	if err != nil {
		return sql.Statement{}, err
	}
	needed = slices.DeleteFunc(needed, func(s sql.Statement) bool { return !strings.Contains(s.Name, "_daily_") })
	return sql.Transaction("upgrade/daily", append([]sql.Statement{touched}, needed...)...)
}
