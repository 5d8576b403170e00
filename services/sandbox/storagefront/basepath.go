package storagefront

import (
	"net/http"
	"net/url"
	"strings"
)

// basePath is where the JSON API stands.
const basePath = "/storage/v1"

// withBasePath adds the API's base path where a client left it out. Clients that
// are pointed here by nothing but an address do: Node's takes the whole of
// STORAGE_EMULATOR_HOST for the base, and rclone, as everything made with Google's
// generated Go client, the whole of its endpoint. What is taken for the JSON API is no
// read by the XML API: no bucket has a name of one letter, and none the name of
// the one other resource.
func withBasePath(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		if path == "/b" || strings.HasPrefix(path, "/b/") ||
			strings.HasPrefix(path, "/projects/") && strings.HasSuffix(path, "/serviceAccount") {
			r = prefixed(r, basePath)
		}
		next.ServeHTTP(w, r)
	})
}

// prefixed is the request with another path, which stays as it was escaped.
func prefixed(r *http.Request, prefix string) *http.Request {
	moved := new(http.Request)
	*moved = *r
	moved.URL = new(url.URL)
	*moved.URL = *r.URL
	moved.URL.Path = prefix + r.URL.Path
	moved.URL.RawPath = prefix + r.URL.EscapedPath()
	return moved
}
