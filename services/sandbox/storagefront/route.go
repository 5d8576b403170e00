package storagefront

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/resourcemanager"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/storagefront/store"
)

// maxJSONBody bounds the metadata that a request may carry in JSON.
const maxJSONBody = 1 << 20

// serve picks the API by the path. Paths are taken apart as they were sent:
// object names travel percent-encoded in one segment, and cleaning or decoding
// a path first would change them.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	if rest, ok := strings.CutPrefix(path, "/storage/v1/"); ok {
		s.reply(w, r, rest, s.serveJSON)
	} else if rest, ok := strings.CutPrefix(path, "/upload/storage/v1/"); ok {
		s.reply(w, r, rest, s.serveUpload)
	} else if rest, ok := strings.CutPrefix(path, "/download/storage/v1/"); ok {
		s.reply(w, r, rest, s.serveDownload)
	} else if err := s.serveXML(w, r, strings.TrimPrefix(path, "/")); err != nil {
		s.writeXMLError(w, r, err)
	}
}

type handler func(w http.ResponseWriter, r *http.Request, q url.Values, path []string) error

// reply runs a JSON API handler on the decoded path segments.
func (s *Server) reply(w http.ResponseWriter, r *http.Request, rest string, h handler) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		s.writeError(w, r, invalidf("Malformed query: %v", err))
		return
	}
	path := strings.Split(rest, "/")
	for i, segment := range path {
		if path[i], err = url.PathUnescape(segment); err != nil {
			s.writeError(w, r, invalidf("Malformed path: %v", err))
			return
		}
	}
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Goog-Encryption-") || strings.HasPrefix(name, "X-Goog-Copy-Source-Encryption-") {
			s.writeError(w, r, unservedf("customer-supplied encryption keys (%s)", name))
			return
		}
	}
	if err := h(w, r, q, path); err != nil {
		s.writeError(w, r, err)
	}
}

// serveJSON is the table of /storage/v1/.
func (s *Server) serveJSON(w http.ResponseWriter, r *http.Request, q url.Values, path []string) error {
	p := segments(path)
	bucket, name := p.at(1), p.at(3)
	switch r.Method + " " + p.shape() {
	case "GET b":
		return s.listBuckets(w, q)
	case "POST b":
		return s.insertBucket(w, r, q)
	case "GET b/*":
		return s.getBucket(w, q, bucket)
	case "PATCH b/*":
		return s.changeBucket(w, r, q, bucket)
	case "DELETE b/*":
		return s.deleteBucket(w, q, bucket)
	case "GET b/*/iam":
		return s.getPolicy(w, q, bucket)
	case "PUT b/*/iam":
		return s.setPolicy(w, r, bucket)
	case "GET b/*/iam/*": // testPermissions
		return s.testPermissions(w, q, bucket, p.at(3))
	case "GET b/*/storageLayout":
		return s.storageLayout(w, bucket)
	case "GET b/*/o":
		return s.listObjects(w, q, bucket)
	case "GET b/*/o/*", "HEAD b/*/o/*":
		return s.getObject(w, r, q, bucket, name)
	case "PATCH b/*/o/*", "PUT b/*/o/*":
		return s.changeObject(w, r, q, bucket, name)
	case "DELETE b/*/o/*":
		return s.deleteObject(w, q, bucket, name)
	case "POST b/*/o/*/compose":
		return s.composeObject(w, r, q, bucket, name)
	case "POST b/*/o/*/restore":
		return s.restoreObject(w, q, bucket, name)
	case "POST b/*/o/*/copyTo/b/*/o/*":
		return s.copyObject(w, r, q, path)
	case "POST b/*/o/*/rewriteTo/b/*/o/*":
		return s.rewriteObject(w, r, q, path)
	case "POST b/*/o/*/moveTo/o/*":
		return s.moveObject(w, q, bucket, name, p.at(6))
	case "GET b/*/notificationConfigs":
		return s.listConfigs(w, bucket)
	case "POST b/*/notificationConfigs":
		return s.insertConfig(w, r, bucket)
	case "GET b/*/notificationConfigs/*":
		return s.getConfig(w, bucket, name)
	case "DELETE b/*/notificationConfigs/*":
		return s.deleteConfig(w, bucket, name)
	case "GET projects/*/serviceAccount":
		return s.serviceAccount(w, p.at(1))
	}
	return unserved(r)
}

