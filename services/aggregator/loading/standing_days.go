package loading

import (
	"context"
	"slices"
	"time"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/pkg/epoch"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
)

// standingDays finds the days on which the warehouse may hold orders of the files of orders: those of
// keys with the fingerprints of their ids. A transaction reads the keys of these days alone. The ranges of
// ids tell on which days it is worth looking; of ids in no order that is nearly every day, and then the
// marks of all keys tell it for half the price.
func (s *starSchema) standingDays(ctx context.Context, b *batch, p *plan) error {
	params := b.params()
	possible, held, err := s.possibleDays(ctx, params)
	if err != nil {
		return err
	}
	if from := s.dedupFrom(b.orders, p.now); from != nil {
		possible = slices.DeleteFunc(possible, func(day int32) bool { return day < *from })
	}
	if 2*len(possible) > held {
		marked, all, err := s.markedDays(ctx, params, p.now)
		if err != nil {
			return err
		}
		if !all {
			possible = slices.DeleteFunc(possible, func(day int32) bool { _, is := slices.BinarySearch(marked, day); return !is })
		}
	}
	if len(possible) == 0 {
		return nil
	}
	params["possible_dates"] = possible
	for row, err := range warehouse.Read[dayRow](ctx, s.questions, "loading/standing_days", params) {
		if err != nil {
			return err
		}
		p.known.standing = append(p.known.standing, row.day())
	}
	return nil
}

// possibleDays are the days with ids in the same ranges as a batch's; held is how many hold
// orders at all.
func (s *starSchema) possibleDays(ctx context.Context, params warehouse.Params) (days []int32, held int, err error) {
	for row, err := range warehouse.Read[struct {
		dayRow
		Held int `bigquery:"days_held"`
	}](ctx, s.questions, "loading/id_days", params) {
		if err != nil {
			return nil, 0, err
		}
		days, held = append(days, row.day()), row.Held
	}
	return days, held, nil
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
