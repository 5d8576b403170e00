package live

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/pubsub/v2"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
)

func TestHubGathersRefreshes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var invalidated int
		h := NewHub(500*time.Millisecond, 1, func() { invalidated++ })
		client, err := h.subscribe()
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go h.Run(ctx)
		synctest.Wait()

		started := time.Now()
		h.add(CompletedFile{FileID: "first"})
		if got := decode(t, <-client); got.Completed != 1 || time.Since(started) != 0 {
			t.Errorf("the first file was told as %+v after %v, want at once", got, time.Since(started))
		}
		for range 50 {
			h.add(CompletedFile{FileID: "burst"})
		}
		h.add(CompletedFile{FileID: "last"})
		got := decode(t, <-client)
		if n := len(got.Files); got.Completed != 51 || n != maxRefreshFiles || got.Files[n-1].FileID != "last" {
			t.Errorf("the burst was told as %d files, %d named", got.Completed, n)
		}
		if took := time.Since(started); took != 500*time.Millisecond {
			t.Errorf("the burst was told after %v", took)
		}
		// A client that does not read holds the newest refresh alone.
		for _, id := range []string{"a", "b"} {
			time.Sleep(time.Second)
			h.add(CompletedFile{FileID: id})
			synctest.Wait()
		}
		if got := decode(t, <-client); got.Files[0].FileID != "b" {
			t.Errorf("a slow client got %+v", got)
		}
		if invalidated != 4 {
			t.Errorf("the cache was invalidated %d times for 4 refreshes", invalidated)
		}
		if _, err := h.subscribe(); !errors.Is(err, errTooManyClients) {
			t.Errorf("a second client: %v", err)
		}
		h.unsubscribe(client)
		cancel()
		<-h.closed
	})
}

func decode(t *testing.T, data []byte) Refresh {
	t.Helper()
	var r Refresh
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestUndecodableCompletionIsPermanent(t *testing.T) {
	t.Parallel()
	h := NewHub(time.Second, 1, func() {})
	err := (Completions{Hub: h, Tracer: &telemetry.Tracer{}}).Handle(t.Context(), &pubsub.Message{Data: []byte{0xff}})
	if !messaging.IsPermanent(err) {
		t.Errorf("got %v, want a permanent error", err)
	}
}
