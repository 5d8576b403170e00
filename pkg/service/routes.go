package service

import (
	"net/http"
	"slices"
)

// Routes are the pages of a service. They differ from http.ServeMux, which matches and
// serves them, in two ways: every response carries headers, and they can be listed.
type Routes struct {
	mux      *http.ServeMux
	patterns []string
}

// newRoutes returns no routes.
func newRoutes() *Routes { return &Routes{mux: http.NewServeMux()} }

// Handle adds a route, by a pattern of http.ServeMux. Not for concurrent use.
func (r *Routes) Handle(pattern string, handler http.Handler) {
	r.mux.Handle(pattern, handler)
	r.patterns = append(r.patterns, pattern)
}

// HandleFunc is Handle for a function.
func (r *Routes) HandleFunc(pattern string, handler http.HandlerFunc) { r.Handle(pattern, handler) }

// Patterns lists the routes, in the order in which they were added.
func (r *Routes) Patterns() []string { return slices.Clone(r.patterns) }

// Policy is the Content-Security-Policy of a response that says no other: it may load,
// run and send nothing, and stand in no frame.
const Policy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// ServeHTTP implements http.Handler. The headers are set before a route is looked for,
// so that redirects and refusals by the mux itself have them too. A handler may change
// those that are meant for it: the policy, and how long its answer may be kept.
func (r *Routes) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", Policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	header.Set("Cache-Control", "no-store")
	r.mux.ServeHTTP(w, request)
}
