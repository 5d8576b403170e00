package service

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

// TestRoutesGuardEveryResponse: also what the mux answers by itself.
func TestRoutesGuardEveryResponse(t *testing.T) {
	t.Parallel()
	routes := newRoutes()
	routes.HandleFunc("GET /page/{name}", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Cache-Control", "no-cache") })
	if got := routes.Patterns(); !slices.Equal(got, []string{"GET /page/{name}"}) {
		t.Errorf("patterns %q", got)
	}
	for _, tt := range []struct {
		method, path string
		status       int
		cache        string
	}{
		{"GET", "/page/a", http.StatusOK, "no-cache"},
		{"HEAD", "/page/a", http.StatusOK, "no-cache"},
		{"POST", "/page/a", http.StatusMethodNotAllowed, "no-store"},
		{"GET", "/none", http.StatusNotFound, "no-store"},
		{"GET", "//page/a", http.StatusTemporaryRedirect, "no-store"},
	} {
		answer := httptest.NewRecorder()
		routes.ServeHTTP(answer, httptest.NewRequest(tt.method, tt.path, nil))
		header := answer.Header()
		if answer.Code != tt.status || header.Get("Content-Security-Policy") != Policy ||
			header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Cache-Control") != tt.cache {
			t.Errorf("%s %s: %d %v", tt.method, tt.path, answer.Code, header)
		}
	}
}
