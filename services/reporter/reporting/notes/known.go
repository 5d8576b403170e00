package notes

import (
	"math/big"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
)

// What a goal may be of, and what it is to be reached in.
const (
	Orders  = "orders"
	Revenue = "revenue" // of paid orders, after refunds

	Day   = "day"
	Month = "month"
)

// Annotation says what happened on some days of the shop's clock, or in an hour of one. Its texts are as a person typed them.
type Annotation struct {
	ID       string     `json:"annotation_id"`
	From     civil.Date `json:"from_date"`
	To       civil.Date `json:"to_date"`
	Hour     *int64     `json:"start_hour"` // nil: whole days
	Text     string     `json:"text"`
	Category *string    `json:"category"` // nil: the whole shop
	Author   string     `json:"author"`
	NotedAt  time.Time  `json:"noted_at"`
}

// Goal is what is to be reached in each day or month.
type Goal struct {
	ID       string      `json:"goal_id"`
	Metric   string      `json:"metric"`
	Period   string      `json:"period"`
	Category *string     `json:"category"` // nil: the whole shop
	From     civil.Date  `json:"from_date"`
	Until    *civil.Date `json:"until_date"` // nil: it has no last day
	Amount   *big.Rat    `json:"-"`
	Exact    string      `json:"amount"` // Amount, as text
	Author   string      `json:"author"`
	NotedAt  time.Time   `json:"noted_at"`
}

// holds tells whether the goal holds on a day, whatever other goals there are.
func (g Goal) holds(day civil.Date) bool {
	return !day.Before(g.From) && (g.Until == nil || !day.After(*g.Until))
}

// Known is all that was written at a moment. It is not changed, and may be used concurrently.
type Known struct {
	version     Version
	annotations []Annotation
	goals       []Goal
}

// Annotations are those about a day from the first to the last, the newest first.
func (k *Known) Annotations(first, last civil.Date) []Annotation {
	within := []Annotation{}
	for _, a := range k.annotations {
		if !a.From.After(last) && !a.To.Before(first) {
			within = append(within, a)
		}
	}
	return within
}

// Goals are those that may hold on a day from the first to the last, the newest first.
func (k *Known) Goals(first, last civil.Date) []Goal {
	within := []Goal{}
	for _, g := range k.goals {
		if !g.From.After(last) && (g.Until == nil || !g.Until.Before(first)) {
			within = append(within, g)
		}
	}
	return within
}

// Goal is the one that counts on a day, and whether there is one: of those that hold, the one that began last. The empty
// category is the whole shop.
func (k *Known) Goal(metric, period, category string, day civil.Date) (goal Goal, found bool) {
	for _, g := range k.goals {
		of := ""
		if g.Category != nil {
			of = *g.Category
		}
		if g.Metric == metric && g.Period == period && of == category && g.holds(day) && (!found || g.From.After(goal.From)) {
			goal, found = g, true
		}
	}
	return goal, found
}

func annotationsOf(r *query.Result) []Annotation {
	list := make([]Annotation, len(r.Rows))
	for i, row := range r.Rows {
		a := Annotation{
			ID: r.Text(row, "annotation_id"), Text: r.Text(row, "text"), Category: textOf(r, row, "category"),
			Author: r.Text(row, "author"), NotedAt: r.Timestamp(row, "noted_at").UTC(),
		}
		a.From, a.To = dateOf(r, row, "from_date"), dateOf(r, row, "to_date")
		if hour, ok := row[r.Column("start_hour")].(int64); ok {
			a.Hour = &hour
		}
		list[i] = a
	}
	return list
}

func goalsOf(r *query.Result) []Goal {
	list := make([]Goal, len(r.Rows))
	for i, row := range r.Rows {
		g := Goal{
			ID: r.Text(row, "goal_id"), Metric: r.Text(row, "metric"), Period: r.Text(row, "period"), Category: textOf(r, row, "category"),
			From: dateOf(r, row, "from_date"), Author: r.Text(row, "author"), NotedAt: r.Timestamp(row, "noted_at").UTC(),
		}
		if until, ok := row[r.Column("until_date")].(civil.Date); ok {
			g.Until = &until
		}
		g.Amount, _ = row[r.Column("amount")].(*big.Rat)
		if g.Amount == nil {
			g.Amount = new(big.Rat)
		}
		g.Exact = query.Decimal(g.Amount)
		list[i] = g
	}
	return list
}

func textOf(r *query.Result, row []any, column string) *string {
	if text, ok := row[r.Column(column)].(string); ok {
		return &text
	}
	return nil
}

func dateOf(r *query.Result, row []any, column string) civil.Date {
	date, _ := row[r.Column(column)].(civil.Date)
	return date
}
