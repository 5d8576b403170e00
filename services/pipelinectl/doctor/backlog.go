package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"google.golang.org/api/monitoring/v3"
	"google.golang.org/api/option"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// Metrics of subscriptions. Pub/Sub itself does not tell what waits; Cloud
// Monitoring does, sampled once a minute and up to two minutes late.
const (
	metricAge     = "pubsub.googleapis.com/subscription/oldest_unacked_message_age"
	metricWaiting = "pubsub.googleapis.com/subscription/num_undelivered_messages"
	metricLag     = 10 * time.Minute
)

// backlog looks at the oldest message that each subscription has not acknowledged.
func (e *examiner) backlog(ctx context.Context) {
	const check = "backlog"
	if e.cfg.PubSubHost != "" {
		e.add(check, Skip, "an embedded Pub/Sub reports to no Cloud Monitoring", "")
		return
	}
	if !e.needs(check, apiPubSub) {
		return
	}
	e.measure(ctx, check)
}

func (e *examiner) measure(ctx context.Context, check string, options ...option.ClientOption) {
	ages, err := e.newest(ctx, metricAge, options)
	if err != nil {
		e.add(check, Warn, err.Error(), "Switch the API on (gcloud services enable monitoring.googleapis.com) and ask for roles/monitoring.viewer.")
		return
	}
	waiting, err := e.newest(ctx, metricWaiting, options)
	if err != nil {
		e.add(check, Warn, err.Error(), "Ask again.")
		return
	}
	late := 0
	for _, id := range topology.Subscriptions() {
		for _, id := range []string{id, topology.DeadLetterSubscription(id)} {
			age := time.Duration(ages[id]) * time.Second
			if age <= e.opts.BacklogAge {
				continue
			}
			late++
			service := id[strings.LastIndexByte(id, '.')+1:]
			e.add(check, Fail, fmt.Sprintf("%s: %d messages wait, the oldest for %s", id, waiting[id], age),
				"Look at the readiness and the log of the "+service+", and whether it is scaled to the load.")
		}
	}
	switch {
	case len(ages) == 0:
		e.add(check, Skip, "Cloud Monitoring has no samples of the subscriptions yet", "")
	case late == 0:
		e.ok(check, fmt.Sprintf("no message waits longer than %s", e.opts.BacklogAge))
	}
}

// newest is the last sample of a metric for each subscription.
func (e *examiner) newest(ctx context.Context, metric string, options []option.ClientOption) (map[string]int64, error) {
	service, err := monitoring.NewService(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("open the Cloud Monitoring client: %w", err)
	}
	now := e.opts.Now()
	newest := make(map[string]int64)
	err = service.Projects.TimeSeries.List("projects/"+e.cfg.ProjectID).
		Filter(fmt.Sprintf("metric.type = %q AND resource.type = \"pubsub_subscription\"", metric)).
		IntervalStartTime(now.Add(-metricLag).Format(time.RFC3339)).IntervalEndTime(now.Format(time.RFC3339)).
		Pages(ctx, func(page *monitoring.ListTimeSeriesResponse) error {
			for _, series := range page.TimeSeries {
				// The points of a series come newest first.
				if len(series.Points) > 0 && series.Points[0].Value.Int64Value != nil {
					newest[series.Resource.Labels["subscription_id"]] = *series.Points[0].Value.Int64Value
				}
			}
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", metric, err)
	}
	return newest, nil
}
