package storagefront

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/uploads"
)

const uploadPath = "/upload/storage/v1/b/" + testBucket + "/o?uploadType=resumable"

// session starts a resumable upload by hand and returns its URL, without the host.
func (f *front) session(t testing.TB, query, resource string) string {
	t.Helper()
	a := f.do(t, "POST", uploadPath+query, http.Header{"X-Upload-Content-Type": {"text/plain"}}, resource)
	if a.status != http.StatusOK {
		t.Fatalf("start a session: %d %s", a.status, a.body)
	}
	u, err := url.Parse(a.header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	return u.RequestURI()
}

func ranged(value string) http.Header { return http.Header{"Content-Range": {value}} }

// TestResumableProtocol walks through sessions request by request.
func TestResumableProtocol(t *testing.T) {
	t.Parallel()
	unit := strings.Repeat("u", uploads.ChunkUnit)
	type step struct {
		contentRange, body string
		status             int
		kept               string // the Range header
	}
	for name, tc := range map[string]struct {
		steps []step
		want  string
	}{
		"one request without a range": {[]step{{"", "hello", 200, ""}}, "hello"},
		"one request with its range":  {[]step{{"bytes 0-4/5", "hello", 200, ""}}, "hello"},
		"nothing":                     {[]step{{"bytes */0", "", 200, ""}}, ""},
		"status of a new session":     {[]step{{"bytes */*", "", 308, ""}, {"bytes */5", "", 308, ""}, {"bytes 0-4/5", "hello", 200, ""}}, "hello"},
		"two chunks": {[]step{
			{fmt.Sprintf("bytes 0-%d/*", uploads.ChunkUnit-1), unit, 308, fmt.Sprintf("bytes=0-%d", uploads.ChunkUnit-1)},
			{"bytes */*", "", 308, fmt.Sprintf("bytes=0-%d", uploads.ChunkUnit-1)},
			{fmt.Sprintf("bytes %d-%d/%d", uploads.ChunkUnit, uploads.ChunkUnit+3, uploads.ChunkUnit+4), "tail", 200, ""},
		}, unit + "tail"},
		"an open end":                 {[]step{{"bytes 0-*/*", "hello", 200, ""}}, "hello"},
		"an open end, of nothing":     {[]step{{"bytes 0-*/0", "", 200, ""}}, ""},
		"an open end, its size known": {[]step{{"bytes 0-*/5", "hello", 200, ""}}, "hello"},
		"an open end after a chunk": {[]step{
			{fmt.Sprintf("bytes 0-%d/*", uploads.ChunkUnit-1), unit, 308, fmt.Sprintf("bytes=0-%d", uploads.ChunkUnit-1)},
			{fmt.Sprintf("bytes %d-*/*", uploads.ChunkUnit), "tail", 200, ""},
		}, unit + "tail"},
		"an open end that ended early": {[]step{
			{"bytes 0-*/9", "hello", 503, ""}, {"bytes */*", "", 308, "bytes=0-4"}, {"bytes 5-*/9", "more", 200, ""},
		}, "hellomore"},
		"ended by a length alone": {[]step{
			{fmt.Sprintf("bytes 0-%d/*", uploads.ChunkUnit-1), unit, 308, fmt.Sprintf("bytes=0-%d", uploads.ChunkUnit-1)},
			{fmt.Sprintf("bytes */%d", uploads.ChunkUnit), "", 200, ""},
		}, unit},
		"a chunk sent again": {[]step{
			{fmt.Sprintf("bytes 0-%d/*", uploads.ChunkUnit-1), unit, 308, fmt.Sprintf("bytes=0-%d", uploads.ChunkUnit-1)},
			{fmt.Sprintf("bytes 0-%d/*", uploads.ChunkUnit-1), unit, 308, fmt.Sprintf("bytes=0-%d", uploads.ChunkUnit-1)},
			{fmt.Sprintf("bytes 0-%d/%d", uploads.ChunkUnit+3, uploads.ChunkUnit+4), unit + "tail", 200, ""},
		}, unit + "tail"},
		"an odd chunk is kept in part": {[]step{
			{fmt.Sprintf("bytes 0-%d/*", uploads.ChunkUnit+9), unit + "0123456789", 308, fmt.Sprintf("bytes=0-%d", uploads.ChunkUnit-1)},
			{fmt.Sprintf("bytes %d-%d/%d", uploads.ChunkUnit, uploads.ChunkUnit+9, uploads.ChunkUnit+10), "0123456789", 200, ""},
		}, unit + "0123456789"},
		"the last chunk sent again": {[]step{{"bytes 0-4/5", "hello", 200, ""}, {"bytes 0-4/5", "hello", 200, ""}, {"bytes */5", "", 200, ""}}, "hello"},
		"a gap":                     {[]step{{"bytes 9-13/14", "hello", 400, ""}, {"bytes 0-4/5", "hello", 200, ""}}, "hello"},
		"nonsense":                  {[]step{{"bytes 5-1/9", "x", 400, ""}, {"bytes 0-9/5", "x", 400, ""}, {"apples", "x", 400, ""}, {"bytes 0-3/4", "x", 400, ""}, {"bytes 0-4/5", "hello", 200, ""}}, "hello"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := startFront(t, t.TempDir(), nil)
			location := f.session(t, "&name=object", "")
			for i, step := range tc.steps {
				header := http.Header{}
				if step.contentRange != "" {
					header = ranged(step.contentRange)
				}
				a := f.do(t, "PUT", location, header, step.body)
				if a.status != step.status || a.header.Get("Range") != step.kept {
					t.Fatalf("step %d: %d with Range %q, want %d with %q: %s", i, a.status, a.header.Get("Range"), step.status, step.kept, a.body)
				}
				// Every step survives a restart.
				f = f.restart(t, nil)
			}
			o := f.bucket.Object("object")
			if got := read(t, o); string(got) != tc.want {
				t.Errorf("the object has %d bytes, want %d", len(got), len(tc.want))
			}
			if got := attrsOf(t, o).ContentType; got != "text/plain" {
				t.Errorf("content type %q", got)
			}
		})
	}
}

