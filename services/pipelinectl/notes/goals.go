package notes

import (
	"context"
	"math/big"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/identity"
	"github.com/zackkki/ecomm_datapipeline/pkg/money"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
)

// What a goal may be of, and what it is to be reached in.
const (
	Orders  = "orders"
	Revenue = "revenue"

	Day   = "day"
	Month = "month"
)

// Metrics and Periods are all that there are.
func Metrics() []string { return []string{Orders, Revenue} }

// Periods are all that a goal may be reached in.
func Periods() []string { return []string{Day, Month} }

// Goal is what a shop wants to reach in each day or month from a day on. Of several of the same metric, period and
// category that hold on a day, the one that began last counts.
type Goal struct {
	ID       string              `bigquery:"goal_id"`
	Metric   string              `bigquery:"metric"`
	Period   string              `bigquery:"period"`
	Category bigquery.NullString `bigquery:"category"`
	From     civil.Date          `bigquery:"from_date"`
	Until    bigquery.NullDate   `bigquery:"until_date"`
	Amount   *big.Rat            `bigquery:"amount"`
	Author   string              `bigquery:"author"`
	NotedAt  time.Time           `bigquery:"noted_at"`
}

// Amount reads what a goal is to reach, such as 100000 or 99.50.
func Amount(text string) (*big.Rat, error) {
	parsed, rounded, err := money.Parse([]byte(text), "")
	if err != nil || rounded {
		return nil, wrong("the amount %q must be a number such as 100000 or 99.50, of at most 18 digits before the point and 9 behind it", text)
	}
	amount, _ := new(big.Rat).SetString(money.Numeric(parsed))
	return amount, nil
}

func (g Goal) check() error {
	if !slices.Contains(Metrics(), g.Metric) {
		return wrong("a goal is of %s, not of %q", strings.Join(Metrics(), " or "), g.Metric)
	}
	if !slices.Contains(Periods(), g.Period) {
		return wrong("a goal is reached in a %s, not in a %q", strings.Join(Periods(), " or a "), g.Period)
	}
	if err := optional("the category", g.Category.StringVal, MostName); err != nil {
		return err
	}
	if err := line("the author", g.Author, MostName); err != nil {
		return err
	}
	if err := day("the first day", g.From); err != nil {
		return err
	}
	if g.Until.Valid {
		if err := day("the last day", g.Until.Date); err != nil {
			return err
		}
		if g.Until.Date.Before(g.From) {
			return wrong("the last day, %s, lies before the first, %s", g.Until.Date, g.From)
		}
	}
	switch {
	case g.Amount == nil || g.Amount.Sign() <= 0:
		return wrong("the amount must be above 0")
	case g.Metric == Orders && !g.Amount.IsInt():
		return wrong("orders are counted in whole numbers")
	}
	return nil
}

// SetGoal writes a goal and gives it with its id. One of the same metric, period, category and first day takes
// the new amount and last day.
func (b *Book) SetGoal(ctx context.Context, g Goal) (Goal, error) {
	if err := g.check(); err != nil {
		return g, err
	}
	g.ID = identity.New("goal", g.Metric, g.Period, g.Category.StringVal, g.From.String())
	g.NotedAt = b.Now().UTC().Truncate(time.Microsecond)
	return g, b.write(ctx, "operations/note_goal", warehouse.Params{
		"goal_id": g.ID, "metric": g.Metric, "period": g.Period, "category": textOrNull(g.Category.StringVal), "from_date": g.From,
		"until_date": g.Until, "amount": g.Amount, "author": g.Author, "noted_at": g.NotedAt,
	})
}

// Goals are those that are set, the newest first.
func (b *Book) Goals(ctx context.Context) ([]Goal, error) {
	return warehouse.All[Goal](ctx, b.Client, "dashboard/goals", warehouse.Params{"page_size": int64(MostListed)})
}

// RemoveGoals removes those of the ids and gives them; it removes none if one of them is not there, or in a dry run.
func (b *Book) RemoveGoals(ctx context.Context, dryRun bool, ids ...string) ([]Goal, error) {
	all, err := b.Goals(ctx)
	if err != nil {
		return nil, err
	}
	going, err := chosen(all, func(g Goal) string { return g.ID }, ids)
	if err != nil || dryRun {
		return going, err
	}
	return going, b.write(ctx, "operations/remove_goals", warehouse.Params{"goal_ids": ids})
}
