// Package telemetry is how the pipeline is watched from outside: the traces, the logs
// and the metrics of a process, in the forms of OpenTelemetry, Cloud Logging and
// Prometheus.
//
// A file's way from its landing to the archive is one trace. The trace's id is derived
// from the file's, so that whoever meets the file again, after a crash or in a sweep,
// goes on with the same trace, and no service must have seen the one before. Messages
// carry the trace in their attribute traceparent (W3C Trace Context). Work on many
// files at once is a span of its own, linked to the trace of each.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Tracing is the part of a service's configuration that says where its traces go.
type Tracing struct {
	OTLPEndpoint     string  `envconfig:"OTEL_EXPORTER_OTLP_ENDPOINT" desc:"URL of an OpenTelemetry collector that takes traces by gRPC, such as http://collector:4317; empty: no spans are made"`
	TraceSampleRatio float64 `envconfig:"TRACE_SAMPLE_RATIO" default:"1" desc:"Share of the files (0 to 1) whose traces are exported; all services agree on which"`
}

// TracesTo is itself; a service's configuration that embeds it has the method.
func (t Tracing) TracesTo() Tracing { return t }

// Validate names the variables at fault.
func (t Tracing) Validate() error {
	if !(t.TraceSampleRatio >= 0 && t.TraceSampleRatio <= 1) {
		return fmt.Errorf("TRACE_SAMPLE_RATIO must be from 0 to 1, is %v", t.TraceSampleRatio)
	}
	return nil
}

// Tracer makes a service's spans. The zero value makes none and costs nothing.
type Tracer struct {
	tracer   trace.Tracer
	provider *sdktrace.TracerProvider // nil: no spans are made
}

// NewTracer opens the exporter of a service's spans, if there is to be one. A collector
// that cannot be reached costs spans, never work: they are sent from a bounded queue.
func NewTracer(ctx context.Context, service string, t Tracing) (*Tracer, error) {
	if t.OTLPEndpoint == "" {
		return &Tracer{}, nil
	}
	exporter, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpointURL(t.OTLPEndpoint))
	if err != nil {
		return nil, fmt.Errorf("open the exporter of traces to %s: %w", t.OTLPEndpoint, err)
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter, sdktrace.WithBatchTimeout(time.Second)),
		// By the id alone, which is the file's: every service decides the same.
		sdktrace.WithSampler(sdktrace.TraceIDRatioBased(t.TraceSampleRatio)),
		sdktrace.WithResource(resource.NewSchemaless(
			attribute.String("service.namespace", "order-pipeline"), attribute.String("service.name", service))),
	)
	return &Tracer{tracer: provider.Tracer("github.com/zackkki/ecomm_datapipeline"), provider: provider}, nil
}

// Enabled tells whether spans are made, for work that is done for them alone.
func (t *Tracer) Enabled() bool { return t.provider != nil }

// StartFile begins a span of a file's trace: the child of ctx's span if that is one of
// the same trace. Revision is the file's, from 1; each is a trace of its own.
func (t *Tracer) StartFile(ctx context.Context, name, fileID string, revision int64) (context.Context, Span) {
	ctx = WithFile(ctx, fileID, revision)
	if !t.Enabled() {
		return ctx, Span{trace.SpanFromContext(ctx)}
	}
	ctx, span := t.tracer.Start(ctx, name, trace.WithAttributes(
		attribute.String("pipeline.file.id", fileID), attribute.Int64("pipeline.file.revision", revision)))
	return ctx, Span{span}
}

// StartLinked begins a span of a trace of its own, for work on the traces that the
// values of the attribute traceparent name. At most 128 are linked.
func (t *Tracer) StartLinked(ctx context.Context, name string, traceparents []string) (context.Context, Span) {
	if !t.Enabled() {
		return ctx, Span{trace.SpanFromContext(ctx)}
	}
	ctx, span := t.tracer.Start(ctx, name, trace.WithNewRoot(), trace.WithLinks(links(traceparents)...))
	return ctx, Span{span}
}

// Start begins a span of work that is of no file: a child of ctx's span, or the first
// of a trace.
func (t *Tracer) Start(ctx context.Context, name string, attributes ...attribute.KeyValue) (context.Context, Span) {
	if !t.Enabled() {
		return ctx, Span{trace.SpanFromContext(ctx)}
	}
	ctx, span := t.tracer.Start(ctx, name, trace.WithAttributes(attributes...))
	return ctx, Span{span}
}

// Close sends what is queued, until ctx is done.
func (t *Tracer) Close(ctx context.Context) error {
	if t.provider == nil {
		return nil
	}
	if err := errors.Join(t.provider.ForceFlush(ctx), t.provider.Shutdown(ctx)); err != nil {
		return fmt.Errorf("send the last spans: %w", err)
	}
	return nil
}
