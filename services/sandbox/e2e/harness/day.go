package harness

import (
	"fmt"
	"testing"
)

// AwaitGrowth waits until the ledger holds n files, for as long as it grows.
func (p *Pipeline) AwaitGrowth(t *testing.T, n int) {
	t.Helper()
	for have := int64(0); have < int64(n); {
		least := have
		Await(t, fmt.Sprintf("more than %d of %d files in the ledger", least, n), func() (bool, error) {
			rows, err := p.Query(t, "SELECT COUNT(*) FROM file_ledger")
			if err == nil {
				have = rows[0][0].(int64)
			}
			return have > least, err
		})
	}
}
