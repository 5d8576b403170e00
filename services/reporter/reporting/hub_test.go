package reporting

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

func TestHubGathersRefreshes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var invalidated int
		h := newHub(500*time.Millisecond, 1, func() { invalidated++ })
		client, err := h.subscribe()
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go h.run(ctx)
		synctest.Wait()

		started := time.Now()
		h.add(completedFile{FileID: "first"})
		if got := decode(t, <-client); got.Completed != 1 || time.Since(started) != 0 {
			t.Errorf("the first file was told as %+v after %v, want at once", got, time.Since(started))
		}
		for range 50 {
			h.add(completedFile{FileID: "burst"})
		}
		h.add(completedFile{FileID: "last"})
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
			h.add(completedFile{FileID: id})
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

func decode(t *testing.T, data []byte) refresh {
	t.Helper()
	var r refresh
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEventStream(t *testing.T) {
	t.Parallel()
	source := &canned{results: map[string]func(Params) (*Result, error){"dashboard/aov_by_tier": rows([]string{"customer_tier"})}}
	base, h := serve(t, source)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+apiRoot+"events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("content type %q", got)
	}
	lines := bufio.NewScanner(resp.Body)
	expect := func(prefix string) string {
		t.Helper()
		for lines.Scan() {
			if lines.Text() == "" {
				continue
			}
			if !strings.HasPrefix(lines.Text(), prefix) {
				t.Fatalf("got line %q, want %q", lines.Text(), prefix)
			}
			return strings.TrimPrefix(lines.Text(), prefix)
		}
		t.Fatalf("the stream ended before %q: %v", prefix, lines.Err())
		return ""
	}
	expect("retry: 2000")
	expect("event: hello")
	expect(`data: {"now":"2026-11-23T19:34:56Z"}`)
	get(t, base+apiRoot+"aov-by-tier")

	message, err := proto.Marshal(&pipelinev1.FileCompleted{
		File: &pipelinev1.LandedFile{
			FileId: "f1", Kind: pipelinev1.FileKind_FILE_KIND_ORDERS, LandingName: "landing/orders/" + hostile,
			LandedAt: timestamppb.New(testNow.Add(-time.Second)),
		},
		Verdict: pipelinev1.Verdict_VERDICT_LOADED, Records: 5, Loaded: 4, Rejected: 1, LoadedAt: timestamppb.New(testNow),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := (completions{h, nil, &telemetry.Tracer{}}).Handle(t.Context(), &pubsub.Message{Data: message}); err != nil {
		t.Fatal(err)
	}
	expect("event: refresh")
	got := decode(t, []byte(expect("data: ")))
	want := completedFile{
		FileID: "f1", Kind: "orders", LandingName: "landing/orders/" + hostile, Verdict: "loaded",
		Records: 5, Loaded: 4, Rejected: 1, LandedAt: testNow.Add(-time.Second), LoadedAt: testNow,
	}
	if got.Completed != 1 || len(got.Files) != 1 || got.Files[0] != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	get(t, base+apiRoot+"aov-by-tier")
	if n := source.questions(); n != 2 {
		t.Errorf("the warehouse was asked %d times, want once before and once after the file", n)
	}
}

func TestUndecodableCompletionIsPermanent(t *testing.T) {
	t.Parallel()
	h := newHub(time.Second, 1, func() {})
	err := (completions{h, nil, &telemetry.Tracer{}}).Handle(t.Context(), &pubsub.Message{Data: []byte{0xff}})
	if !messaging.IsPermanent(err) {
		t.Errorf("got %v, want a permanent error", err)
	}
}
