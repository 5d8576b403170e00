package provision

import (
	"context"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// wanted is a subscription that the pipeline needs.
type wanted struct {
	id, topic string
	// deadLetters is the topic that takes what it gives up; empty for a
	// subscription to dead letters, which must not give up anything.
	deadLetters string
	retention   time.Duration
}

func topics() []string {
	var ids []string
	for _, t := range topology.Topics() {
		ids = append(ids, t.Name)
	}
	for _, s := range topology.Subscriptions() {
		ids = append(ids, topology.DeadLetterTopic(s))
	}
	return ids
}

func subscriptions() []wanted {
	var list []wanted
	for _, t := range topology.Topics() {
		for _, service := range t.Subscribers {
			id := topology.Subscription(t.Name, service)
			letters := topology.DeadLetterTopic(id)
			list = append(list,
				wanted{id: id, topic: t.Name, deadLetters: letters, retention: topology.Retention},
				wanted{id: topology.DeadLetterSubscription(id), topic: letters, retention: topology.DeadLetterRetention})
		}
	}
	return list
}

func (p *provisioner) messaging(ctx context.Context) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for _, id := range topics() {
		g.Go(func() error {
			return p.ensure(gctx, "topic "+id, func(ctx context.Context) (Outcome, string, error) { return p.topic(ctx, id) })
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	// A subscription is made after both of its topics.
	g, gctx = errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for _, w := range subscriptions() {
		g.Go(func() error {
			return p.ensure(gctx, "subscription "+w.id, func(ctx context.Context) (Outcome, string, error) { return p.subscription(ctx, w) })
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return p.grants(ctx)
}

func (p *provisioner) topicName(id string) string {
	return "projects/" + p.cfg.ProjectID + "/topics/" + id
}

func (p *provisioner) subscriptionName(id string) string {
	return "projects/" + p.cfg.ProjectID + "/subscriptions/" + id
}

func (p *provisioner) topic(ctx context.Context, id string) (Outcome, string, error) {
	admin := p.pubsub.TopicAdminClient
	_, err := admin.GetTopic(ctx, &pubsubpb.GetTopicRequest{Topic: p.topicName(id)})
	switch {
	case err == nil:
		return Unchanged, "", nil
	case status.Code(err) != codes.NotFound:
		return "", "", err
	case p.opts.DryRun:
		return Created, "", nil
	}
	_, err = admin.CreateTopic(ctx, &pubsubpb.Topic{Name: p.topicName(id)})
	if status.Code(err) == codes.AlreadyExists {
		return Unchanged, "", nil // another run came first
	}
	return Created, "", err
}

func (p *provisioner) subscription(ctx context.Context, w wanted) (Outcome, string, error) {
	admin := p.pubsub.SubscriptionAdminClient
	want := p.describe(w)
	have, err := admin.GetSubscription(ctx, &pubsubpb.GetSubscriptionRequest{Subscription: want.Name})
	if status.Code(err) == codes.NotFound {
		if p.opts.DryRun {
			return Created, "", nil
		}
		_, err = admin.CreateSubscription(ctx, want)
		if status.Code(err) != codes.AlreadyExists {
			return Created, "", err
		}
		// Another run came first; what it made may be of another release.
		have, err = admin.GetSubscription(ctx, &pubsubpb.GetSubscriptionRequest{Subscription: want.Name})
	}
	if err != nil {
		return "", "", err
	}
	if have.Topic != want.Topic {
		return "", "", &ConflictError{Reason: "it subscribes to " + have.Topic + " instead of " + want.Topic}
	}
	mask := differences(have, want)
	if len(mask.Paths) == 0 {
		return Unchanged, "", nil
	}
	if !p.opts.DryRun {
		_, err = admin.UpdateSubscription(ctx, &pubsubpb.UpdateSubscriptionRequest{Subscription: want, UpdateMask: mask})
	}
	return Updated, list("changed: ", mask.Paths), err
}

// describe is the subscription in Pub/Sub's own terms.
func (p *provisioner) describe(w wanted) *pubsubpb.Subscription {
	s := &pubsubpb.Subscription{
		Name:                     p.subscriptionName(w.id),
		Topic:                    p.topicName(w.topic),
		AckDeadlineSeconds:       int32(topology.AckDeadline / time.Second),
		MessageRetentionDuration: durationpb.New(w.retention),
		// Without a ttl it never expires; unset, it would after 31 idle days.
		ExpirationPolicy: &pubsubpb.ExpirationPolicy{},
		RetryPolicy: &pubsubpb.RetryPolicy{
			MinimumBackoff: durationpb.New(topology.MinBackoff),
			MaximumBackoff: durationpb.New(topology.MaxBackoff),
		},
	}
	if w.deadLetters != "" {
		s.DeadLetterPolicy = &pubsubpb.DeadLetterPolicy{
			DeadLetterTopic:     p.topicName(w.deadLetters),
			MaxDeliveryAttempts: topology.MaxDeliveryAttempts,
		}
	}
	return s
}

// differences names the settings of want that have does not hold.
func differences(have, want *pubsubpb.Subscription) *fieldmaskpb.FieldMask {
	mask := &fieldmaskpb.FieldMask{}
	note := func(path string, equal bool) {
		if !equal {
			mask.Paths = append(mask.Paths, path)
		}
	}
	note("ack_deadline_seconds", have.AckDeadlineSeconds == want.AckDeadlineSeconds)
	note("message_retention_duration", proto.Equal(have.MessageRetentionDuration, want.MessageRetentionDuration))
	note("expiration_policy", have.ExpirationPolicy != nil && have.ExpirationPolicy.Ttl == nil)
	note("retry_policy", proto.Equal(have.RetryPolicy, want.RetryPolicy))
	note("dead_letter_policy", proto.Equal(have.DeadLetterPolicy, want.DeadLetterPolicy))
	return mask
}
