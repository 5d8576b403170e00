package packed

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestServe(t *testing.T) {
	t.Parallel()
	text := []byte(strings.Repeat("orders and revenue ", 500))
	noise := make([]byte, 5000)
	source := rand.NewChaCha8([32]byte{1})
	_, _ = source.Read(noise)
	for name, test := range map[string]struct {
		content []byte
		accept  []string
		packed  bool
	}{
		"a browser's":           {text, []string{"gzip, deflate, br, zstd"}, true},
		"in capitals":           {text, []string{"GZIP"}, true},
		"anything":              {text, []string{"*;q=0.5"}, true},
		"anything but gzip":     {text, []string{"*, gzip;q=0"}, false},
		"two lines":             {text, []string{"br", "gzip;q=0.1"}, true},
		"not at all":            {text, []string{"gzip;q=0.000"}, false},
		"no weight":             {text, []string{"gzip;q=much"}, false},
		"none":                  {text, nil, false},
		"another":               {text, []string{"br, xgzip"}, false},
		"what is short":         {text[:500], []string{"gzip"}, false},
		"what cannot be packed": {noise, []string{"gzip"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := New(test.content)
			ask := func(etag string) *http.Response {
				w := httptest.NewRecorder()
				w.Header().Set("Content-Type", "text/plain")
				r := httptest.NewRequest(http.MethodGet, "/", nil)
				r.Header["Accept-Encoding"] = test.accept
				if etag != "" {
					r.Header.Set("If-None-Match", etag)
				}
				body.Serve(w, r)
				return w.Result()
			}
			first := ask("")
			got, err := io.ReadAll(first.Body)
			if err != nil {
				t.Fatal(err)
			}
			if packed := first.Header.Get("Content-Encoding") == "gzip"; packed != test.packed {
				t.Fatalf("packed: %t, want %t", packed, test.packed)
			}
			if test.packed {
				if len(got) > len(test.content)/10 {
					t.Errorf("%d of %d bytes", len(got), len(test.content))
				}
				r, err := gzip.NewReader(bytes.NewReader(got))
				if err != nil {
					t.Fatal(err)
				}
				if got, err = io.ReadAll(r); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(got, test.content) {
				t.Errorf("%d bytes arrive, which are not those that were sent", len(got))
			}
			if again := ask(first.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
				t.Errorf("asked again: %d", again.StatusCode)
			}
			other := strings.TrimSuffix(first.Header.Get("ETag"), `"`) + `-gzip"`
			if again := ask(other); again.StatusCode != http.StatusOK {
				t.Errorf("with the tag of the other form: %d", again.StatusCode)
			}
		})
	}
}
