package loading

import (
	"context"
	"slices"
	"time"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/pkg/epoch"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// standingDays finds the days on which the warehouse may hold orders of the files of orders: those of
// keys with the fingerprints of their ids. A transaction reads the keys of these days alone. If
// all keys are searched, their marks tell the days that come into question, for half the price.
func (s *starSchema) standingDays(ctx context.Context, b *batch, p *plan) error {
	question, err := sql.Find("loading/standing_days")
	if err != nil {
		return err
	}
	params := b.params()
	params["dedup_from"], params["dedup_to"] = s.dedupRange(b.orders, p.now)
	var there []string
	if s.lookback == 0 {
		days, all, err := s.markedDays(ctx, params, p.now)
		if err != nil || len(days) == 0 && !all {
			return err
		}
		if !all {
			there = append(there, "marked")
			params["marked_dates"] = days
		}
	}
	if question, err = question.Given(there...); err != nil {
		return err
	}
	rows, err := warehouse.Query[dayRow](ctx, s.questions, question, params)
	if err != nil {
		return err
	}
	for row, err := range rows.All() {
		if err != nil {
			return err
		}
		p.known.standing = append(p.known.standing, row.day())
	}
	return nil
}

// remainderRow is what the marks of keys tell of their days.
type remainderRow struct {
	Remainder bigquery.NullInt64 `bigquery:"remainder"`
}

// markedDays are the days that the marks of keys with the fingerprints of a batch's ids stand
// for; all tells that keys without marks may be of any day.
func (s *starSchema) markedDays(ctx context.Context, params warehouse.Params, now time.Time) (days []int32, all bool, err error) {
	for row, err := range warehouse.Read[remainderRow](ctx, s.questions, "loading/marks", params) {
		if err != nil {
			return nil, false, err
		}
		if !row.Remainder.Valid {
			all = true
			continue
		}
		days = append(days, daysMarked(int32(row.Remainder.Int64), epoch.Day(now))...)
	}
	slices.Sort(days)
	return days, all, nil
}

// markCycle is after how many days the marks begin again: they hold twelve bits of the days
// since 1970 (sql/parts/order_mark.sql).
const markCycle = 1 << 12

// daysMarked are all days since 1970 that a mark can mean: no file is older than that, nor an order
// by more than rules.MaxOrderAgeDays older than its file, and none is of a day to come but for
// clocks that differ.
func daysMarked(remainder, today int32) []int32 {
	var days []int32
	for day := remainder - (rules.MaxOrderAgeDays/markCycle+1)*markCycle; day <= today+markCycle; day += markCycle {
		days = append(days, day)
	}
	return days
}
