// Package monitoring holds what watches over the pipeline: the metrics that its
// services export (metrics.md), the objectives that it should meet (objectives.md), the
// alerts (rules/, for Managed Prometheus), what to do about each (runbooks/) and a
// Grafana dashboard (dashboard.json).
//
// Its tests compare these with the code: every metric that is named anywhere is
// exported by running services, every exported one is documented, and every rule is
// evaluated over an incident that was recorded from the pipeline itself.
package monitoring
