// Package answer is what all paths of the API have in common: how a request is read and
// refused, how an answer is kept and sent, and where a page of a list begins.
package answer

import (
	"net/http"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/packed"
)

// Answer is an encoded response.
type Answer struct{ body *packed.Body }

// New is the answer with this JSON.
func New(body []byte) *Answer { return &Answer{body: packed.NewFast(body)} }

// Send sends the answer, which browsers ask for again each time, by ETag.
func (a *Answer) Send(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", "application/json; charset=utf-8")
	header.Set("Cache-Control", "no-cache")
	etag := a.body.ETag(r)
	header.Set("ETag", etag)
	text := a.body.Choose(w, r)
	if r.Header.Get("If-None-Match") == etag {
		header.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(text) // fails only when the client has gone
}
