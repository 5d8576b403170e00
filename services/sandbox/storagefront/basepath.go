package storagefront

import (
	"net/http"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/basepath"
)

// withBasePath adds the JSON API's base path where a client left it out. Clients that
// are pointed here by nothing but an address do: Node's takes the whole of
// STORAGE_EMULATOR_HOST for the base, and rclone, as everything made with Google's
// generated Go client, the whole of its endpoint. What is taken for the JSON API is no
// read by the XML API: no bucket has a name of one letter, and none the name of
// the one other resource.
func withBasePath(next http.Handler) http.Handler {
	return basepath.Add("/storage/v1", func(path string) bool {
		return path == "/b" || strings.HasPrefix(path, "/b/") ||
			strings.HasPrefix(path, "/projects/") && strings.HasSuffix(path, "/serviceAccount")
	}, next)
}
