package pubsubfront_test

import (
	"log/slog"
	"sync"
	"testing"

	"cloud.google.com/go/pubsub/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront"
)

// TestDeliverTwice asks for each kind of repetition.
func TestDeliverTwice(t *testing.T) {
	t.Parallel()
	always := func(string) bool { return true }
	for _, c := range []struct {
		name         string
		twice, again func(string) bool
	}{
		{"at once", always, nil},
		{"after the acknowledgement", nil, always},
		{"both asked for", always, always},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server, err := pubsubfront.Start(t.Context(), pubsubfront.Config{
				Dir: t.TempDir(), Logger: slog.New(slog.DiscardHandler), Twice: c.twice, Again: c.again})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := server.Close(); err != nil {
					t.Error(err)
				}
			})
			client := connect(t, server.Addr())
			createTopic(t, client, "orders")
			createSub(t, client, "orders", "orders.check")
			publish(t, client, "orders", "m", 20)
			got := collectDeliveries(t, client, "orders.check", 40)
			if len(got) != 20 {
				t.Fatalf("%d different messages, want 20", len(got))
			}
			for data, n := range got {
				if n != 2 {
					t.Errorf("%s came %d times", data, n)
				}
			}
		})
	}
}

// collectDeliveries acknowledges n deliveries and returns how often each
// message came.
func collectDeliveries(t *testing.T, c *pubsub.Client, sub string, n int) map[string]int {
	t.Helper()
	var mu sync.Mutex
	got, total := make(map[string]int), 0
	receive(t, c, sub, func(m *pubsub.Message) bool {
		m.Ack()
		mu.Lock()
		defer mu.Unlock()
		got[string(m.Data)]++
		total++
		return total == n
	})
	return got
}
