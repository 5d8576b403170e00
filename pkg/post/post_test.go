package post

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestAnswers tells answers that may change from those that will not, and follows no redirect.
func TestAnswers(t *testing.T) {
	t.Parallel()
	const taken, again, refused = "taken", "again", "refused"
	for status, want := range map[int]string{
		http.StatusOK: taken, http.StatusCreated: taken, http.StatusNoContent: taken,
		http.StatusRequestTimeout: again, http.StatusTooManyRequests: again, http.StatusInternalServerError: again, http.StatusServiceUnavailable: again,
		http.StatusFound: refused, http.StatusBadRequest: refused, http.StatusUnauthorized: refused, http.StatusNotFound: refused,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil || string(body) != `{"a":1}` || r.Method != http.MethodPost || r.URL.Path != "/hook/secret" ||
				r.Header.Get("Authorization") != "Bearer k" || r.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%s %s, %q, %v (%v)", r.Method, r.URL, body, r.Header, err)
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		}))
		t.Cleanup(server.Close)
		err := To("the webhook", server.URL+"/hook/secret", "k").Send(t.Context(), []byte(`{"a":1}`))
		got := taken
		if err != nil {
			got = again
			if _, lasting := errors.AsType[*RefusedError](err); lasting {
				got = refused
			}
		}
		if got != want {
			t.Errorf("%d is %s (%v), want %s", status, got, err, want)
		}
	}
}

// TestAddressIsSecret keeps the address out of errors.
func TestAddressIsSecret(t *testing.T) {
	t.Parallel()
	away := httptest.NewServer(nil)
	away.Close()
	for address, lasting := range map[string]bool{away.URL + "/secret": false, "http://%zz/secret": true} {
		err := To("the webhook", address, "").Send(t.Context(), []byte("{}"))
		if _, is := errors.AsType[*RefusedError](err); err == nil || is != lasting || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
