package storagefront

import (
	"io"
	"net/http"
	"time"
)

const (
	// stalled is how long a client may send nothing of a body that it began.
	stalled = time.Minute
	// answerWithin is how long a request may take beyond its body, slowest is the bytes a second
	// at which an object must at least be read: bodies may take as long as they move.
	answerWithin = 5 * time.Minute
	slowest      = 64 << 10
)

// patiently bounds a request by what moves, not by a time that no large object would
// keep to.
func patiently(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		allow(w, 0)
		if r.Body != nil && r.Body != http.NoBody {
			r.Body = &movingBody{r.Body, w}
		}
		next.ServeHTTP(w, r)
	})
}

// allow gives a response as long as its size needs. A connection that has no
// deadlines has none to set.
func allow(w http.ResponseWriter, size int64) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(answerWithin + time.Duration(size/slowest)*time.Second))
}

// movingBody is a request's body whose next bytes are waited for, but not for ever. Once it
// has ended nothing is read that could be late.
type movingBody struct {
	io.ReadCloser
	w http.ResponseWriter
}

func (b *movingBody) Read(p []byte) (int, error) {
	control := http.NewResponseController(b.w)
	_ = control.SetReadDeadline(time.Now().Add(stalled))
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		_ = control.SetReadDeadline(time.Time{})
	}
	if n > 0 {
		allow(b.w, 0) // an answer's time begins with the end of the body
	}
	return n, err
}
