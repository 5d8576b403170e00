package staging

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	warehousev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/warehouse/v1"
)

// TestStreamOfASilentWarehouse: who cannot open a stream leaves when its time is over,
// and so does the writer.
func TestStreamOfASilentWarehouse(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		conn, err := listener.Accept() // and never answer
		cancel()
		<-t.Context().Done()
		if err == nil {
			_ = conn.Close()
		}
	}()
	config := cloud.Config{ProjectID: "p", Dataset: "d", BigQueryStorageEndpoint: listener.Addr().String()}
	client, err := config.NewWriteAPI(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s, err := newStream(t.Context(), client, config.TableName(tableRejected), &warehousev1.RejectedRecord{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.append(ctx, [][]byte{{}}); !errors.Is(err, context.Canceled) {
		t.Errorf("append: %v, want that its context has ended", err)
	}
	s.close()
	if err := s.append(t.Context(), [][]byte{{}}); !errors.Is(err, errClosed) {
		t.Errorf("append to a closed stream: %v", err)
	}
}
