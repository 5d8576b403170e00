package republish

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// subscriptionName is what a subscription may be called, so that its topics have valid names too.
var subscriptionName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._~%+-]{2,199}$`)

// CheckName refuses a name that a subscription cannot have.
func CheckName(name string) error {
	if !subscriptionName.MatchString(name) || strings.HasPrefix(strings.ToLower(name), "goog") {
		return fmt.Errorf("a subscription cannot be called %q: take 3 to 200 letters, digits and -, beginning with a letter, and not with goog", name)
	}
	return nil
}

// Place is one of the consumer's own topics, and the subscription that reads it.
type Place struct{ Topic, Subscription string }

// Places are those of a consumer that is called by its subscription to the orders: for the orders, and
// for what became of their files.
func Places(subscription string) (orders, files Place) {
	return Place{topology.TopicOrdersValidated + ".republished." + subscription, subscription},
		Place{topology.TopicFilesCompleted + ".republished." + subscription, subscription + ".files"}
}

// subscribe makes the consumer's topics, and a subscription of each, unless they are there.
func subscribe(ctx context.Context, client *pubsub.Client, project, subscription string) error {
	orders, files := Places(subscription)
	for _, place := range []Place{orders, files} {
		topic := topicName(project, place)
		_, err := client.TopicAdminClient.CreateTopic(ctx, &pubsubpb.Topic{Name: topic})
		if err != nil && status.Code(err) != codes.AlreadyExists {
			return fmt.Errorf("create the topic %s: %w", place.Topic, err)
		}
		_, err = client.SubscriptionAdminClient.CreateSubscription(ctx, &pubsubpb.Subscription{
			Name: subscriptionPath(project, place), Topic: topic,
			AckDeadlineSeconds:       int32(topology.AckDeadline.Seconds()),
			MessageRetentionDuration: durationpb.New(topology.Retention),
		})
		if status.Code(err) == codes.AlreadyExists {
			err = readsOwnTopic(ctx, client, project, place)
		}
		if err != nil {
			return fmt.Errorf("create the subscription %s: %w", place.Subscription, err)
		}
	}
	return nil
}

// readsOwnTopic refuses a subscription that is there already and reads something else.
func readsOwnTopic(ctx context.Context, client *pubsub.Client, project string, place Place) error {
	have, err := client.SubscriptionAdminClient.GetSubscription(ctx, &pubsubpb.GetSubscriptionRequest{Subscription: subscriptionPath(project, place)})
	if err != nil {
		return err
	}
	if have.GetTopic() != topicName(project, place) {
		return fmt.Errorf("it is there already and reads %s, whose messages would mix with the older ones: choose another name", have.GetTopic())
	}
	return nil
}

func topicName(project string, place Place) string {
	return "projects/" + project + "/topics/" + place.Topic
}

func subscriptionPath(project string, place Place) string {
	return "projects/" + project + "/subscriptions/" + place.Subscription
}

// Remove deletes what Run has made for a consumer, read or not. What is not there is no error.
func Remove(ctx context.Context, cfg cloud.Config, subscription string) (err error) {
	client, err := cfg.NewPubSub(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	orders, files := Places(subscription)
	for _, place := range []Place{orders, files} {
		if err := readsOwnTopic(ctx, client, cfg.ProjectID, place); err == nil {
			err = client.SubscriptionAdminClient.DeleteSubscription(ctx, &pubsubpb.DeleteSubscriptionRequest{Subscription: subscriptionPath(cfg.ProjectID, place)})
			if err != nil {
				return fmt.Errorf("delete the subscription %s: %w", place.Subscription, err)
			}
		} else if status.Code(err) != codes.NotFound {
			return fmt.Errorf("delete the subscription %s: %w", place.Subscription, err)
		}
		err := client.TopicAdminClient.DeleteTopic(ctx, &pubsubpb.DeleteTopicRequest{Topic: topicName(cfg.ProjectID, place)})
		if err != nil && status.Code(err) != codes.NotFound {
			return fmt.Errorf("delete the topic %s: %w", place.Topic, err)
		}
	}
	return nil
}
