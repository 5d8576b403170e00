package reporting

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/answer"
)

// document is the API's description in OpenAPI 3.0. It is written by hand; tests
// compare its routes and parameters with the code, and its fields with answers.
//
//go:embed openapi.json
var document []byte

// registerDocument serves the document to whoever reads the API, also where tools that know
// no version look for it.
func registerDocument(routes *service.Routes) {
	sum := sha256.Sum256(document)
	etag := `"` + hex.EncodeToString(sum[:12]) + `"`
	serve := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, fault := answer.ParseQuery(r.URL.RawQuery); fault != nil {
			fault.Send(w)
			return
		}
		header := w.Header()
		header.Set("Content-Type", "application/json; charset=utf-8")
		header.Set("Cache-Control", "no-cache")
		header.Set("ETag", etag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(document))
	})
	answer.HandleRead(routes, answer.Root+"openapi.json", serve)
	answer.HandleRead(routes, "/api/openapi.json", serve)
}
