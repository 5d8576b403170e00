// Package basepath puts the base path of a REST API before the paths of clients that leave
// it out, because they take the whole address that they are pointed to for the base.
package basepath

import (
	"net/http"
	"net/url"
)

// Add has next serve requests whose path lacks base as if they had it; lacks tells which
// those are, by their decoded path. What is escaped in a path stays so.
func Add(base string, lacks func(path string) bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if lacks(r.URL.Path) {
			r = prefixed(r, base)
		}
		next.ServeHTTP(w, r)
	})
}

// prefixed is the request with another path.
func prefixed(r *http.Request, prefix string) *http.Request {
	moved := new(http.Request)
	*moved = *r
	moved.URL = new(url.URL)
	*moved.URL = *r.URL
	moved.URL.Path = prefix + r.URL.Path
	moved.URL.RawPath = prefix + r.URL.EscapedPath()
	return moved
}
