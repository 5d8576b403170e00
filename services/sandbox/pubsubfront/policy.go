package pubsubfront

import (
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/labels"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/queue"
)

// Bounds and defaults from the comments of google.pubsub.v1.Subscription.
const (
	minAckDeadline = 10 // seconds
	maxAckDeadline = 600

	defaultRetention = 7 * 24 * time.Hour
	minRetention     = 10 * time.Minute
	maxRetention     = 31 * 24 * time.Hour

	defaultExpiration = 31 * 24 * time.Hour
	minExpiration     = 24 * time.Hour

	defaultMinBackoff = 10 * time.Second
	defaultMaxBackoff = 600 * time.Second
	maxBackoff        = 600 * time.Second

	defaultAttempts = 5
	minAttempts     = 5
	maxAttempts     = 100
)

// policy is what a subscription's settings mean for delivery.
type policy struct {
	ackDeadline     time.Duration
	deadLetterTopic string // empty without a dead-letter policy
	queue.Policy
}

// normalize fills in the defaults of a subscription's settings and refuses
// those that are out of bounds or that this package does not offer.
func normalize(sub *pubsubpb.Subscription) error {
	if err := refuseUnoffered(sub); err != nil {
		return err
	}
	if err := labels.Check(sub.Labels); err != nil {
		return errInvalid("Invalid label: %v.", err)
	}
	switch s := sub.AckDeadlineSeconds; {
	case s == 0:
		sub.AckDeadlineSeconds = minAckDeadline
	case s < minAckDeadline || s > maxAckDeadline:
		return errInvalid("Invalid ack deadline given (ack_deadline_secs=%d): it must be between %d and %d seconds.", s, minAckDeadline, maxAckDeadline)
	}
	if sub.MessageRetentionDuration == nil {
		sub.MessageRetentionDuration = durationpb.New(defaultRetention)
	}
	if err := checkDuration("message retention duration", sub.MessageRetentionDuration, minRetention, maxRetention); err != nil {
		return err
	}
	if sub.ExpirationPolicy == nil {
		sub.ExpirationPolicy = &pubsubpb.ExpirationPolicy{Ttl: durationpb.New(defaultExpiration)}
	}
	if ttl := sub.ExpirationPolicy.Ttl; ttl != nil && (ttl.CheckValid() != nil || ttl.AsDuration() < minExpiration) {
		return errInvalid("Invalid expiration policy ttl given: it must be at least %s.", minExpiration)
	}
	if sub.PushConfig == nil {
		sub.PushConfig = &pubsubpb.PushConfig{} // the real service shows that it pulls
	}
	if r := sub.RetryPolicy; r != nil {
		if r.MinimumBackoff == nil {
			r.MinimumBackoff = durationpb.New(defaultMinBackoff)
		}
		if r.MaximumBackoff == nil {
			r.MaximumBackoff = durationpb.New(defaultMaxBackoff)
		}
		for _, d := range []*durationpb.Duration{r.MinimumBackoff, r.MaximumBackoff} {
			if err := checkDuration("backoff", d, 0, maxBackoff); err != nil {
				return err
			}
		}
		if r.MinimumBackoff.AsDuration() > r.MaximumBackoff.AsDuration() {
			return errInvalid("The minimum backoff must not be greater than the maximum backoff.")
		}
	}
	if d := sub.DeadLetterPolicy; d != nil {
		if d.MaxDeliveryAttempts == 0 {
			d.MaxDeliveryAttempts = defaultAttempts
		}
		if n := d.MaxDeliveryAttempts; n < minAttempts || n > maxAttempts {
			return errInvalid("Invalid maximum delivery attempts given (max_delivery_attempts=%d): it must be between %d and %d.", n, minAttempts, maxAttempts)
		}
		if err := checkName(d.DeadLetterTopic, "topics"); err != nil {
			return err
		}
	}
	if _, err := parseFilter(sub.Filter); err != nil {
		return err
	}
	sub.State = pubsubpb.Subscription_ACTIVE
	sub.TopicMessageRetentionDuration = nil // shown, never set
	return nil
}

func refuseUnoffered(sub *pubsubpb.Subscription) error {
	for _, f := range []struct {
		set  bool
		what string
	}{
		{sub.GetPushConfig().GetPushEndpoint() != "" || sub.GetPushConfig().GetAuthenticationMethod() != nil, "push subscriptions"},
		{sub.BigqueryConfig != nil, "BigQuery subscriptions"},
		{sub.CloudStorageConfig != nil, "Cloud Storage subscriptions"},
		{sub.BigtableConfig != nil, "Bigtable subscriptions"},
		{sub.EnableMessageOrdering, "message ordering (enable_message_ordering)"},
		{sub.EnableExactlyOnceDelivery, "exactly-once delivery (enable_exactly_once_delivery)"},
		{len(sub.MessageTransforms) > 0, "message transforms"},
		{sub.Detached, "detached subscriptions"},
	} {
		if f.set {
			return errUnimplemented(f.what)
		}
	}
	return nil
}

func checkDuration(what string, d *durationpb.Duration, low, high time.Duration) error {
	if v := d.AsDuration(); d.CheckValid() != nil || v < low || v > high {
		return errInvalid("Invalid %s given: it must be between %s and %s.", what, low, high)
	}
	return nil
}

// deliveryPolicy is that of a subscription whose topic may retain messages for longer than it
// does itself. Callers hold admin, or are the only ones yet.
func (s *Server) deliveryPolicy(sub *pubsubpb.Subscription) policy {
	p := policyOf(sub)
	if t := s.topics[sub.Topic]; t != nil {
		p.Retention = max(p.Retention, t.config.MessageRetentionDuration.AsDuration())
	}
	return p
}

// policyOf reads a normalized subscription.
func policyOf(sub *pubsubpb.Subscription) policy {
	p := policy{
		ackDeadline: time.Duration(sub.AckDeadlineSeconds) * time.Second,
		Policy:      queue.Policy{Retention: sub.MessageRetentionDuration.AsDuration()},
	}
	if r := sub.RetryPolicy; r != nil {
		p.Retry = true
		p.MinBackoff, p.MaxBackoff = r.MinimumBackoff.AsDuration(), r.MaximumBackoff.AsDuration()
	}
	if d := sub.DeadLetterPolicy; d != nil {
		p.deadLetterTopic, p.MaxAttempts = d.DeadLetterTopic, uint32(d.MaxDeliveryAttempts)
	}
	if f, _ := parseFilter(sub.Filter); f.root != nil { // normalize checked it
		p.Keep = f.matches
	}
	return p
}