// serveDownload is the table of /download/storage/v1/: the same reads by another door.
func (s *Server) serveDownload(w http.ResponseWriter, r *http.Request, q url.Values, path []string) error {
	if p := segments(path); p.shape() == "b/*/o/*" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		q.Set("alt", "media")
		return s.getObject(w, r, q, p.at(1), p.at(3))
	}
	return unserved(r)
}

// serveXML serves the XML API's reads: GET and HEAD /bucket/object.
func (s *Server) serveXML(w http.ResponseWriter, r *http.Request, rest string) error {
	bucket, escaped, found := strings.Cut(rest, "/")
	if !found || escaped == "" || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
		return unserved(r)
	}
	name, err := url.PathUnescape(escaped)
	if err != nil {
		return invalidf("Malformed path: %v", err)
	}
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return invalidf("Malformed query: %v", err)
	}
	for key := range q {
		if key != "generation" {
			return unservedf("the parameter %s of the XML API", key)
		}
	}
	ref := store.Ref{Bucket: bucket, Name: name}
	if ref.If, err = headerConditions(r.Header); err != nil {
		return err
	}
	if ref.Generation, err = optionalInt(q.Get("generation"), "generation"); err != nil {
		return err
	}
	return s.download(w, r, ref)
}

func unserved(r *http.Request) error {
	return unservedf("%s %s", r.Method, r.URL.EscapedPath())
}

// segments is a path whose shape can be told: the words at the places where the
// API has words stay, what stands between them becomes a star.
type segments []string

func (p segments) at(i int) string {
	if i < len(p) {
		return p[i]
	}
	return ""
}

// shape replaces the parameters, which are every second segment, except that a
// verb on an object (compose, rewriteTo, moveTo) shifts the count by one.
func (p segments) shape() string {
	out := make([]string, len(p))
	for i := range p {
		parameter := i%2 == 1
		if i > 4 && (p[4] == "rewriteTo" || p[4] == "copyTo" || p[4] == "moveTo") {
			parameter = i%2 == 0
		}
		if out[i] = p[i]; parameter {
			out[i] = "*"
		}
	}
	return strings.Join(out, "/")
}

// readJSON decodes a bounded JSON body into v. No body is an empty resource.
func readJSON(r *http.Request, v any) error {
	return decodeJSON(r.Body, v)
}

func decodeJSON(from io.Reader, v any) error {
	body, err := io.ReadAll(io.LimitReader(from, maxJSONBody+1))
	if err != nil {
		return invalidf("The request's body ended early: %v", err)
	}
	if len(body) > maxJSONBody {
		return &apiError{http.StatusRequestEntityTooLarge, "uploadTooLarge", "The JSON body is too large."}
	}
	if len(body) == 0 {
		return nil
	}
	if err := json.Unmarshal(body, v); err != nil {
		if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return invalidf("Invalid value for %s: it cannot be a %s.", t.Field, t.Value)
		}
		return &apiError{http.StatusBadRequest, "parseError", "Parse Error"}
	}
	return nil
}

// serviceAccount names the agent to which provisioning grants the right to publish.
func (s *Server) serviceAccount(w http.ResponseWriter, project string) error {
	writeJSON(w, http.StatusOK, map[string]string{
		"kind":          "storage#serviceAccount",
		"email_address": "service-" + resourcemanager.Number(project) + "@gs-project-accounts.iam.gserviceaccount.com",
	})
	return nil
}
