package dashboard

import (
	"context"
	"encoding/hex"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/trace"
	collectorv1 "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"

	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// collector keeps the spans that services send to it.
type collector struct {
	collectorv1.UnimplementedTraceServiceServer
	mu    sync.Mutex
	spans map[string][]*tracev1.Span // by service
}

// Export implements the collector's side of OTLP.
func (c *collector) Export(_ context.Context, r *collectorv1.ExportTraceServiceRequest) (*collectorv1.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, from := range r.GetResourceSpans() {
		for _, attribute := range from.GetResource().GetAttributes() {
			if attribute.GetKey() == "service.name" {
				service := attribute.GetValue().GetStringValue()
				for _, scope := range from.GetScopeSpans() {
					c.spans[service] = append(c.spans[service], scope.GetSpans()...)
				}
			}
		}
	}
	return &collectorv1.ExportTraceServiceResponse{}, nil
}

// work lists what was done in a trace, or on it among others, by service.
func (c *collector) work(id trace.TraceID) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var found []string
	for service, spans := range c.spans {
		for _, span := range spans {
			if hex.EncodeToString(span.GetTraceId()) == id.String() {
				found = append(found, service+": "+span.GetName())
			}
			for _, link := range span.GetLinks() {
				if hex.EncodeToString(link.GetTraceId()) == id.String() {
					found = append(found, service+": "+span.GetName()+" (linked)")
				}
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// startCollector takes traces until the test ends.
func startCollector(t *testing.T) (*collector, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c, server := &collector{spans: make(map[string][]*tracev1.Span)}, grpc.NewServer()
	collectorv1.RegisterTraceServiceServer(server, c)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return c, "http://" + listener.Addr().String()
}

// TestTrace follows files by the traces that their ids are derived to, from the
// landing to the archive, and once more when one is read again.
func TestTrace(t *testing.T) {
	t.Parallel()
	traces, url := startCollector(t)
	config := harness.NewConfig(t.TempDir(), "all")
	config.Variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = url
	p := harness.StartWith(t, config)
	const files = 3
	for i := range files {
		p.Land(t, fmt.Sprintf("orders/%d.json", i), []byte(harness.Order(fmt.Sprintf("o-%d", i), 1, "P-1", "C-1", "10.00")))
	}
	p.AwaitFiles(t, files)
	follow := func(file string, revision int64, want ...string) {
		t.Helper()
		id := trace.SpanContextFromContext(telemetry.WithFile(t.Context(), file, revision)).TraceID()
		var got []string
		harness.Await(t, "the spans", func() (bool, error) {
			got = traces.work(id)
			return len(got) >= len(want), nil
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("trace of %s, revision %d (-want +got):\n%s", file, revision, diff)
		}
	}
	reading := []string{
		"aggregator: load file", "aggregator: load transaction (linked)", "parser: parse file", "reporter: show file",
		"watcher: claim file", "watcher: put file away", "writer: append rows (linked)",
	}
	for i := range files {
		follow(p.FileID(t, fmt.Sprintf("orders/%d.json", i)), 1, reading...)
	}
	again := p.FileID(t, "orders/0.json")
	p.BringBack(t, 1, "reprocess", again)
	follow(again, 2, slices.DeleteFunc(slices.Clone(reading), func(s string) bool { return s == "watcher: claim file" })...)
}
