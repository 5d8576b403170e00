package storagefront

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
)

// TestErrors checks status, shape and reason of what a client may do wrong.
func TestErrors(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	write(t, f.bucket.Object("o"), []byte("data"))
	const b = "/storage/v1/b/" + testBucket
	const upload = "/upload" + b + "/o"
	multipart := http.Header{"Content-Type": {"multipart/related; boundary=x"}}
	for name, tc := range map[string]struct {
		method, path string
		header       http.Header
		body         string
		status       int
		reason       string
	}{
		"no bucket":          {"GET", "/storage/v1/b/none", nil, "", 404, "notFound"},
		"no object":          {"GET", b + "/o/none", nil, "", 404, "notFound"},
		"no object's bytes":  {"GET", b + "/o/none?alt=media", nil, "", 404, "notFound"},
		"list of nothing":    {"GET", "/storage/v1/b/none/o", nil, "", 404, "notFound"},
		"no config":          {"GET", b + "/notificationConfigs/9", nil, "", 404, "notFound"},
		"bad generation":     {"GET", b + "/o/o?generation=x", nil, "", 400, "invalid"},
		"bad condition":      {"GET", b + "/o/o?ifGenerationMatch=1.5", nil, "", 400, "invalid"},
		"bad page size":      {"GET", b + "/o?maxResults=-1", nil, "", 400, "invalid"},
		"bad page token":     {"GET", b + "/o?pageToken=!", nil, "", 400, "invalid"},
		"bad query":          {"GET", b + "/o?prefix=%zz", nil, "", 400, "invalid"},
		"bad JSON":           {"PATCH", b + "/o/o", nil, "{", 400, "parseError"},
		"bad metadata":       {"PATCH", b + "/o/o", nil, `{"metadata":{"a":1}}`, 400, "invalid"},
		"bad content type":   {"PATCH", b + "/o/o", nil, `{"contentType":1}`, 400, "invalid"},
		"bad time":           {"PATCH", b + "/o/o", nil, `{"customTime":"today"}`, 400, "invalid"},
		"large metadata":     {"PATCH", b + "/o/o", nil, `{"metadata":{"a":"` + strings.Repeat("x", 9000) + `"}}`, 400, "invalid"},
		"large body":         {"PATCH", b + "/o/o", nil, strings.Repeat(" ", maxJSONBody+1), 413, "uploadTooLarge"},
		"stale condition":    {"PATCH", b + "/o/o?ifMetagenerationMatch=9", nil, "{}", 412, "conditionNotMet"},
		"move onto itself":   {"POST", b + "/o/o/moveTo/o/o", nil, "", 400, "invalid"},
		"compose of nothing": {"POST", b + "/o/o/compose", nil, "{}", 400, "invalid"},
		"rewrite, odd bound": {"POST", b + "/o/o/rewriteTo/b/" + testBucket + "/o/p?maxBytesRewrittenPerCall=1000", nil, "", 400, "invalid"},
		"rewrite, no bound":  {"POST", b + "/o/o/rewriteTo/b/" + testBucket + "/o/p?maxBytesRewrittenPerCall=0", nil, "", 400, "invalid"},
		"rewrite of nothing": {"POST", b + "/o/none/rewriteTo/b/" + testBucket + "/o/p?maxBytesRewrittenPerCall=1048576", nil, "", 404, "notFound"},
		"rewrite to nowhere": {"POST", b + "/o/o/rewriteTo/b/none/o/p?maxBytesRewrittenPerCall=1048576", nil, "", 404, "notFound"},
		"no rewrite token":   {"POST", b + "/o/o/rewriteTo/b/" + testBucket + "/o/p?rewriteToken=e30=", nil, "", 400, "invalid"},
		"range":              {"GET", b + "/o/o?alt=media", http.Header{"Range": {"bytes=9-"}}, "", 416, "requestedRangeNotSatisfiable"},
		"no multipart":       {"POST", upload + "?uploadType=multipart", nil, "x", 400, "invalid"},
		"empty multipart":    {"POST", upload + "?uploadType=multipart", multipart, "", 400, "invalid"},
		"one part":           {"POST", upload + "?uploadType=multipart", multipart, "--x\r\n\r\n{}\r\n--x--\r\n", 400, "invalid"},
		"cut multipart":      {"POST", upload + "?uploadType=multipart", multipart, "--x\r\n\r\n{\"name\":\"cut\"}\r\n--x\r\n\r\ndata", 400, "invalid"},
		"no project":         {"POST", "/storage/v1/b", nil, `{"name":"abc"}`, 400, "required"},
		"unknown upload":     {"POST", upload + "?uploadType=carrier-pigeon", nil, "", 400, "notImplemented"},
		"no soft delete":     {"GET", b + "/o?softDeleted=true", nil, "", 400, "SoftDeletePolicyRequired"},
		"nothing to restore": {"POST", b + "/o/o/restore?generation=1", nil, "", 400, "SoftDeletePolicyRequired"},
		"restore of which":   {"POST", b + "/o/o/restore", nil, "", 400, "required"},
		"soft-deleted which": {"GET", b + "/o/o?softDeleted=true", nil, "", 400, "required"},
		"two kinds of lists": {"GET", b + "/o?softDeleted=true&versions=true", nil, "", 400, "invalid"},
		"versions of what":   {"PATCH", b, nil, `{"versioning":{"enabled":"yes"}}`, 400, "invalid"},
		"six days":           {"PATCH", b, nil, `{"softDeletePolicy":{"retentionDurationSeconds":"518400"}}`, 400, "invalid"},
		"91 days":            {"PATCH", b, nil, `{"softDeletePolicy":{"retentionDurationSeconds":7862400}}`, 400, "invalid"},
		"pause":              {"PATCH", b, nil, `{"softDeletePolicy":{"retentionDurationSeconds":"604800","hardDeletePause":{"enabled":true}}}`, 400, "notImplemented"},
		"page token of old":  {"GET", b + "/o?pageToken=YQ==", nil, "", 400, "invalid"},
		"glob":               {"GET", b + "/o?matchGlob=**", nil, "", 400, "notImplemented"},
		"folders":            {"PATCH", b, nil, `{"hierarchicalNamespace":{"enabled":true}}`, 400, "notImplemented"},
		"hold":               {"PATCH", b + "/o/o", nil, `{"temporaryHold":true}`, 400, "notImplemented"},
		"customer's key":     {"GET", b + "/o/o", http.Header{"X-Goog-Encryption-Key": {"k"}}, "", 400, "notImplemented"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := f.do(t, tc.method, tc.path, tc.header, tc.body)
			var reply errorReply
			if err := json.Unmarshal([]byte(a.body), &reply); err != nil {
				t.Fatalf("%d %s: %v", a.status, a.body, err)
			}
			if a.status != tc.status || reply.Error.Code != tc.status || reply.Error.Message == "" || len(reply.Error.Errors) != 1 || reply.Error.Errors[0].Reason != tc.reason {
				t.Errorf("answer %d %s, want %d with reason %s", a.status, a.body, tc.status, tc.reason)
			}
		})
	}
	if got := names(t, f.bucket, nil); len(got) != 1 {
		t.Errorf("objects = %v", got)
	}
}

