package storagefront

import (
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/storagefront/store"
)

// TestEveryRefusalHasAStatus: whatever the store refuses has a form in HTTP.
func TestEveryRefusalHasAStatus(t *testing.T) {
	t.Parallel()
	for kind := store.Invalid; kind <= store.NoSoftDelete; kind++ {
		e := toAPIError(&store.Refusal{Kind: kind})
		if e == nil || e.status < 300 || e.status > 499 || e.reason == "" {
			t.Errorf("kind %d becomes %v", kind, e)
		}
	}
}
