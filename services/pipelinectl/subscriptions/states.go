// Package subscriptions tells how far subscriptions have come. Pub/Sub itself does not say
// what waits; Cloud Monitoring does, sampled once a minute and up to two minutes late.
package subscriptions

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/api/monitoring/v3"
)

// The metrics of Pub/Sub that are read, and how far back.
const (
	metricAge     = "pubsub.googleapis.com/subscription/oldest_unacked_message_age"
	metricWaiting = "pubsub.googleapis.com/subscription/num_undelivered_messages"
	metricAcked   = "pubsub.googleapis.com/subscription/ack_message_count"
	metricLag     = 10 * time.Minute
)

// State is that of a subscription at its newest samples.
type State struct {
	// Waiting are the messages that are not acknowledged, and Oldest the age of the oldest.
	Waiting int64
	Oldest  time.Duration
	// PerSecond is how many messages were acknowledged a second.
	PerSecond float64
}

// States are those of the project's subscriptions that Cloud Monitoring has samples of.
func States(ctx context.Context, client *monitoring.Service, project string, now time.Time) (map[string]State, error) {
	states := make(map[string]State)
	for _, read := range []struct {
		metric string
		into   func(*State, *monitoring.Point) error
	}{
		{metricAge, func(s *State, p *monitoring.Point) error {
			s.Oldest = time.Duration(*p.Value.Int64Value) * time.Second
			return nil
		}},
		{metricWaiting, func(s *State, p *monitoring.Point) error { s.Waiting = *p.Value.Int64Value; return nil }},
		{metricAcked, func(s *State, p *monitoring.Point) error {
			from, err := time.Parse(time.RFC3339Nano, p.Interval.StartTime)
			if err != nil {
				return err
			}
			to, err := time.Parse(time.RFC3339Nano, p.Interval.EndTime)
			if seconds := to.Sub(from).Seconds(); err == nil && seconds > 0 {
				// There is a series for each way of delivery.
				s.PerSecond += float64(*p.Value.Int64Value) / seconds
			}
			return err
		}},
	} {
		err := client.Projects.TimeSeries.List("projects/"+project).
			Filter(fmt.Sprintf("metric.type = %q AND resource.type = \"pubsub_subscription\"", read.metric)).
			IntervalStartTime(now.Add(-metricLag).Format(time.RFC3339)).IntervalEndTime(now.Format(time.RFC3339)).
			Pages(ctx, func(page *monitoring.ListTimeSeriesResponse) error {
				for _, series := range page.TimeSeries {
					// The points of a series come newest first.
					if len(series.Points) == 0 || series.Points[0].Value.Int64Value == nil {
						continue
					}
					id := series.Resource.Labels["subscription_id"]
					state := states[id]
					if err := read.into(&state, series.Points[0]); err != nil {
						return err
					}
					states[id] = state
				}
				return nil
			})
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", read.metric, err)
		}
	}
	return states, nil
}
