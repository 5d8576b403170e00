package answer

import (
	"net/http"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
)

// Root is the path that the API's paths begin with.
const Root = "/api/v1/"

// writing is a response's time besides its queries'.
const writing = 30 * time.Second

// HandleRead adds a route of the API that is only read; other methods are told so in
// the API's own form.
func HandleRead(routes *service.Routes, path string, handler http.Handler) {
	routes.Handle("GET "+path, handler)
	routes.Handle(path, http.HandlerFunc(refuseMethod))
}

// HandleUnknown adds a route for every other path below Root, so that clients of the API
// get JSON for a mistake too.
func HandleUnknown(routes *service.Routes) {
	routes.Handle(Root, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		(&Problem{Status: http.StatusNotFound, Code: "not_found", Message: "There is no such endpoint."}).Send(w)
	}))
}

// Patient serves what asks the warehouse first, which may take as long as timeout.
func Patient(timeout time.Duration, h http.Handler) http.Handler {
	return service.Patient(timeout+writing, h)
}

func refuseMethod(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Allow", "GET, HEAD")
	(&Problem{Status: http.StatusMethodNotAllowed, Code: "method_not_allowed", Message: "This endpoint is only read."}).Send(w)
}
