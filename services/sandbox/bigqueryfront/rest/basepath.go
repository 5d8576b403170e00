package rest

import (
	"net/http"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/basepath"
)

// basePath is where the API stands.
const basePath = "/bigquery/v2"

// WithBasePath adds the API's base path where a client left it out: Node's takes the
// whole of BIGQUERY_EMULATOR_HOST for the base.
func WithBasePath(next http.Handler) http.Handler {
	return basepath.Add(basePath, func(path string) bool { return strings.HasPrefix(path, "/projects/") }, next)
}