// TestUnservedRoutes checks that what is not served says so and names itself.
func TestUnservedRoutes(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	const b = "/storage/v1/b/" + testBucket
	for name, tc := range map[string]struct{ method, path string }{
		"bucket ACL":            {"GET", b + "/acl"},
		"bucket update":         {"PUT", b},
		"object ACL":            {"GET", b + "/o/o/acl"},
		"restore of many":       {"POST", b + "/o/bulkRestore"},
		"restore of a bucket":   {"POST", b + "/restore"},
		"folders":               {"GET", b + "/folders"},
		"HMAC keys":             {"GET", "/storage/v1/projects/p/hmacKeys"},
		"insert without upload": {"POST", b + "/o"},
		"lock":                  {"POST", b + "/lockRetentionPolicy"},
		"upload to an object":   {"POST", "/upload" + b + "/o/x"},
		"upload by GET":         {"GET", "/upload" + b + "/o"},
		"download by POST":      {"POST", "/download" + b + "/o/x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := f.do(t, tc.method, tc.path, nil, "")
			if a.status != http.StatusBadRequest || !strings.Contains(a.body, tc.method+" "+tc.path) {
				t.Errorf("answer %d %s, want 400 naming %s %s", a.status, a.body, tc.method, tc.path)
			}
		})
	}
}

