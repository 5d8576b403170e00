package provision

import (
	"context"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

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
	var makeTopics, subscribe []task
	for _, id := range topics() {
		makeTopics = append(makeTopics, task{"topic " + id, func(ctx context.Context) (Outcome, []Change, error) { return p.topic(ctx, id) }})
	}
	for _, w := range subscriptions() {
		subscribe = append(subscribe, task{"subscription " + w.id, func(ctx context.Context) (Outcome, []Change, error) { return p.subscription(ctx, w) }})
	}
	// A subscription is made after both of its topics.
	if err := p.ensureAll(ctx, makeTopics); err != nil {
		return err
	}
	if err := p.ensureAll(ctx, subscribe); err != nil {
		return err
	}
	return p.ensure(ctx, "service agents", p.grants)
}

func (p *provisioner) topicName(id string) string {
	return "projects/" + p.cfg.ProjectID + "/topics/" + id
}

func (p *provisioner) subscriptionName(id string) string {
	return "projects/" + p.cfg.ProjectID + "/subscriptions/" + id
}

func (p *provisioner) topic(ctx context.Context, id string) (Outcome, []Change, error) {
	admin := p.pubsub.TopicAdminClient
	_, err := admin.GetTopic(ctx, &pubsubpb.GetTopicRequest{Topic: p.topicName(id)})
	switch {
	case err == nil:
		return Unchanged, nil, nil
	case status.Code(err) != codes.NotFound:
		return "", nil, err
	case p.opts.DryRun:
		return Created, nil, nil
	}
	_, err = admin.CreateTopic(ctx, &pubsubpb.Topic{Name: p.topicName(id)})
	if status.Code(err) == codes.AlreadyExists {
		return Unchanged, nil, nil // another run came first
	}
	return Created, nil, err
}
