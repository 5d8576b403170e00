// Package packed keeps what is sent often in two forms: as it is, and compressed once for
// all clients that take it so.
package packed

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// least is the length in bytes below which a packet more or less cannot be saved.
const least = 1400

// Body is the content of a response. It may be read concurrently.
type Body struct {
	plain  []byte
	gzip   []byte // nil: it would not be shorter
	digest string
}

// New keeps a content, which must not be changed afterwards. It takes its time to make it short.
func New(plain []byte) *Body { return compress(plain, gzip.BestCompression) }

// NewFast is New for what is sent a few times only: a megabyte takes about 10 ms.
func NewFast(plain []byte) *Body { return compress(plain, gzip.BestSpeed) }

func compress(plain []byte, level int) *Body {
	sum := sha256.Sum256(plain)
	b := &Body{plain: plain, digest: hex.EncodeToString(sum[:12])}
	if len(plain) < least {
		return b
	}
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, level)
	if err != nil {
		return b // no such level: then it is sent as it is
	}
	_, _ = w.Write(plain) // into memory, which does not fail
	_ = w.Close()
	if out.Len() < len(plain)*9/10 { // fonts are compressed already
		b.gzip = out.Bytes()
	}
	return b
}

// Plain is the content.
func (b *Body) Plain() []byte { return b.plain }

// Len is how many bytes the body holds in memory.
func (b *Body) Len() int { return len(b.plain) + len(b.gzip) }

// ETag is the tag of the form that the request gets.
func (b *Body) ETag(r *http.Request) string {
	if b.packs(r) {
		return `"` + b.digest + `-gzip"`
	}
	return `"` + b.digest + `"`
}

// Choose is the form that the client takes; the response's headers then say which it is.
func (b *Body) Choose(w http.ResponseWriter, r *http.Request) []byte {
	header := w.Header()
	if b.gzip != nil {
		header.Set("Vary", "Accept-Encoding")
	}
	if !b.packs(r) {
		return b.plain
	}
	header.Set("Content-Encoding", "gzip")
	return b.gzip
}

// Serve sends the body, or of it what the client asks for. The response's type must be set.
func (b *Body) Serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("ETag", b.ETag(r))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b.Choose(w, r)))
}

// packs tells whether the request gets the compressed form.
func (b *Body) packs(r *http.Request) bool {
	return b.gzip != nil && accepts(r.Header.Values("Accept-Encoding"))
}

// accepts reads Accept-Encoding (RFC 9110, 12.5.3): gzip by its name, or by *.
func accepts(values []string) bool {
	any := false
	for coding := range strings.SplitSeq(strings.Join(values, ","), ",") {
		name, weight, _ := strings.Cut(coding, ";")
		taken := true
		if _, q, ok := strings.Cut(weight, "="); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
			taken = err == nil && n > 0
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip":
			return taken
		case "*":
			any = taken
		}
	}
	return any
}
