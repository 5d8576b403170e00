package replay

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2"
	pubsubapi "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/api/iterator"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// ErrNoDeadLetters is a subscription that has no dead-letter subscription.
var ErrNoDeadLetters = errors.New("there is no dead-letter subscription of")

// box is where the dead letters of a subscription wait: ids of the subscription, of the topic
// that it reads, and of the subscription that keeps what it gives up.
type box struct{ subscription, topic, letters string }

// own tells whether the writer takes the box's dead letters into the table.
func (b box) own() bool { return slices.Contains(topology.Subscriptions(), b.subscription) }

// boxOf finds the dead letters of a subscription, the pipeline's or a consumer's.
func boxOf(ctx context.Context, client *pubsub.Client, cfg cloud.Config, subscription string) (box, error) {
	if topic, err := topicOf(subscription); err == nil {
		return box{subscription, topic, topology.DeadLetterSubscription(subscription)}, nil
	}
	have, err := client.SubscriptionAdminClient.GetSubscription(ctx, &pubsubpb.GetSubscriptionRequest{Subscription: "projects/" + cfg.ProjectID + "/subscriptions/" + subscription})
	if c := status.Code(err); c == codes.NotFound || c == codes.InvalidArgument {
		return box{}, fmt.Errorf("%w %q: no subscription has this name", ErrNoDeadLetters, subscription)
	}
	if err != nil {
		return box{}, fmt.Errorf("look at the subscription %s: %w", subscription, err)
	}
	return consumersBox(ctx, client, have)
}

