package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"

	collectorv1 "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/local"
)

// Comparison is what traces cost: the same load with and without them.
type Comparison struct {
	// Off and On are the rounds, which took turns, so that a machine that slows down
	// slows both.
	Off []Report `json:"off"`
	On  []Report `json:"on"`
	// Spans is how many were exported in all rounds.
	Spans int64 `json:"spans"`
	// The best round with traces against the best without, in per cent.
	ThroughputChange float64 `json:"throughput_change_percent"`
	CPUChange        float64 `json:"cpu_change_percent"`
}

// Measured tells whether any round was measured.
func (c *Comparison) Measured() bool { return len(c.Off)+len(c.On) > 0 }

// Right tells whether every round had the right outcome.
func (c *Comparison) Right() bool {
	for _, rounds := range [][]Report{c.Off, c.On} {
		for i := range rounds {
			if !rounds[i].Right() {
				return false
			}
		}
	}
	return true
}

// Compare measures rounds times without traces and with the trace of every file sent
// to a collector in this process, which only counts.
func Compare(ctx context.Context, cfg Config, rounds int) (_ Comparison, err error) {
	var result Comparison
	if cfg.Sandbox == "" {
		dir, err := os.MkdirTemp("", "pipelinectl-bench-")
		if err != nil {
			return result, err
		}
		defer os.RemoveAll(dir)
		cfg.Progress("building the sandbox", 0, 0)
		cfg.Sandbox = filepath.Join(dir, local.Sandbox)
		if err := local.Build(ctx, dir, cfg.Stderr, local.Sandbox); err != nil {
			return result, err
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return result, fmt.Errorf("listen for traces: %w", err)
	}
	spans, server := &spanCounter{}, grpc.NewServer()
	collectorv1.RegisterTraceServiceServer(server, spans)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	defer func() {
		server.Stop()
		err = errors.Join(err, <-ended)
	}()
	for range rounds {
		for _, traced := range []bool{false, true} {
			cfg.env = []string{"OTEL_EXPORTER_OTLP_ENDPOINT="}
			if traced {
				cfg.env = []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://" + listener.Addr().String(), "TRACE_SAMPLE_RATIO=1"}
			}
			report, err := Run(ctx, cfg)
			switch {
			case !report.Measured():
			case traced:
				result.On = append(result.On, report)
			default:
				result.Off = append(result.Off, report)
			}
			if err != nil {
				return result, err
			}
		}
	}
	result.Spans = spans.n.Load()
	if result.Spans == 0 {
		return result, errors.New("no span arrived: there is nothing to compare")
	}
	off, on := best(result.Off), best(result.On)
	result.ThroughputChange = change(off.OrdersPerSecond, on.OrdersPerSecond)
	result.CPUChange = change(off.CPUSeconds, on.CPUSeconds)
	return result, nil
}

func best(rounds []Report) Report {
	top := rounds[0]
	for _, r := range rounds[1:] {
		if r.OrdersPerSecond > top.OrdersPerSecond {
			top = r
		}
	}
	return top
}

func change(from, to float64) float64 {
	if from == 0 {
		return 0 // not measured on this system
	}
	return 100 * (to - from) / from
}

// spanCounter is a collector of traces that keeps none.
type spanCounter struct {
	collectorv1.UnimplementedTraceServiceServer
	n atomic.Int64
}

// Export implements the collector's side of OTLP.
func (c *spanCounter) Export(_ context.Context, r *collectorv1.ExportTraceServiceRequest) (*collectorv1.ExportTraceServiceResponse, error) {
	for _, from := range r.GetResourceSpans() {
		for _, scope := range from.GetScopeSpans() {
			c.n.Add(int64(len(scope.GetSpans())))
		}
	}
	return &collectorv1.ExportTraceServiceResponse{}, nil
}
