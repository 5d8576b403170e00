package stack

import (
	"context"
	"log/slog"
	"path"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/embedded"
)

// backlogTimeout bounds the look at the backlogs for one scrape.
const backlogTimeout = 5 * time.Second

// backlogs shows the subscriptions of the embedded Pub/Sub as Cloud Monitoring shows
// those of the real one to PromQL, under the same names
// (cloud.google.com/monitoring/promql/promql-mapping). Cloud Monitoring is minutes
// behind; this is not.
type backlogs struct {
	cloud            *embedded.Cloud
	log              *slog.Logger
	messages, oldest *prometheus.Desc
}

func newBacklogs(cloud *embedded.Cloud, log *slog.Logger) *backlogs {
	desc := func(metric, help string) *prometheus.Desc {
		return prometheus.NewDesc("pubsub_googleapis_com:subscription_"+metric, help,
			[]string{"project_id", "subscription_id"}, prometheus.Labels{"monitored_resource": "pubsub_subscription"})
	}
	return &backlogs{
		cloud: cloud, log: log,
		messages: desc("num_undelivered_messages", "Messages not acknowledged, by subscription"),
		oldest:   desc("oldest_unacked_message_age", "Age in seconds of the oldest message not acknowledged, by subscription; 0 without one"),
	}
}

// Describe implements prometheus.Collector.
func (b *backlogs) Describe(descs chan<- *prometheus.Desc) {
	descs <- b.messages
	descs <- b.oldest
}

// Collect implements prometheus.Collector.
func (b *backlogs) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), backlogTimeout)
	defer cancel()
	all, err := b.cloud.Backlogs(ctx)
	if err != nil {
		b.log.WarnContext(ctx, "backlogs not known", "error", err)
	}
	for _, backlog := range all {
		age := 0.0
		if backlog.Messages > 0 {
			age = max(0, time.Since(backlog.Oldest).Seconds())
		}
		labels := []string{ProjectID, path.Base(backlog.Subscription)}
		metrics <- prometheus.MustNewConstMetric(b.messages, prometheus.GaugeValue, float64(backlog.Messages), labels...)
		metrics <- prometheus.MustNewConstMetric(b.oldest, prometheus.GaugeValue, age, labels...)
	}
}
