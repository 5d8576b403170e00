package telemetry

import (
	"context"
	"io"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

// NewLogger logs JSON lines with the keys that Cloud Logging reads
// (cloud.google.com/logging/docs/structured-logging): a line that is logged in a file's
// trace names it, in the form that the Logs Explorer follows if project is given. What
// repeats in haste is thinned out, see thinned.
func NewLogger(w io.Writer, project string) *slog.Logger {
	lines := slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: cloudKeys})
	return slog.New(newThinned(&correlated{lines, project}))
}

func cloudKeys(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	switch a.Key {
	case slog.LevelKey:
		if a.Value.String() == slog.LevelWarn.String() {
			return slog.String("severity", "WARNING")
		}
		return slog.Attr{Key: "severity", Value: a.Value}
	case slog.MessageKey:
		return slog.Attr{Key: "message", Value: a.Value}
	}
	return a
}

// loggingField begins the names of the fields that Cloud Logging takes out of a line.
const loggingField = "logging.googleapis.com/"

// correlated adds the trace of a line's context.
type correlated struct {
	slog.Handler
	project string
}

// Handle implements slog.Handler.
func (h *correlated) Handle(ctx context.Context, r slog.Record) error {
	if in := trace.SpanContextFromContext(ctx); in.IsValid() {
		name := in.TraceID().String()
		if h.project != "" {
			name = "projects/" + h.project + "/traces/" + name
		}
		r.AddAttrs(
			slog.String(loggingField+"trace", name),
			slog.String(loggingField+"spanId", in.SpanID().String()),
			slog.Bool(loggingField+"trace_sampled", in.IsSampled()))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h *correlated) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &correlated{h.Handler.WithAttrs(attrs), h.project}
}

// WithGroup implements slog.Handler.
func (h *correlated) WithGroup(name string) slog.Handler {
	return &correlated{h.Handler.WithGroup(name), h.project}
}
