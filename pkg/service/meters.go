package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// newMeters opens OpenTelemetry's instruments onto a registry, and adds what every
// service shows of itself: its uptime, and what Go and the system say of the process.
func newMeters(registry *prometheus.Registry) (*sdkmetric.MeterProvider, error) {
	// The scrape names the service; scope and target would repeat it on every series.
	exporter, err := otelprometheus.New(otelprometheus.WithRegisterer(registry),
		otelprometheus.WithoutScopeInfo(), otelprometheus.WithoutTargetInfo())
	if err != nil {
		return nil, fmt.Errorf("open the metrics exporter: %w", err)
	}
	meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter))
	started := time.Now()
	_, uptimeErr := meters.Meter("service").Float64ObservableGauge("process.uptime",
		metric.WithUnit("s"), metric.WithDescription("Time since the service started"),
		metric.WithFloat64Callback(func(_ context.Context, o metric.Float64Observer) error {
			o.Observe(time.Since(started).Seconds())
			return nil
		}))
	if err := errors.Join(uptimeErr, registry.Register(collectors.NewGoCollector()),
		registry.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))); err != nil {
		return nil, fmt.Errorf("register the metrics of the process: %w", err)
	}
	return meters, nil
}
