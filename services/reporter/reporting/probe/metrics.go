package probe

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// readMetrics sums each family of the Prometheus text format over its labels.
func readMetrics(text []byte) ([]serviceCount, error) {
	reader := expfmt.NewTextParser(model.UTF8Validation)
	families, err := reader.TextToMetricFamilies(strings.NewReader(string(text)))
	if err != nil {
		return nil, fmt.Errorf("read metrics: %w", err)
	}
	counts := []serviceCount{}
	for _, name := range slices.Sorted(maps.Keys(families)) {
		family := families[name]
		c := serviceCount{Name: name, Help: family.GetHelp(), Kind: strings.ToLower(family.GetType().String())}
		var total float64
		for _, m := range family.GetMetric() {
			switch family.GetType() {
			case dto.MetricType_COUNTER:
				c.Sum += m.GetCounter().GetValue()
			case dto.MetricType_GAUGE:
				c.Sum += m.GetGauge().GetValue()
			case dto.MetricType_HISTOGRAM:
				c.Sum += float64(m.GetHistogram().GetSampleCount())
				total += m.GetHistogram().GetSampleSum()
			}
		}
		if family.GetType() == dto.MetricType_HISTOGRAM && c.Sum > 0 {
			mean := total / c.Sum
			c.Mean = &mean
		}
		// A number that JSON lacks says nothing.
		if !isRuntime(name) && !math.IsNaN(c.Sum) && !math.IsInf(c.Sum, 0) && (c.Mean == nil || !math.IsNaN(*c.Mean) && !math.IsInf(*c.Mean, 0)) {
			counts = append(counts, c)
		}
	}
	return counts, nil
}

// isRuntime tells metrics of Go's runtime and of the process from those of the service,
// which are what the page is about.
func isRuntime(name string) bool {
	return strings.HasPrefix(name, "go_") || strings.HasPrefix(name, "process_") && name != "process_uptime_seconds" && name != "process_resident_memory_bytes"
}
