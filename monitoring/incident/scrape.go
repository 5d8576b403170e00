package incident

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/stack"
)

// Services are those that are scraped, in the order of the flow.
var Services = []string{topology.Watcher, topology.Parser, topology.Writer, topology.Aggregator, topology.Reporter}

// cloudPrefix is that of what Cloud Monitoring exports, and the sandbox in its place.
const cloudPrefix = "pubsub_googleapis_com:"

// Families are what the running services of a sandbox export, by service, and under
// the empty name what the sandbox exports in Cloud Monitoring's place.
func Families(ctx context.Context, s *stack.Stack) (map[string]map[string]*dto.MetricFamily, error) {
	all := make(map[string]map[string]*dto.MetricFamily)
	for _, name := range Services {
		url := s.ServiceURL(name)
		if url == "" {
			continue // stopped: gone, as a pod would be
		}
		families, err := get(ctx, url+"/metrics")
		if err != nil {
			return nil, fmt.Errorf("scrape the %s: %w", name, err)
		}
		all[name] = families
	}
	cloud, err := get(ctx, s.MetricsURL())
	if err != nil {
		return nil, fmt.Errorf("scrape the sandbox: %w", err)
	}
	for name := range cloud {
		if !strings.HasPrefix(name, cloudPrefix) {
			delete(cloud, name)
		}
	}
	all[""] = cloud
	return all, nil
}

func get(ctx context.Context, url string) (_ map[string]*dto.MetricFamily, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if resp.StatusCode != http.StatusOK {
		return nil, errors.New(resp.Status)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(resp.Body)
}

// sample is one value of one series.
type sample struct {
	key     string // the labels, in order
	labels  map[string]string
	counter bool
	value   float64
}

// samples flattens families as a scrape does: a histogram becomes its buckets, its sum
// and its count. What Go's runtime says of itself is left out.
func samples(all map[string]map[string]*dto.MetricFamily) []sample {
	var flat []sample
	for service, families := range all {
		for name, family := range families {
			if strings.HasPrefix(name, "go_") || strings.HasPrefix(name, "process_") && name != "process_uptime_seconds" {
				continue
			}
			for _, m := range family.GetMetric() {
				add := func(suffix string, counter bool, value float64, more ...string) {
					labels := map[string]string{"__name__": name + suffix}
					if service != "" {
						labels["service"] = service
					}
					for _, pair := range m.GetLabel() {
						labels[pair.GetName()] = pair.GetValue()
					}
					for i := 0; i < len(more); i += 2 {
						labels[more[i]] = more[i+1]
					}
					flat = append(flat, sample{keyOf(labels), labels, counter, value})
				}
				switch {
				case m.Counter != nil:
					add("", true, m.GetCounter().GetValue())
				case m.Gauge != nil:
					add("", false, m.GetGauge().GetValue())
				case m.Histogram != nil:
					h := m.GetHistogram()
					for _, b := range h.GetBucket() {
						add("_bucket", true, float64(b.GetCumulativeCount()), "le", strconv.FormatFloat(b.GetUpperBound(), 'g', -1, 64))
					}
					add("_bucket", true, float64(h.GetSampleCount()), "le", "+Inf")
					add("_sum", true, h.GetSampleSum())
					add("_count", true, float64(h.GetSampleCount()))
				}
			}
		}
	}
	return flat
}

func keyOf(labels map[string]string) string {
	pairs := make([]string, 0, len(labels))
	for name, value := range labels {
		pairs = append(pairs, name+"="+strconv.Quote(value))
	}
	slices.Sort(pairs)
	return strings.Join(pairs, ",")
}