// Way tells between what the dead letters of a subscription are moved when they are replayed: the subscription where
// they wait, which is "" if they are taken from the table and not live, and the topic that they go to.
func Way(ctx context.Context, cfg cloud.Config, subscription string, live bool) (letters, topic string, err error) {
	if !live {
		topic, err = topicOf(subscription)
		return "", topic, err
	}
	client, err := cfg.NewPubSub(ctx)
	if err != nil {
		return "", "", err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	b, err := boxOf(ctx, client, cfg, subscription)
	return b.letters, b.topic, err
}

// consumersBox finds who keeps what a consumer's subscription gives up: the subscription that pipelinectl
// subscribe has made, or the first by name of those to its dead-letter topic.
func consumersBox(ctx context.Context, client *pubsub.Client, of *pubsubpb.Subscription) (box, error) {
	b := box{subscription: path.Base(of.Name), topic: path.Base(of.Topic)}
	topic := of.GetDeadLetterPolicy().GetDeadLetterTopic()
	if topic == "" {
		return box{}, fmt.Errorf("%w %s: it gives nothing up", ErrNoDeadLetters, b.subscription)
	}
	var keepers []string
	all := client.TopicAdminClient.ListTopicSubscriptions(ctx, &pubsubpb.ListTopicSubscriptionsRequest{Topic: topic})
	for {
		name, err := all.Next()
		if errors.Is(err, iterator.Done) {
			break
		}
		if err != nil {
			return box{}, fmt.Errorf("ask who reads %s: %w", topic, err)
		}
		keepers = append(keepers, path.Base(name))
	}
	if len(keepers) == 0 {
		return box{}, fmt.Errorf("%w %s: nobody keeps what goes to its topic %s", ErrNoDeadLetters, b.subscription, path.Base(topic))
	}
	b.letters = slices.Min(keepers)
	if usual := topology.DeadLetterTopic(b.subscription); slices.Contains(keepers, usual) {
		b.letters = usual
	}
	return b, nil
}

// boxes are those of the pipeline's subscriptions, and of the consumers' if the project's
// subscriptions may be listed.
func boxes(ctx context.Context, client *pubsub.Client, cfg cloud.Config) ([]box, error) {
	var list []box
	for _, name := range topology.Subscriptions() {
		b, err := boxOf(ctx, client, cfg, name)
		if err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	all := client.SubscriptionAdminClient.ListSubscriptions(ctx, &pubsubpb.ListSubscriptionsRequest{Project: "projects/" + cfg.ProjectID})
	for {
		sub, err := all.Next()
		if errors.Is(err, iterator.Done) || status.Code(err) == codes.PermissionDenied {
			return list, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list the subscriptions: %w", err)
		}
		topic := path.Base(sub.Topic)
		if sub.DeadLetterPolicy == nil || slices.Contains(topology.Subscriptions(), path.Base(sub.Name)) ||
			!slices.ContainsFunc(topology.Topics(), func(t topology.Topic) bool { return t.Name == topic }) {
			continue
		}
		switch b, err := consumersBox(ctx, client, sub); {
		case err == nil:
			list = append(list, b)
		case !errors.Is(err, ErrNoDeadLetters):
			return nil, err
		}
	}
}

const (
	// firstWithin and nextWithin bound the waits for the first dead letters and for more of them;
	// Pub/Sub keeps a request open that finds none.
	firstWithin, nextWithin = 3 * time.Second, time.Second
	// lease is how long a dead letter is in our hands, the longest that Pub/Sub gives.
	lease = 10 * time.Minute
	// mostAtOnce bounds what one request brings.
	mostAtOnce = 100
)

// sweep visits each dead letter of the box once. What take is done with leaves Pub/Sub; the others are
// given back at the end, so that whoever else reads them gets them. What another has in hand is not seen.
func (b box) sweep(ctx context.Context, client *pubsub.Client, cfg cloud.Config, atOnce int, take func(DeadLetter) (done bool, err error)) (err error) {
	admin, name := client.SubscriptionAdminClient, "projects/"+cfg.ProjectID+"/subscriptions/"+b.letters
	var kept []string
	defer func() {
		giving, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		for some := range slices.Chunk(kept, 1000) {
			err = errors.Join(err, admin.ModifyAckDeadline(giving, &pubsubpb.ModifyAckDeadlineRequest{Subscription: name, AckIds: some}))
		}
	}()
	seen := make(map[string]bool)
	for within := firstWithin; ; within = nextWithin {
		messages, err := pull(ctx, admin, name, atOnce, within)
		if err != nil {
			return err
		}
		held := &pubsubpb.ModifyAckDeadlineRequest{Subscription: name, AckDeadlineSeconds: int32(lease / time.Second)}
		for _, m := range messages {
			held.AckIds = append(held.AckIds, m.AckId)
		}
		if len(held.AckIds) > 0 {
			if err := admin.ModifyAckDeadline(ctx, held); err != nil {
				return fmt.Errorf("hold the dead letters of %s: %w", b.subscription, err)
			}
		}
		news := false
		for i, m := range messages {
			done := false
			if !seen[m.Message.MessageId] {
				seen[m.Message.MessageId], news = true, true
				if done, err = take(deadLetterOf(b.subscription, m.Message)); err != nil {
					kept = append(kept, held.AckIds[i:]...)
					return err
				}
			}
			if !done {
				kept = append(kept, m.AckId)
				continue
			}
			if err := admin.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{Subscription: name, AckIds: []string{m.AckId}}); err != nil {
				kept = append(kept, held.AckIds[i+1:]...)
				return fmt.Errorf("take a dead letter out of %s: %w", b.letters, err)
			}
		}
		if !news {
			return nil
		}
	}
}

// pull asks for messages; none come if there are none within the time given.
func pull(ctx context.Context, admin *pubsubapi.SubscriptionAdminClient, name string, most int, within time.Duration) ([]*pubsubpb.ReceivedMessage, error) {
	pulling, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	resp, err := admin.Pull(pulling, &pubsubpb.PullRequest{Subscription: name, MaxMessages: int32(most)})
	switch {
	case status.Code(err) == codes.DeadlineExceeded && ctx.Err() == nil:
		return nil, nil
	case status.Code(err) == codes.NotFound:
		return nil, fmt.Errorf("%w: %s is gone", ErrNoDeadLetters, strings.TrimPrefix(name, "projects/"))
	case err != nil:
		return nil, fmt.Errorf("look at %s: %w", name, err)
	}
	return resp.ReceivedMessages, nil
}
