package storagefront

import (
	"net/http"
	"testing"
)

// TestBoundaries takes a multipart upload with its boundary written as each client does.
func TestBoundaries(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	const border = "===============7330845974216740156=="
	const body = "--" + border + "\r\nContent-Type: application/json\r\n\r\n{}\r\n--" + border + "\r\nContent-Type: text/plain\r\n\r\ndata\r\n--" + border + "--"
	for name, contentType := range map[string]string{
		"double":       `multipart/related; boundary="` + border + `"`,
		"single":       `multipart/related; boundary='` + border + `'`,
		"single-tight": `multipart/related;boundary='` + border + `'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := f.do(t, "POST", "/upload/storage/v1/b/"+testBucket+"/o?uploadType=multipart&name="+name, http.Header{"Content-Type": {contentType}}, body)
			if a.status != http.StatusOK {
				t.Fatalf("%d %s", a.status, a.body)
			}
			if got := f.do(t, "GET", "/"+testBucket+"/"+name, nil, ""); got.body != "data" {
				t.Errorf("stored %q", got.body)
			}
		})
	}
}

// TestPlainPaths leaves out the API's base path, as clients do that are told no more than
// an address.
func TestPlainPaths(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	write(t, f.bucket.Object("a/b c"), []byte("data"))
	for path, want := range map[string]int{
		"/b/" + testBucket:                            200,
		"/b/" + testBucket + "/o":                     200,
		"/b/" + testBucket + "/o/a%2Fb%20c":           200,
		"/b/" + testBucket + "/o/a%2Fb%20c?alt=media": 200,
		"/b/" + testBucket + "/o/none":                404,
		"/b?project=p":                                200,
		"/projects/p/serviceAccount":                  200,
		"/b/" + testBucket + "/acl":                   400,
		"/" + testBucket + "/a/b%20c":                 200,
	} {
		if a := f.do(t, "GET", path, nil, ""); a.status != want {
			t.Errorf("%s: %d %s, want %d", path, a.status, a.body, want)
		}
	}
}
