package storagefront

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"cloud.google.com/go/storage"
)

// BenchmarkUploadAndClaim is a landed file's way through the watcher: upload,
// copy to staging if absent, delete. With the client it measures both ends and
// the connection; without it, the server alone.
func BenchmarkUploadAndClaim(b *testing.B) {
	for _, size := range []int{1 << 10, 512 << 10} {
		data := randomBytes(size)
		b.Run(fmt.Sprintf("client/%dKiB", size>>10), func(b *testing.B) {
			f := startFront(b, b.TempDir(), &recorder{})
			f.notify(b, storage.Notification{ObjectNamePrefix: "landing/", EventTypes: []string{storage.ObjectFinalizeEvent}, PayloadFormat: storage.JSONPayload})
			var n atomic.Int64
			b.SetBytes(int64(size))
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					i := n.Add(1)
					landed := f.bucket.Object(fmt.Sprintf("landing/orders/%d.json", i))
					w := landed.NewWriter(b.Context())
					w.ChunkSize = 0
					if _, err := w.Write(data); err != nil {
						b.Error(err)
					}
					if err := w.Close(); err != nil {
						b.Error(err)
						return
					}
					landed = landed.Generation(w.Attrs().Generation)
					staged := f.bucket.Object(fmt.Sprintf("staging/orders/%d/%d.json", i, i))
					if _, err := staged.If(storage.Conditions{DoesNotExist: true}).CopierFrom(landed).Run(b.Context()); err != nil {
						b.Error(err)
					}
					if err := landed.Delete(b.Context()); err != nil {
						b.Error(err)
					}
				}
			})
		})
		b.Run(fmt.Sprintf("server/%dKiB", size>>10), func(b *testing.B) {
			f := startFront(b, b.TempDir(), nil)
			const objects = "/storage/v1/b/" + testBucket + "/o"
			body := string(data)
			call := func(method, target, body string) {
				w := httptest.NewRecorder()
				f.server.serve(w, httptest.NewRequest(method, target, strings.NewReader(body)))
				if w.Code >= http.StatusBadRequest {
					b.Fatal(method, target, w.Code, w.Body)
				}
			}
			b.SetBytes(int64(size))
			for i := 0; b.Loop(); i++ {
				call("POST", fmt.Sprintf("/upload%s?uploadType=media&name=landing/orders/%d.json", objects, i), body)
				call("POST", fmt.Sprintf("%s/landing%%2Forders%%2F%d.json/rewriteTo/b/%s/o/staging%%2F%d?ifGenerationMatch=0", objects, i, testBucket, i), "")
				call("DELETE", fmt.Sprintf("%s/landing%%2Forders%%2F%d.json", objects, i), "")
			}
		})
	}
}

// BenchmarkStart reads back a journal of 100,000 objects and checks their bodies.
func BenchmarkStart(b *testing.B) {
	f := startFront(b, b.TempDir(), nil)
	for i := range 100_000 {
		target := fmt.Sprintf("/upload/storage/v1/b/%s/o?uploadType=media&name=archive/%d/%d.json", testBucket, i%100, i)
		w := httptest.NewRecorder()
		f.server.serve(w, httptest.NewRequest("POST", target, strings.NewReader("{}")))
		if w.Code != http.StatusOK {
			b.Fatal(w.Code, w.Body)
		}
	}
	f.stop(b)
	for b.Loop() {
		startFront(b, f.dir, nil).stop(b)
	}
}
