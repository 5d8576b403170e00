package reporting

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
)

const apiRoot = "/api/v1/"

// api serves the datasets as JSON.
type api struct {
	answers   *answers
	cache     *cache[request]
	maxPeriod time.Duration
	now       func() time.Time
	log       *slog.Logger
	metrics   *metrics
}

// register adds one route per dataset, and one for every other path, so that
// clients of the API get JSON for a mistake too.
func (a *api) register(routes *service.Routes) {
	for i := range datasets {
		d := &datasets[i]
		handleRead(routes, apiRoot+d.path, a.answers.patient(func(w http.ResponseWriter, r *http.Request) {
			a.serve(w, r, d)
		}))
	}
	routes.Handle(apiRoot, http.HandlerFunc(a.serveUnknown))
}

// handleRead adds a route of the API that is only read; other methods are told so in
// the API's own form.
func handleRead(routes *service.Routes, path string, handler http.Handler) {
	routes.Handle("GET "+path, handler)
	routes.Handle(path, http.HandlerFunc(refuseMethod))
}

func (a *api) serve(w http.ResponseWriter, r *http.Request, d *dataset) {
	ctx := r.Context()
	req, p := parser{now: a.now(), maxPeriod: a.maxPeriod, zone: a.answers.zone}.parse(d, r.PathValue, r.URL.RawQuery)
	if p != nil {
		a.metrics.requested(ctx, d.path, "refused")
		writeProblem(w, http.StatusBadRequest, p)
		return
	}
	got, hit, err := a.cache.get(ctx, req, func(ctx context.Context) (*answer, error) {
		return a.answers.compute(ctx, d, req)
	})
	switch {
	case err != nil && ctx.Err() != nil:
		return // the client has gone
	case errors.Is(err, errNotFound):
		a.metrics.requested(ctx, d.path, "refused")
		writeProblem(w, http.StatusNotFound, &problem{code: "not_found", message: "The ledger holds no such file."})
		return
	case errors.Is(err, errTooManyRows):
		a.metrics.requested(ctx, d.path, "refused")
		writeProblem(w, http.StatusBadRequest, &problem{code: "result_too_large", message: "The period yields too many rows; ask for a shorter one.", parameter: "from"})
		return
	case err != nil:
		a.metrics.requested(ctx, d.path, "failed")
		a.log.ErrorContext(ctx, "dashboard query failed", "dataset", d.path, "error", err)
		w.Header().Set("Retry-After", "5")
		writeProblem(w, http.StatusServiceUnavailable, &problem{code: "warehouse_unavailable", message: "The warehouse did not answer. Try again in a moment."})
		return
	case hit:
		a.metrics.requested(ctx, d.path, "hit")
	default:
		a.metrics.requested(ctx, d.path, "computed")
	}
	writeAnswer(w, r, got)
}

// writeAnswer sends an answer that browsers ask for again each time, by ETag.
func writeAnswer(w http.ResponseWriter, r *http.Request, a *answer) {
	header := w.Header()
	header.Set("Content-Type", "application/json; charset=utf-8")
	header.Set("Cache-Control", "no-cache")
	header.Set("ETag", a.etag)
	if r.Header.Get("If-None-Match") == a.etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(a.body) // fails only when the client has gone
}

func (a *api) serveUnknown(w http.ResponseWriter, _ *http.Request) {
	writeProblem(w, http.StatusNotFound, &problem{code: "not_found", message: "There is no such endpoint."})
}

func refuseMethod(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Allow", "GET, HEAD")
	writeProblem(w, http.StatusMethodNotAllowed, &problem{code: "method_not_allowed", message: "This endpoint is only read."})
}

// writeProblem answers with {"error":{"code","message","parameter"}}.
func writeProblem(w http.ResponseWriter, status int, p *problem) {
	type fault struct {
		Code      string `json:"code"`
		Message   string `json:"message"`
		Parameter string `json:"parameter,omitempty"`
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]fault{"error": {p.code, p.message, p.parameter}})
}
