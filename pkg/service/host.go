package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/version"
)

// Runtime is what a service gets from its host.
type Runtime struct {
	// Log carries the service's name.
	Log *slog.Logger
	// Tracer makes the spans of the service's work.
	Tracer *telemetry.Tracer
	// Meter makes the instruments that /metrics shows.
	Meter metric.Meter
	// Now is the clock by which files grow old.
	Now func() time.Time
	// Registry takes what has a name that no instrument can have.
	Registry prometheus.Registerer
	// HTTP serves /healthz, /readyz, /version and /metrics; a service may add its own pages
	// before it runs.
	HTTP *Routes
	// Ready adds a condition to /readyz; check may be called at any time and
	// must answer at once.
	Ready func(name string, check func() error)
}

// requestTimeout bounds a request from its first byte to the last of its answer, so that
// a client that stops sending or reading holds no connection. What takes longer by its
// nature says so by Patient. The two directions share it: net/http takes
// the end of a read's time for a client that has left.
const requestTimeout = time.Minute

// Patient gives a request to h as much time as within, or none that ends if that is 0.
func Patient(within time.Duration, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var deadline time.Time
		if within > 0 {
			deadline = time.Now().Add(max(within, requestTimeout))
		}
		control := http.NewResponseController(w)
		// A connection that has no deadlines has none to change.
		_, _ = control.SetReadDeadline(deadline), control.SetWriteDeadline(deadline)
		h.ServeHTTP(w, r)
	})
}

// Host serves one service's health, readiness and metrics.
type Host struct {
	runtime  Runtime
	listener net.Listener
	server   *http.Server
	meters   *sdkmetric.MeterProvider

	mu     sync.Mutex
	checks map[string]func() error
}

// Start listens on addr and serves at once; the service is ready when all its
// checks are.
func Start(name, addr string, log *slog.Logger, traces telemetry.Tracing) (*Host, error) {
	tracer, err := telemetry.NewTracer(context.Background(), name, traces)
	if err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	meters, err := newMeters(registry)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for health checks: %w", err)
	}
	h := &Host{
		listener: listener,
		meters:   meters,
		checks:   make(map[string]func() error),
	}
	routes := newRoutes()
	routes.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	routes.HandleFunc("GET /readyz", h.serveReady)
	routes.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, version.String()) })
	routes.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	h.runtime = Runtime{Log: log, Tracer: tracer, Meter: h.meters.Meter(name), Now: time.Now, Registry: registry, HTTP: routes, Ready: h.addCheck}
	h.server = &http.Server{
		Handler:           routes,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       requestTimeout,
		WriteTimeout:      requestTimeout,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	go func() {
		if err := h.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("health server failed", "error", err)
		}
	}()
	return h, nil
}

// Runtime is what the service is built with.
func (h *Host) Runtime() Runtime { return h.runtime }

// Addr is the bound host:port.
func (h *Host) Addr() string { return h.listener.Addr().String() }

// Close stops serving; requests in flight have a second to end.
func (h *Host) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := h.server.Shutdown(ctx)
	if err != nil {
		err = h.server.Close() // an open event stream never ends by itself
	}
	return errors.Join(err, h.meters.Shutdown(ctx), h.runtime.Tracer.Close(ctx))
}

// NotReady joins the faults of the conditions that fail now.
func (h *Host) NotReady() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var faults []error
	for name, check := range h.checks {
		if err := check(); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errors.Join(faults...)
}

func (h *Host) addCheck(name string, check func() error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.checks[name] = check
}

func (h *Host) serveReady(w http.ResponseWriter, _ *http.Request) {
	if err := h.NotReady(); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}
