package provision

import (
	"context"
	"slices"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
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
	attempts    int32 // after which it does
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
				wanted{id: id, topic: t.Name, deadLetters: letters, attempts: topology.DeliveryAttempts(service), retention: topology.Retention},
				wanted{id: topology.DeadLetterSubscription(id), topic: letters, retention: topology.DeadLetterRetention})
		}
	}
	return list
}

func (p *provisioner) messaging(ctx context.Context) error {
	var makeSchemas, makeTopics, subscribe []task
	for topic, message := range contracts {
		makeSchemas = append(makeSchemas, task{"schema " + topic, func(ctx context.Context) (Outcome, []Change, error) { return p.schema(ctx, topic, message) }})
	}
	for _, id := range topics() {
		makeTopics = append(makeTopics, task{"topic " + id, func(ctx context.Context) (Outcome, []Change, error) { return p.topic(ctx, id) }})
	}
	for _, w := range subscriptions() {
		subscribe = append(subscribe, task{"subscription " + w.id, func(ctx context.Context) (Outcome, []Change, error) { return p.subscription(ctx, w) }})
	}
	// A topic is made after its schema, a subscription after both of its topics.
	if err := p.ensureAll(ctx, makeSchemas); err != nil {
		return err
	}
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
	want := &pubsubpb.Topic{Name: p.topicName(id), SchemaSettings: p.schemaSettings(id), Labels: ownLabels(), MessageRetentionDuration: p.feedRetention(id)}
	have, err := admin.GetTopic(ctx, &pubsubpb.GetTopicRequest{Topic: want.Name})
	if status.Code(err) == codes.NotFound {
		changes := compare(nil, "schema", "", settingsText(want.SchemaSettings))
		changes = compare(changes, retentionSetting, "", durationText(want.MessageRetentionDuration))
		if p.opts.DryRun {
			return Created, changes, nil
		}
		_, err = admin.CreateTopic(ctx, want)
		if status.Code(err) != codes.AlreadyExists {
			return Created, changes, err
		}
		// Another run came first; what it made may be of another release.
		have, err = admin.GetTopic(ctx, &pubsubpb.GetTopicRequest{Topic: want.Name})
	}
	if err != nil {
		return "", nil, err
	}
	retention, mends := p.retentionChanges(id, have, want)
	changes := retention
	mask := &fieldmaskpb.FieldMask{}
	if mends {
		mask.Paths = append(mask.Paths, "message_retention_duration")
	}
	// A schema on a topic that the pipeline gives none is an owner's.
	if want.SchemaSettings != nil {
		if is, wanted := settingsText(have.SchemaSettings), settingsText(want.SchemaSettings); is != wanted {
			changes = compare(changes, "schema", is, wanted)
			mask.Paths = append(mask.Paths, "schema_settings")
		}
	}
	if is := have.Labels[labelKey]; is != labelValue {
		want.Labels = withLabel(have.Labels)
		changes = compare(changes, labelSetting, is, labelValue)
		mask.Paths = append(mask.Paths, "labels")
	}
	if len(mask.Paths) == 0 {
		return Unchanged, changes, nil
	}
	if p.opts.DryRun {
		return Updated, changes, nil
	}
	_, err = admin.UpdateTopic(ctx, &pubsubpb.UpdateTopicRequest{Topic: want, UpdateMask: mask})
	return Updated, changes, err
}

const retentionSetting = "retention"

// feedRetention is for how long a topic keeps messages that were acknowledged; nil: it
// keeps none, or that is its owner's matter.
func (p *provisioner) feedRetention(id string) *durationpb.Duration {
	if p.lifecycle.FeedRetentionDays == 0 || !slices.Contains(topology.Feeds(), id) {
		return nil
	}
	return durationpb.New(time.Duration(p.lifecycle.FeedRetentionDays) * 24 * time.Hour)
}

// retentionChanges compares a topic's retention, and says whether it is to be mended. A
// longer one is left alone unless somebody asked to shorten it.
func (p *provisioner) retentionChanges(id string, have, want *pubsubpb.Topic) (changes []Change, mends bool) {
	if !slices.Contains(topology.Feeds(), id) {
		return nil, false
	}
	is, wanted := have.MessageRetentionDuration, want.MessageRetentionDuration
	if is.AsDuration() > wanted.AsDuration() && !slices.Contains(p.opts.Shorten, FeedRetentionDays) {
		return []Change{{Setting: retentionSetting, From: durationText(is), To: durationText(wanted),
			Left: setTo(FeedRetentionDays, int64(p.lifecycle.FeedRetentionDays))}}, false
	}
	changes = compare(nil, retentionSetting, durationText(is), durationText(wanted))
	return changes, len(changes) > 0
}