func TestXMLErrors(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	write(t, f.bucket.Object("o"), []byte("data"))
	for name, tc := range map[string]struct {
		method, path string
		header       http.Header
		status       int
		code         string
	}{
		"no object":     {"GET", "/" + testBucket + "/none", nil, 404, "NoSuchKey"},
		"no bucket":     {"GET", "/none/o", nil, 404, "NoSuchBucket"},
		"precondition":  {"GET", "/" + testBucket + "/o", http.Header{"X-Goog-If-Generation-Match": {"1"}}, 412, "PreconditionFailed"},
		"bad condition": {"GET", "/" + testBucket + "/o", http.Header{"X-Goog-If-Metageneration-Match": {"x"}}, 400, "InvalidArgument"},
		"range":         {"GET", "/" + testBucket + "/o", http.Header{"Range": {"bytes=4-"}}, 416, "InvalidRange"},
		"write":         {"PUT", "/" + testBucket + "/o", nil, 400, "NotImplemented"},
		"list":          {"GET", "/" + testBucket, nil, 400, "NotImplemented"},
		"root":          {"GET", "/", nil, 400, "NotImplemented"},
		"acl":           {"GET", "/" + testBucket + "/o?acl", nil, 400, "NotImplemented"},
		"batch":         {"POST", "/batch/storage/v1", nil, 400, "NotImplemented"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := f.do(t, tc.method, tc.path, tc.header, "")
			var reply struct{ Code, Message string }
			if err := xml.Unmarshal([]byte(a.body), &reply); err != nil {
				t.Fatalf("%d %s: %v", a.status, a.body, err)
			}
			if a.status != tc.status || reply.Code != tc.code || reply.Message == "" {
				t.Errorf("answer %d %s, want %d %s", a.status, a.body, tc.status, tc.code)
			}
		})
	}
}

func TestUploadTypes(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	const upload = "/upload/storage/v1/b/" + testBucket + "/o"
	for name, tc := range map[string]struct {
		query, contentType, body string
	}{
		"media":                     {"?uploadType=media&name=x&contentEncoding=gzip", "text/plain", "data"},
		"multipart":                 {"?uploadType=multipart", `multipart/related; boundary="b"`, "--b\r\nContent-Type: application/json\r\n\r\n{\"name\":\"x\",\"contentEncoding\":\"gzip\"}\r\n--b\r\nContent-Type: text/plain\r\n\r\ndata\r\n--b--\r\n"},
		"multipart, quoted content": {"?uploadType=multipart&name=x", `multipart/related; boundary=b`, "--b\r\n\r\n{\"contentEncoding\":\"gzip\",\"contentType\":\"text/plain\"}\r\n--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ndata\r\n--b--"},
	} {
		t.Run(name, func(t *testing.T) {
			a := f.do(t, "POST", upload+tc.query, http.Header{"Content-Type": {tc.contentType}}, tc.body)
			if a.status != http.StatusOK {
				t.Fatalf("%d %s", a.status, a.body)
			}
			raw := f.do(t, "GET", "/download/storage/v1/b/"+testBucket+"/o/x?alt=media", http.Header{"Accept-Encoding": {"gzip"}}, "")
			if raw.body != "data" || raw.header.Get("Content-Type") != "text/plain" || raw.header.Get("Content-Encoding") != "gzip" {
				t.Errorf("read %q with %v", raw.body, raw.header)
			}
		})
	}
}

