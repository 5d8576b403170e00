package rest

import (
	"net/http"
	"net/url"
	"strings"
)

// basePath is where the API stands.
const basePath = "/bigquery/v2"

// WithBasePath adds the API's base path where a client left it out: Node's takes the
// whole of BIGQUERY_EMULATOR_HOST for the base.
func WithBasePath(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/projects/") {
			moved := new(http.Request)
			*moved = *r
			moved.URL = new(url.URL)
			*moved.URL = *r.URL
			moved.URL.Path = basePath + r.URL.Path
			moved.URL.RawPath = basePath + r.URL.EscapedPath()
			r = moved
		}
		next.ServeHTTP(w, r)
	})
}