func TestResumableFor200Clients(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	header := ranged("bytes */*")
	header.Set("X-GUploader-No-308", "yes")
	a := f.do(t, "POST", f.session(t, "&name=x", ""), header, "")
	if a.status != http.StatusOK || a.header.Get("X-HTTP-Status-Code-Override") != "308" {
		t.Errorf("answer %d, override %q", a.status, a.header.Get("X-HTTP-Status-Code-Override"))
	}
}

func TestResumableRefusals(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	write(t, f.bucket.Object("taken"), []byte("old"))
	late := f.session(t, "&name=late&ifGenerationMatch=0", "")
	write(t, f.bucket.Object("late"), []byte("first"))
	cancelled := f.session(t, "&name=cancelled", "")
	if a := f.do(t, "DELETE", cancelled, nil, ""); a.status != 499 {
		t.Errorf("cancel: %d", a.status)
	}
	for name, tc := range map[string]struct {
		method, path string
		header       http.Header
		body         string
		want         int
	}{
		"precondition at the start": {"POST", uploadPath + "&name=taken&ifGenerationMatch=0", nil, "", 412},
		"precondition at the end":   {"PUT", late, nil, "second", 412},
		"session after a refusal":   {"PUT", cancelled, nil, "x", 404},
		"session that never was":    {"PUT", uploadPath + "&upload_id=" + strings.Repeat("A", 26), nil, "x", 404},
		"session outside":           {"PUT", uploadPath + "&upload_id=../../x", nil, "x", 404},
		"no such bucket":            {"POST", "/upload/storage/v1/b/none/o?uploadType=resumable&name=x", nil, "", 404},
		"no name":                   {"POST", uploadPath, nil, "{}", 400},
		"announced checksum":        {"PUT", f.session(t, "", `{"name":"x","crc32c":"AAAAAA=="}`), nil, "data", 400},
		"announced md5":             {"PUT", f.session(t, "", `{"name":"x","md5Hash":"AAAAAAAAAAAAAAAAAAAAAA=="}`), nil, "data", 400},
		"checksum of the last part": {"PUT", f.session(t, "&name=x", ""), http.Header{"X-Goog-Hash": {"crc32c=AAAAAA=="}}, "data", 400},
		"malformed checksum":        {"PUT", f.session(t, "&name=x", ""), http.Header{"X-Goog-Hash": {"crc32c=?"}}, "data", 400},
		"malformed resource":        {"POST", uploadPath + "&name=x", nil, "{", 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if a := f.do(t, tc.method, tc.path, tc.header, tc.body); a.status != tc.want {
				t.Errorf("answer %d %s, want %d", a.status, a.body, tc.want)
			}
		})
	}
}

// TestChunkCutShort breaks a connection inside a chunk: what came is kept, and the upload goes on.
func TestChunkCutShort(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	location := f.session(t, "&name=x", "")
	data := randomBytes(2 * uploads.ChunkUnit)
	broken := &failingReader{Reader: bytes.NewReader(data[:uploads.ChunkUnit/2])}
	req, err := http.NewRequestWithContext(t.Context(), "PUT", f.url(location), broken)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = int64(len(data))
	req.Header.Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(data)-1, len(data)))
	if resp, err := http.DefaultTransport.RoundTrip(req); err == nil {
		resp.Body.Close()
	}
	a := f.do(t, "PUT", location, ranged(fmt.Sprintf("bytes 0-%d/%d", len(data)-1, len(data))), string(data))
	if a.status != http.StatusOK {
		t.Fatalf("second attempt: %d %s", a.status, a.body)
	}
	if !bytes.Equal(read(t, f.bucket.Object("x")), data) {
		t.Error("the object has other bytes")
	}
}

// failingReader breaks off where its reader ends.
type failingReader struct{ *bytes.Reader }

func (r *failingReader) Read(p []byte) (int, error) {
	if r.Len() == 0 {
		return 0, fmt.Errorf("the client died")
	}
	return r.Reader.Read(p)
}
