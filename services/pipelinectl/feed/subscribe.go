// Package feed is for teams that read the pipeline's feeds: it makes a subscription with the
// settings that a consumer needs, and shows messages as they come.
package feed

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/access"
)

// Wish is the subscription that a consumer wants.
type Wish struct {
	Name, Topic string
	// Filter is Pub/Sub's, over attributes; it cannot be changed afterwards.
	Filter        string
	MaxDeliveries int
	// Expires is after how long without a reader the subscription is deleted; 0: never.
	Expires time.Duration
	DryRun  bool
}

// What becomes of a resource.
const (
	created   = "created"
	updated   = "updated"
	unchanged = "unchanged"
)

// Done is what became of one resource: created, updated or unchanged.
type Done struct {
	Resource string `bigquery:"resource"`
	Outcome  string `bigquery:"outcome"`
}

// ErrWish is a subscription that cannot be made as it is wanted.
var ErrWish = errors.New("this subscription cannot be made")

// Pub/Sub's own rules (cloud.google.com/pubsub/docs/pubsub-basics#resource_names and
// docs/handling-failures).
var validName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9\-_.~+%]{2,239}$`)

const (
	leastDeliveries, mostDeliveries = 5, 100
	leastExpiry                     = 24 * time.Hour
)

func (w Wish) validate() error {
	switch {
	case !validName.MatchString(w.Name) || strings.HasPrefix(w.Name, "goog"):
		return fmt.Errorf("%w: a name has 3 to 240 letters, digits and -_.~+%%, and begins with a letter, not with goog", ErrWish)
	case slices.Contains(topology.Subscriptions(), w.Name):
		return fmt.Errorf("%w: %s is one of the pipeline's own", ErrWish, w.Name)
	case !slices.Contains(topology.Feeds(), w.Topic):
		return fmt.Errorf("%w: the feeds are %s, and not %q", ErrWish, strings.Join(topology.Feeds(), " and "), w.Topic)
	case w.MaxDeliveries < leastDeliveries || w.MaxDeliveries > mostDeliveries:
		return fmt.Errorf("%w: deliveries are from %d to %d", ErrWish, leastDeliveries, mostDeliveries)
	case w.Expires != 0 && w.Expires < leastExpiry:
		return fmt.Errorf("%w: it expires after %v at the soonest, or never (0)", ErrWish, leastExpiry)
	}
	return nil
}

// Subscribe makes or mends a consumer's subscription, the topic that takes what it gives up,
// and a subscription that keeps that. Running it again changes nothing.
func Subscribe(ctx context.Context, cfg cloud.Config, w Wish) (done []Done, err error) {
	if err := w.validate(); err != nil {
		return nil, err
	}
	client, err := cfg.NewPubSub(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	project := "projects/" + cfg.ProjectID
	labels := map[string]string{"app": "order-pipeline", "consumer": "yes"}
	letters := topology.DeadLetterTopic(w.Name)
	if !w.DryRun {
		_, err := client.TopicAdminClient.CreateTopic(ctx, &pubsubpb.Topic{Name: project + "/topics/" + letters, Labels: labels})
		if done, err = noted(done, "topic "+letters, err); err != nil {
			return done, err
		}
	}
	expires := &pubsubpb.ExpirationPolicy{} // never
	if w.Expires > 0 {
		expires.Ttl = durationpb.New(w.Expires)
	}
	for _, sub := range []*pubsubpb.Subscription{
		{
			Name: project + "/subscriptions/" + w.Name, Topic: project + "/topics/" + w.Topic, Labels: labels, Filter: w.Filter,
			AckDeadlineSeconds: int32(topology.AckDeadline / time.Second), MessageRetentionDuration: durationpb.New(topology.Retention),
			ExpirationPolicy: expires,
			RetryPolicy:      &pubsubpb.RetryPolicy{MinimumBackoff: durationpb.New(topology.MinBackoff), MaximumBackoff: durationpb.New(topology.MaxBackoff)},
			DeadLetterPolicy: &pubsubpb.DeadLetterPolicy{DeadLetterTopic: project + "/topics/" + letters, MaxDeliveryAttempts: int32(w.MaxDeliveries)},
		},
		{
			Name: project + "/subscriptions/" + letters, Topic: project + "/topics/" + letters, Labels: labels,
			AckDeadlineSeconds: int32(topology.AckDeadline / time.Second), MessageRetentionDuration: durationpb.New(topology.DeadLetterRetention),
			ExpirationPolicy: &pubsubpb.ExpirationPolicy{},
		},
	} {
		id := strings.TrimPrefix(sub.Name, project+"/subscriptions/")
		outcome, err := keep(ctx, client, sub, w.DryRun)
		if errors.Is(err, ErrWish) {
			return nil, errors.Join(fmt.Errorf("subscription %s: %w", id, err), undo(ctx, client, done, project+"/topics/"+letters))
		}
		if err != nil {
			return done, fmt.Errorf("subscription %s: %w", id, err)
		}
		done = append(done, Done{"subscription " + id, outcome})
	}
	if w.DryRun {
		return done, nil
	}
	return done, allow(ctx, cfg, w.Name, letters)
}

// undo removes a topic that was made for a subscription that cannot be.
func undo(ctx context.Context, client *pubsub.Client, done []Done, topic string) error {
	if len(done) == 0 || done[0].Outcome != created {
		return nil
	}
	return client.TopicAdminClient.DeleteTopic(context.WithoutCancel(ctx), &pubsubpb.DeleteTopicRequest{Topic: topic})
}

// noted adds what became of a resource that was to be created.
func noted(done []Done, resource string, err error) ([]Done, error) {
	switch {
	case err == nil:
		return append(done, Done{resource, created}), nil
	case status.Code(err) == codes.AlreadyExists:
		return append(done, Done{resource, unchanged}), nil
	default:
		return done, fmt.Errorf("%s: %w", resource, err)
	}
}

// keep makes a subscription, or brings one that there is to the settings that can be changed.
func keep(ctx context.Context, client *pubsub.Client, want *pubsubpb.Subscription, dryRun bool) (string, error) {
	admin := client.SubscriptionAdminClient
	have, err := admin.GetSubscription(ctx, &pubsubpb.GetSubscriptionRequest{Subscription: want.Name})
	if status.Code(err) == codes.NotFound {
		if !dryRun {
			_, err = admin.CreateSubscription(ctx, want)
		} else {
			err = nil
		}
		if status.Code(err) == codes.InvalidArgument {
			err = fmt.Errorf("%w: %s", ErrWish, status.Convert(err).Message())
		}
		return created, err
	}
	switch {
	case err != nil:
		return "", err
	case have.Topic != want.Topic:
		return "", fmt.Errorf("%w: there is one of %s already", ErrWish, have.Topic)
	case have.Filter != want.Filter:
		return "", fmt.Errorf("%w: there is one with the filter %q already, and a filter cannot be changed: give it another name", ErrWish, have.Filter)
	}
	if settings(have) == settings(want) {
		return unchanged, nil
	}
	if !dryRun {
		_, err = admin.UpdateSubscription(ctx, &pubsubpb.UpdateSubscriptionRequest{Subscription: want, UpdateMask: &fieldmaskpb.FieldMask{
			Paths: []string{"ack_deadline_seconds", "message_retention_duration", "expiration_policy", "retry_policy", "dead_letter_policy"},
		}})
	}
	return updated, err
}

// settings are those of a subscription that can be changed, as text.
func settings(s *pubsubpb.Subscription) string {
	return fmt.Sprint(s.AckDeadlineSeconds, s.MessageRetentionDuration.AsDuration(), s.ExpirationPolicy.GetTtl().AsDuration(),
		s.RetryPolicy.GetMinimumBackoff().AsDuration(), s.RetryPolicy.GetMaximumBackoff().AsDuration(),
		s.DeadLetterPolicy.GetDeadLetterTopic(), s.DeadLetterPolicy.GetMaxDeliveryAttempts())
}

// allow lets Pub/Sub's own agent move what is given up: without that it stays where it is.
func allow(ctx context.Context, cfg cloud.Config, subscription, letters string) error {
	return access.Grant(ctx, cfg, func(number string) ([]access.Binding, error) {
		agent := "serviceAccount:service-" + number + "@gcp-sa-pubsub.iam.gserviceaccount.com"
		return []access.Binding{
			{Service: access.PubSubAgent, Member: agent, Role: "roles/pubsub.publisher", Kind: access.Topic, Resource: letters},
			{Service: access.PubSubAgent, Member: agent, Role: "roles/pubsub.subscriber", Kind: access.Subscription, Resource: subscription},
		}, nil
	})
}
