// Package notes writes down what a shop's dashboard shows besides its figures: annotations, which say what
// happened on some days, and goals, which say what is to be reached. Each has an id that is derived from what it
// is about, so that to write it again changes nothing.
package notes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// What may be written.
const (
	MostText   = 200 // characters of an annotation
	MostName   = 200 // characters of a category, and of an author
	MostDays   = 366 // that an annotation is about
	MostListed = 5000

	firstYear, lastYear = 2000, 2199
)

// ErrWrong is wrapped by what is wrong with what somebody wants to write.
var ErrWrong = errors.New("cannot be written")

// ErrUnknown says that ids are of nothing that is there.
var ErrUnknown = errors.New("not there")

func wrong(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrWrong, fmt.Sprintf(format, args...))
}

// Book is where notes are written and read.
type Book struct {
	Client *warehouse.Client
	Now    func() time.Time
}

// write runs a statement; what it writes again changes nothing.
func (b *Book) write(ctx context.Context, statement string, params warehouse.Params) error {
	s, err := sql.Find(statement)
	if err != nil {
		return err
	}
	return b.Client.RunRepeatable(ctx, s, params)
}

// chosen are those of all that have the ids, each of which must be there.
func chosen[N any](all []N, idOf func(N) string, ids []string) ([]N, error) {
	unknown := slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		return slices.ContainsFunc(all, func(n N) bool { return idOf(n) == id })
	})
	if len(unknown) > 0 {
		return nil, fmt.Errorf("%w: %s; nothing was removed", ErrUnknown, strings.Join(unknown, ", "))
	}
	return slices.DeleteFunc(all, func(n N) bool { return !slices.Contains(ids, idOf(n)) }), nil
}

// line checks a text that is shown on one line.
func line(what, text string, most int) error {
	switch {
	case !utf8.ValidString(text):
		return wrong("%s must be UTF-8", what)
	case strings.TrimSpace(text) == "":
		return wrong("%s must not be empty", what)
	case utf8.RuneCountInString(text) > most:
		return wrong("%s has %d characters, at most %d are allowed", what, utf8.RuneCountInString(text), most)
	case strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
	}):
		return wrong("%s must be one line, without control characters", what)
	}
	return nil
}

// optional is line for a text that may be left out.
func optional(what, text string, most int) error {
	if text == "" {
		return nil
	}
	return line(what, text, most)
}

func day(what string, date civil.Date) error {
	if !date.IsValid() || date.Year < firstYear || date.Year > lastYear {
		return wrong("%s must be a day of the years %d to %d", what, firstYear, lastYear)
	}
	return nil
}

func textOrNull(text string) bigquery.NullString {
	return bigquery.NullString{StringVal: text, Valid: text != ""}
}
