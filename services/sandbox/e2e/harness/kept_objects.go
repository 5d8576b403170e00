package harness

import (
	"errors"
	"strings"
	"testing"

	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"
)

// Listed counts by folder what a query finds in the bucket.
func (p *Pipeline) Listed(t *testing.T, q storage.Query) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for it := p.Bucket().Objects(t.Context(), &q); ; {
		o, err := it.Next()
		if errors.Is(err, iterator.Done) {
			return counts
		}
		if err != nil {
			t.Fatal(err)
		}
		folder, _, _ := strings.Cut(o.Name, "/")
		counts[folder]++
	}
}
