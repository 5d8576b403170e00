package stack

import (
	"context"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/notes"
)

// author is who the notes of a new sandbox are by.
const author = "sandbox"

// goals are what the made-up shop wants to reach; on a good day it does.
var goals = []struct{ metric, period, amount string }{
	{notes.Revenue, notes.Day, "70000"}, {notes.Orders, notes.Day, "400"}, {notes.Revenue, notes.Month, "2200000"},
}

// remark notes what the history has of unusual days, and what the shop wants to reach, as a shop would. Again it changes nothing.
func remark(ctx context.Context, client *warehouse.Client, history *generate.History) error {
	book := notes.Book{Client: client, Now: time.Now}
	for _, h := range history.Happenings() {
		day := civil.DateOf(h.Day)
		if _, err := book.Annotate(ctx, notes.Annotation{From: day, To: day, Text: h.Text, Category: bigquery.NullString{StringVal: h.Category, Valid: h.Category != ""}, Author: author}); err != nil {
			return err
		}
	}
	for _, g := range goals {
		amount, err := notes.Amount(g.amount)
		if err != nil {
			return err
		}
		if _, err := book.SetGoal(ctx, notes.Goal{Metric: g.metric, Period: g.period, From: civil.DateOf(history.Days()[0]), Amount: amount, Author: author}); err != nil {
			return err
		}
	}
	return nil
}
