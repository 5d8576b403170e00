package reporting

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
	"time"
)

// document is the API's description in OpenAPI 3.0. It is written by hand; tests
// hold its routes and parameters against the code, and its fields against answers.
//
//go:embed openapi.json
var document []byte

// registerDocument serves the document to whoever reads the API.
func registerDocument(mux *http.ServeMux) {
	const path = apiRoot + "openapi.json"
	sum := sha256.Sum256(document)
	etag := `"` + hex.EncodeToString(sum[:12]) + `"`
	mux.Handle("GET "+path, secure(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Type", "application/json; charset=utf-8")
		header.Set("Cache-Control", "no-cache")
		header.Set("ETag", etag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(document))
	})))
	mux.Handle(path, secure(http.HandlerFunc(refuseMethod)))
}
