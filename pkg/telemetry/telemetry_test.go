package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/trace"
)

func TestTraceIsDerivedFromTheFile(t *testing.T) {
	t.Parallel()
	first := WithFile(t.Context(), "f1", 1)
	for name, tc := range map[string]struct {
		ctx  context.Context
		same bool
	}{
		"the same file":                {WithFile(context.Background(), "f1", 1), true},
		"its next revision":            {WithFile(context.Background(), "f1", 2), false},
		"another file":                 {WithFile(context.Background(), "f2", 1), false},
		"its message":                  {Extract(context.Background(), Traceparent(first)), true},
		"another file's message":       {WithFile(Extract(context.Background(), Traceparent(WithFile(context.Background(), "f2", 1))), "f1", 1), true},
		"a message with no such trace": {Extract(context.Background(), "00-trace"), false},
	} {
		if same := trace.SpanContextFromContext(tc.ctx).TraceID() == trace.SpanContextFromContext(first).TraceID(); same != tc.same {
			t.Errorf("%s: the same trace: %t, want %t", name, same, tc.same)
		}
	}
	if again := WithFile(first, "f1", 1); again != first {
		t.Error("a context in the trace already is replaced")
	}
}

func TestWithoutCollectorNothingIsSampled(t *testing.T) {
	t.Parallel()
	tracer, err := NewTracer(t.Context(), "test", Tracing{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, span := tracer.StartFile(t.Context(), "work", "f1", 1)
	defer span.Finish(nil)
	if span.IsRecording() || tracer.Enabled() {
		t.Error("a span is made for nobody")
	}
	if got := Traceparent(ctx); !strings.HasPrefix(got, "00-") || !strings.HasSuffix(got, "-00") {
		t.Errorf("traceparent %q, want one that is not sampled", got)
	}
}

func TestLinksNameEachTraceOnce(t *testing.T) {
	t.Parallel()
	var given []string
	for i := range 3 * mostLinks {
		given = append(given, Traceparent(WithFile(context.Background(), fmt.Sprint(i/2), 1)), "nonsense", "")
	}
	seen := make(map[trace.TraceID]bool)
	for _, link := range links(given) {
		if seen[link.SpanContext.TraceID()] {
			t.Errorf("%s is linked twice", link.SpanContext.TraceID())
		}
		seen[link.SpanContext.TraceID()] = true
	}
	if len(seen) != mostLinks {
		t.Errorf("%d links, want the most that are allowed, %d", len(seen), mostLinks)
	}
}

func TestLogLinesNameTheirTrace(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := NewLogger(&out, "my-project").With("service", "test")
	ctx := WithFile(t.Context(), "f1", 1)
	log.WarnContext(ctx, "in the trace")
	log.InfoContext(t.Context(), "outside")
	in := trace.SpanContextFromContext(ctx)
	want := []map[string]any{
		{
			"severity": "WARNING", "message": "in the trace", "service": "test",
			"logging.googleapis.com/trace":         "projects/my-project/traces/" + in.TraceID().String(),
			"logging.googleapis.com/spanId":        in.SpanID().String(),
			"logging.googleapis.com/trace_sampled": false,
		},
		{"severity": "INFO", "message": "outside", "service": "test"},
	}
	var got []map[string]any
	for line := range bytes.Lines(out.Bytes()) {
		fields := make(map[string]any)
		if err := json.Unmarshal(line, &fields); err != nil {
			t.Fatal(err)
		}
		delete(fields, "time")
		got = append(got, fields)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestHastyLinesAreThinnedOut(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	now := time.Unix(0, 0)
	handler := newThinned(slog.NewTextHandler(&out, nil))
	handler.kinds.now = func() time.Time { return now }
	log := slog.New(handler)
	hasty := log.With("id", 1)
	for range burst + 7 {
		hasty.Warn("again")
		log.Error("grave")
	}
	log.Warn("something else")
	now = now.Add(period)
	hasty.Warn("again")
	hasty.Warn("again")
	counts := map[string]int{}
	for line := range strings.Lines(out.String()) {
		for _, part := range []string{"msg=again", "msg=grave", `msg="something else"`, "similar_lines_left_out=7"} {
			if strings.Contains(line, part) {
				counts[part]++
			}
		}
	}
	want := map[string]int{"msg=again": burst + 2, "msg=grave": burst + 7, `msg="something else"`: 1, "similar_lines_left_out=7": 1}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}
