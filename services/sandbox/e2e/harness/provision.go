package harness

import (
	"log/slog"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/embedded"
)

// EmptyCloud is an embedded cloud that nobody has provisioned.
func EmptyCloud(t *testing.T) cloud.Config {
	t.Helper()
	const anyPort = "127.0.0.1:0"
	c, err := embedded.Start(t.Context(), embedded.Config{
		Dir: t.TempDir(), ProjectID: "p", Log: slog.New(slog.DiscardHandler),
		PubSubAddr: anyPort, StorageAddr: anyPort, BigQueryAddr: anyPort, BigQueryStorageAddr: anyPort,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c.Endpoints()
}
