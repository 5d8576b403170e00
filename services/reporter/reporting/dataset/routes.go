// Package dataset answers the questions behind the dashboard's panels. Each dataset is a
// path of the API and one or two statements of sql/dashboard; the columns of a statement
// are the fields of the answer.
package dataset

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/answer"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
)

// Datasets serves all datasets as JSON.
type Datasets struct {
	Asker     *query.Asker
	Currency  string        // of the amounts
	Zone      calendar.Zone // the shop's
	Timeout   time.Duration // of an answer's queries
	MaxPeriod time.Duration // that a request may ask for
	Kept      *Kept
	Counter   answer.Counter
	Now       func() time.Time
	Log       *slog.Logger
}

// Kept are the answers that are kept.
type Kept struct {
	cache *answer.Cache[request]
}

// Keep makes a Kept that keeps an answer for ttl, and at most maxBytes of answers.
func Keep(ttl time.Duration, maxBytes int, now func() time.Time) *Kept {
	return &Kept{answer.NewCache[request](ttl, maxBytes, now)}
}

// Forget forgets all answers, because the warehouse holds more than they say.
func (k *Kept) Forget() { k.cache.Invalidate() }

// Register adds one route per dataset.
func (a *Datasets) Register(routes *service.Routes) {
	for i := range datasets {
		d := &datasets[i]
		(&answer.Endpoint[request]{
			Name:    d.path,
			Parse:   func(r *http.Request) (request, error) { return a.parse(d, r) },
			Compute: func(ctx context.Context, r request) (*answer.Answer, error) { return a.answer(ctx, d, r) },
			Timeout: a.Timeout, Cache: a.Kept.cache, Counter: a.Counter, Log: a.Log,
		}).Register(routes, answer.Root+d.path)
	}
}

func (a *Datasets) parse(d *dataset, r *http.Request) (request, error) {
	asked, fault := parser{now: a.Now(), maxPeriod: a.MaxPeriod, zone: a.Zone}.parse(d, r.PathValue, r.URL.RawQuery)
	if fault != nil {
		return request{}, fault
	}
	return asked, nil
}

func (a *Datasets) answer(ctx context.Context, d *dataset, r request) (*answer.Answer, error) {
	got, err := a.compute(ctx, d, r)
	if errors.Is(err, query.ErrTooManyRows) {
		return nil, &answer.Problem{Code: "result_too_large", Message: "The period yields too many rows; ask for a shorter one.", Parameter: "from"}
	}
	return got, err
}
