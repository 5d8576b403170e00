package reporting

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/answer"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/live"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query/querytest"
)

// stream opens the event stream and returns what waits for its next line that is not empty,
// which must begin with a prefix, and gives the rest of that line.
func stream(t *testing.T, base string) (expect func(prefix string) string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+answer.Root+"events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("content type %q", got)
	}
	lines := bufio.NewScanner(resp.Body)
	return func(prefix string) string {
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
}

// completes tells the hub of a file.
func completes(t *testing.T, h *live.Hub, done *pipelinev1.FileCompleted) {
	t.Helper()
	message, err := proto.Marshal(done)
	if err != nil {
		t.Fatal(err)
	}
	if err := (live.Completions{Hub: h, Tracer: &telemetry.Tracer{}}).Handle(t.Context(), &pubsub.Message{Data: message}); err != nil {
		t.Fatal(err)
	}
}

func TestEventStream(t *testing.T) {
	t.Parallel()
	source := &querytest.Canned{Results: map[string]func(query.Params) (*query.Result, error){"dashboard/aov_by_tier": querytest.Rows([]string{"customer_tier"})}}
	base, h := serve(t, source)
	expect := stream(t, base)
	expect("retry: 2000")
	expect("event: hello")
	expect(`data: {"now":"2026-11-23T19:34:56Z"}`)
	get(t, base+answer.Root+"aov-by-tier")

	completes(t, h, &pipelinev1.FileCompleted{
		File: &pipelinev1.LandedFile{
			FileId: "f1", Kind: pipelinev1.FileKind_FILE_KIND_ORDERS, LandingName: "landing/orders/" + hostile,
			LandedAt: timestamppb.New(testNow.Add(-time.Second)),
		},
		Verdict: pipelinev1.Verdict_VERDICT_LOADED, Records: 5, Loaded: 4, Rejected: 1, LoadedAt: timestamppb.New(testNow),
	})
	expect("event: refresh")
	var got live.Refresh
	if err := json.Unmarshal([]byte(expect("data: ")), &got); err != nil {
		t.Fatal(err)
	}
	want := live.CompletedFile{
		FileID: "f1", Kind: "orders", LandingName: "landing/orders/" + hostile, Verdict: "loaded",
		Records: 5, Loaded: 4, Rejected: 1, LandedAt: testNow.Add(-time.Second), LoadedAt: testNow,
	}
	if got.Completed != 1 || len(got.Files) != 1 || got.Files[0] != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	get(t, base+answer.Root+"aov-by-tier")
	if n := source.Questions(); n != 2 {
		t.Errorf("the warehouse was asked %d times, want once before and once after the file", n)
	}
}
