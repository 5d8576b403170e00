package telemetry

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Span is one service's work on a file, or on several.
type Span struct{ trace.Span }

// Finish ends the span; a work's error is what became of it.
func (s Span) Finish(err error) {
	if err != nil {
		s.SetStatus(codes.Error, err.Error())
	}
	s.End()
}

// WithFile gives a context in the trace of a file's revision: ctx itself if it is in
// that trace already, and otherwise one below the trace's root.
func WithFile(ctx context.Context, fileID string, revision int64) context.Context {
	root := rootOf(fileID, revision)
	if trace.SpanContextFromContext(ctx).TraceID() == root.TraceID() {
		return ctx
	}
	return trace.ContextWithRemoteSpanContext(ctx, root)
}

// rootOf derives a trace's id, and that of its root, from the file's. No service
// exports the root: it is where all of them meet.
func rootOf(fileID string, revision int64) trace.SpanContext {
	hash := sha256.New()
	hash.Write([]byte("trace\x00" + fileID + "\x00"))
	hash.Write(binary.BigEndian.AppendUint64(nil, uint64(revision)))
	sum := hash.Sum(nil)
	return trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID(sum[:16]), SpanID: trace.SpanID(sum[16:24]), Remote: true,
	})
}

// traceContext reads and writes the header of W3C Trace Context.
var traceContext propagation.TraceContext

const traceparentHeader = "traceparent"

// Traceparent is what the attribute traceparent of a message says that is published in
// ctx; empty outside of any trace.
func Traceparent(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	traceContext.Inject(ctx, carrier)
	return carrier[traceparentHeader]
}

// Extract gives a context in the trace that a message's attribute traceparent names. What
// is no such name is passed over: the attribute may be a stranger's.
func Extract(ctx context.Context, traceparent string) context.Context {
	if traceparent == "" {
		return ctx
	}
	return traceContext.Extract(ctx, propagation.MapCarrier{traceparentHeader: traceparent})
}

// mostLinks is OpenTelemetry's default limit on the links of a span.
const mostLinks = 128

func links(traceparents []string) []trace.Link {
	traceparents = slices.Clone(traceparents)
	slices.Sort(traceparents)
	var links []trace.Link
	for _, traceparent := range slices.Compact(traceparents) {
		if len(links) == mostLinks {
			break
		}
		if linked := trace.SpanContextFromContext(Extract(context.Background(), traceparent)); linked.IsValid() {
			links = append(links, trace.Link{SpanContext: linked})
		}
	}
	return links
}
