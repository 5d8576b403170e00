package answer

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
)

// Endpoint answers one path with what the warehouse says, and keeps the answers.
type Endpoint[Q comparable] struct {
	Name string // in metrics and logs
	// Parse reads what a client asks. A *Problem is the client's fault, as it is of Compute.
	Parse func(*http.Request) (Q, error)
	// Compute answers what no kept answer does.
	Compute func(context.Context, Q) (*Answer, error)
	Timeout time.Duration // of Compute
	Cache   *Cache[Q]
	Counter Counter
	Log     *slog.Logger
}

// Counter counts answers.
type Counter interface {
	// Requested counts an answer; outcome is hit, computed, refused or failed.
	Requested(ctx context.Context, dataset, outcome string)
}

// Register adds the route of the endpoint.
func (e *Endpoint[Q]) Register(routes *service.Routes, path string) {
	HandleRead(routes, path, Patient(e.Timeout, e))
}

// ServeHTTP answers a request.
func (e *Endpoint[Q]) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	got, outcome, err := e.answer(ctx, r)
	if err != nil {
		e.refuse(ctx, w, err)
		return
	}
	e.Counter.Requested(ctx, e.Name, outcome)
	got.Send(w, r)
}

// answer is the answer that is kept, or a new one, and which of them.
func (e *Endpoint[Q]) answer(ctx context.Context, r *http.Request) (_ *Answer, outcome string, _ error) {
	asked, err := e.Parse(r)
	if err != nil {
		return nil, "", err
	}
	got, hit, err := e.Cache.get(ctx, asked, func(ctx context.Context) (*Answer, error) {
		ctx, cancel := context.WithTimeout(ctx, e.Timeout)
		defer cancel()
		return e.Compute(ctx, asked)
	})
	if hit {
		return got, "hit", err
	}
	return got, "computed", err
}

// refuse says what is wrong with the request, or that the warehouse does not answer.
func (e *Endpoint[Q]) refuse(ctx context.Context, w http.ResponseWriter, err error) {
	if ctx.Err() != nil {
		return // the client has gone
	}
	if p, is := errors.AsType[*Problem](err); is {
		e.Counter.Requested(ctx, e.Name, "refused")
		p.Send(w)
		return
	}
	e.Counter.Requested(ctx, e.Name, "failed")
	e.Log.ErrorContext(ctx, "dashboard query failed", "dataset", e.Name, "error", err)
	w.Header().Set("Retry-After", "5")
	(&Problem{
		Status: http.StatusServiceUnavailable, Code: "warehouse_unavailable", Message: "The warehouse did not answer. Try again in a moment.",
	}).Send(w)
}