// TestEmulatorVariable uses the client as services do: the environment alone.
func TestEmulatorVariable(t *testing.T) {
	f := startFront(t, t.TempDir(), nil)
	t.Setenv("STORAGE_EMULATOR_HOST", f.server.Addr())
	client, err := storage.NewClient(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	o := client.Bucket(testBucket).Object("dir/x y%2F?.json")
	write(t, o, []byte("data"))
	if got := read(t, o); string(got) != "data" {
		t.Errorf("read %q", got)
	}
	email, err := client.ServiceAccount(t.Context(), "p")
	if err != nil || !strings.Contains(email, "@") {
		t.Errorf("service account %q, %v", email, err)
	}
}

func TestMiddleware(t *testing.T) {
	t.Parallel()
	calls := make(chan string, 1)
	server, err := Start(t.Context(), Config{Dir: t.TempDir(), Addr: "127.0.0.1:0", Middleware: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			calls <- r.URL.Path
			next.ServeHTTP(w, r)
		})
	}})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get("http://" + server.Addr() + "/storage/v1/b?project=p")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff("/storage/v1/b", <-calls); diff != "" || resp.StatusCode != http.StatusOK {
		t.Errorf("%d (-want +got):\n%s", resp.StatusCode, diff)
	}
}

// FuzzRequest throws requests at a server: whatever comes, it answers in one of
// the API's ways, never with a fault of its own and never with a panic.
func FuzzRequest(f *testing.F) {
	for _, seed := range [][5]string{
		{"GET", "/storage/v1/b", "project=p", "", ""},
		{"POST", "/upload/storage/v1/b/" + testBucket + "/o", "uploadType=media&name=x", "", "data"},
		{"POST", "/upload/storage/v1/b/" + testBucket + "/o", "uploadType=multipart", "", "--b\r\n\r\n{}\r\n--b\r\n\r\nx\r\n--b--"},
		{"POST", "/upload/storage/v1/b/" + testBucket + "/o", "uploadType=resumable&name=../x", "bytes */*", "{}"},
		{"GET", "/" + testBucket + "/o", "generation=1", "bytes=-1", ""},
		{"PATCH", "/storage/v1/b/" + testBucket + "/o/o", "ifGenerationMatch=0", "", `{"metadata":{"a":null}}`},
		{"POST", "/storage/v1/b/" + testBucket + "/o/o/rewriteTo/b/" + testBucket + "/o/..%2fp", "", "", `{"contentType":"x"}`},
		{"POST", "/storage/v1/b/" + testBucket + "/o/o/compose", "", "", `{"sourceObjects":[{"name":"o","generation":"1"}]}`},
		{"POST", "/storage/v1/b/" + testBucket + "/notificationConfigs", "", "", `{"topic":"//pubsub.googleapis.com/projects/p/topics/t","payload_format":"NONE"}`},
		{"POST", "/storage/v1/b", "project=p", "", `{"name":"b-2","labels":{"a":"b"}}`},
		{"PATCH", "/storage/v1/b/" + testBucket, "", "", `{"versioning":{"enabled":true},"softDeletePolicy":{"retentionDurationSeconds":"604800"}}`},
		{"GET", "/storage/v1/b/" + testBucket + "/o", "versions=true&maxResults=1", "", ""},
		{"GET", "/storage/v1/b/" + testBucket + "/o", "softDeleted=true", "", ""},
		{"POST", "/storage/v1/b/" + testBucket + "/o/o/restore", "generation=1&ifGenerationMatch=0", "", ""},
		{"DELETE", "/storage/v1/b/" + testBucket + "/o/o", "generation=1", "", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4])
	}
	front := startFront(f, f.TempDir(), nil)
	if _, err := tryWrite(f.Context(), front.bucket.Object("o"), []byte("data")); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, method, path, query, header, body string) {
		req, err := http.NewRequest(method, "http://storage", strings.NewReader(body))
		if err != nil {
			return
		}
		if req.URL, err = req.URL.Parse(path); err != nil {
			return
		}
		req.URL.RawQuery = query
		req.Header.Set("Range", header)
		req.Header.Set("Content-Range", header)
		req.Header.Set("Content-Type", "multipart/related; boundary=b")
		w := httptest.NewRecorder()
		front.server.serve(w, req)
		if w.Code == http.StatusInternalServerError {
			t.Errorf("%s %s?%s: %d %s", method, path, query, w.Code, w.Body)
		}
	})
}
