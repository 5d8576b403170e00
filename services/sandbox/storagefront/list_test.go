package storagefront

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
)

func TestManyPages(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	var want []string
	for i := range 2500 {
		name := fmt.Sprintf("archive/%05d", i)
		want = append(want, name)
		w := httptest.NewRecorder()
		f.server.serve(w, httptest.NewRequest("POST", fmt.Sprintf("/upload/storage/v1/b/%s/o?uploadType=media&name=%s", testBucket, name), http.NoBody))
		if w.Code != http.StatusOK {
			t.Fatal(w.Code, w.Body)
		}
	}
	if diff := cmp.Diff(want, names(t, f.bucket, nil)); diff != "" {
		t.Errorf("listing (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"archive/"}, names(t, f.bucket, &storage.Query{Delimiter: "/"})); diff != "" {
		t.Errorf("folders (-want +got):\n%s", diff)
	}
}
