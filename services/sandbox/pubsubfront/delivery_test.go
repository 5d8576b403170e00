package pubsubfront_test

import (
	"fmt"
	"sync"
	"testing"

	"cloud.google.com/go/pubsub/v2"
)

// collect acknowledges messages until n different ones came, and returns how
// often each came.
func collect(t testing.TB, c *pubsub.Client, sub string, n int) map[string]int {
	t.Helper()
	var mu sync.Mutex
	got := make(map[string]int)
	receive(t, c, sub, func(m *pubsub.Message) bool {
		m.Ack()
		mu.Lock()
		defer mu.Unlock()
		got[string(m.Data)]++
		return len(got) == n
	})
	return got
}

func TestFanOut(t *testing.T) {
	t.Parallel()
	_, c := start(t, t.TempDir())
	createTopic(t, c, "orders")
	createSub(t, c, "orders", "one")
	createSub(t, c, "orders", "two")
	const n = 5000
	publish(t, c, "orders", "m", n)
	for _, sub := range []string{"one", "two"} {
		got := collect(t, c, sub, n)
		for i := range n {
			if key := fmt.Sprintf("m%d", i); got[key] != 1 {
				t.Fatalf("%s: %s came %d times", sub, key, got[key])
			}
		}
	}
}
