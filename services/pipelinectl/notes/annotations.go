package notes

import (
	"context"
	"strconv"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/identity"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
)

// Annotation says what happened on some days of the shop's clock, or in an hour of one.
type Annotation struct {
	ID       string              `bigquery:"annotation_id"`
	From     civil.Date          `bigquery:"from_date"`
	To       civil.Date          `bigquery:"to_date"`
	Hour     bigquery.NullInt64  `bigquery:"start_hour"`
	Text     string              `bigquery:"text"`
	Category bigquery.NullString `bigquery:"category"`
	Author   string              `bigquery:"author"`
	NotedAt  time.Time           `bigquery:"noted_at"`
}

func (a Annotation) check() error {
	if err := line("the text", a.Text, MostText); err != nil {
		return err
	}
	if err := optional("the category", a.Category.StringVal, MostName); err != nil {
		return err
	}
	if err := line("the author", a.Author, MostName); err != nil {
		return err
	}
	if err := day("the first day", a.From); err != nil {
		return err
	}
	if err := day("the last day", a.To); err != nil {
		return err
	}
	switch days := a.To.DaysSince(a.From) + 1; {
	case days < 1:
		return wrong("the last day, %s, lies before the first, %s", a.To, a.From)
	case days > MostDays:
		return wrong("it is about %d days, at most %d are allowed", days, MostDays)
	case a.Hour.Valid && days > 1:
		return wrong("an hour is of one day, not of %d", days)
	case a.Hour.Valid && (a.Hour.Int64 < 0 || a.Hour.Int64 > 23):
		return wrong("the hour is %d, and must be 0 to 23", a.Hour.Int64)
	}
	return nil
}

// id is derived from what the annotation says of which days, and not from who says it.
func (a Annotation) id() string {
	hour := ""
	if a.Hour.Valid {
		hour = strconv.FormatInt(a.Hour.Int64, 10)
	}
	return identity.New("annotation", a.From.String(), a.To.String(), hour, a.Category.StringVal, a.Text)
}

// Annotate writes an annotation and gives it with its id. One that is there already stays as it is.
func (b *Book) Annotate(ctx context.Context, a Annotation) (Annotation, error) {
	if err := a.check(); err != nil {
		return a, err
	}
	a.ID, a.NotedAt = a.id(), b.Now().UTC().Truncate(time.Microsecond)
	return a, b.write(ctx, "operations/note_annotation", warehouse.Params{
		"annotation_id": a.ID, "from_date": a.From, "to_date": a.To, "start_hour": a.Hour, "text": a.Text,
		"category": textOrNull(a.Category.StringVal), "author": a.Author, "noted_at": a.NotedAt,
	})
}

// Annotations are those that are written, the newest days first.
func (b *Book) Annotations(ctx context.Context) ([]Annotation, error) {
	return warehouse.All[Annotation](ctx, b.Client, "dashboard/annotations", warehouse.Params{"page_size": int64(MostListed)})
}

// RemoveAnnotations removes those of the ids and gives them; it removes none if one of them is not there, or in a dry run.
func (b *Book) RemoveAnnotations(ctx context.Context, dryRun bool, ids ...string) ([]Annotation, error) {
	all, err := b.Annotations(ctx)
	if err != nil {
		return nil, err
	}
	going, err := chosen(all, func(a Annotation) string { return a.ID }, ids)
	if err != nil || dryRun {
		return going, err
	}
	return going, b.write(ctx, "operations/remove_annotations", warehouse.Params{"annotation_ids": ids})
}
