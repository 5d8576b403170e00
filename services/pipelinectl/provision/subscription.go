package provision

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"cloud.google.com/go/iam/apiv1/iampb"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// deletedTopic is what Pub/Sub shows as the topic of a subscription that outlived it.
const deletedTopic = "_deleted_topic_"

func (p *provisioner) subscription(ctx context.Context, w wanted) (Outcome, []Change, error) {
	admin := p.pubsub.SubscriptionAdminClient
	want := p.describe(w)
	have, err := admin.GetSubscription(ctx, &pubsubpb.GetSubscriptionRequest{Subscription: want.Name})
	if status.Code(err) == codes.NotFound {
		changes, _ := differences(&pubsubpb.Subscription{}, want)
		if p.opts.DryRun {
			return Created, changes, nil
		}
		_, err = admin.CreateSubscription(ctx, want)
		if status.Code(err) != codes.AlreadyExists {
			return Created, changes, err
		}
		// Another run came first; what it made may be of another release.
		have, err = admin.GetSubscription(ctx, &pubsubpb.GetSubscriptionRequest{Subscription: want.Name})
	}
	switch {
	case err != nil:
		return "", nil, err
	case have.Topic == deletedTopic || have.Detached:
		return p.replace(ctx, w, have, want)
	case have.Topic != want.Topic:
		return "", nil, &ConflictError{Reason: "it subscribes to " + have.Topic + " instead of " + want.Topic}
	case have.Filter != "":
		return "", nil, &ConflictError{Reason: "its filter " + strconv.Quote(have.Filter) + " keeps messages from the service, and cannot be changed"}
	case have.BigqueryConfig != nil || have.CloudStorageConfig != nil || have.BigtableConfig != nil:
		return "", nil, &ConflictError{Reason: "it exports its messages, so that the service gets none"}
	}
	changes, mask := differences(have, want)
	want.Labels = withLabel(have.Labels)
	if len(changes) == 0 {
		return Unchanged, nil, nil
	}
	if !p.opts.DryRun {
		_, err = admin.UpdateSubscription(ctx, &pubsubpb.UpdateSubscriptionRequest{Subscription: want, UpdateMask: mask})
	}
	return Updated, changes, err
}

// replace makes a subscription anew that cannot receive any more: Pub/Sub ties a
// subscription to the topic of its birth, not to one that is made later under
// the same name. What it still holds is lost with it. For a service that is
// harmless, since the watcher has files announced again that do not get on; dead
// letters have nobody to repeat them, so a subscription with dead letters stays until
// the writer has stored them. Who may do what with it goes over to the new one:
// without its role a service would stand still until somebody grants it again.
func (p *provisioner) replace(ctx context.Context, w wanted, have, want *pubsubpb.Subscription) (Outcome, []Change, error) {
	want.Labels = withLabel(have.Labels)
	changes, _ := differences(have, want)
	if w.deadLetters == "" && !have.Detached {
		left, err := p.holdsMessages(ctx, want.Name)
		if err != nil {
			return "", nil, err
		}
		if left {
			return "", nil, &ConflictError{Reason: "its topic was deleted and it still holds dead letters: run this again when the writer has stored them"}
		}
	}
	if p.opts.DryRun {
		return Replaced, changes, nil
	}
	admin := p.pubsub.SubscriptionAdminClient
	policy, err := admin.GetIamPolicy(ctx, &iampb.GetIamPolicyRequest{Resource: want.Name})
	if err != nil {
		return "", nil, err
	}
	if err := admin.DeleteSubscription(ctx, &pubsubpb.DeleteSubscriptionRequest{Subscription: want.Name}); err != nil && status.Code(err) != codes.NotFound {
		return "", nil, err
	}
	if _, err := admin.CreateSubscription(ctx, want); err != nil || len(policy.Bindings) == 0 {
		return Replaced, changes, err
	}
	policy.Etag = nil // of a policy that went with its subscription
	_, err = admin.SetIamPolicy(ctx, &iampb.SetIamPolicyRequest{Resource: want.Name, Policy: policy})
	return Replaced, changes, err
}

// holdsMessages asks for a message and gives it back at once. Messages that the
// writer has in hand do not show: it stores them either way.
func (p *provisioner) holdsMessages(ctx context.Context, name string) (bool, error) {
	const patience = 3 * time.Second
	pulling, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	admin := p.pubsub.SubscriptionAdminClient
	resp, err := admin.Pull(pulling, &pubsubpb.PullRequest{Subscription: name, MaxMessages: 1})
	if status.Code(err) == codes.DeadlineExceeded && ctx.Err() == nil {
		return false, nil // nothing came
	}
	if err != nil || len(resp.ReceivedMessages) == 0 {
		return false, err
	}
	err = admin.ModifyAckDeadline(ctx, &pubsubpb.ModifyAckDeadlineRequest{
		Subscription: name, AckIds: []string{resp.ReceivedMessages[0].AckId}, AckDeadlineSeconds: 0,
	})
	return true, err
}

// describe is the subscription in Pub/Sub's own terms.
func (p *provisioner) describe(w wanted) *pubsubpb.Subscription {
	s := &pubsubpb.Subscription{
		Name:                     p.subscriptionName(w.id),
		Topic:                    p.topicName(w.topic),
		Labels:                   ownLabels(),
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
			MaxDeliveryAttempts: w.attempts,
		}
	}
	return s
}

// subscriptionSettings are the settings that provisioning holds to; the text is
// empty where a setting is unset. Others, such as the retention of acknowledged
// messages, are the owner's.
var subscriptionSettings = []struct {
	name, path string
	text       func(*pubsubpb.Subscription) string
}{
	{"topic", "", (*pubsubpb.Subscription).GetTopic},
	{"acknowledgement deadline", "ack_deadline_seconds", func(s *pubsubpb.Subscription) string {
		if s.AckDeadlineSeconds == 0 {
			return ""
		}
		return (time.Duration(s.AckDeadlineSeconds) * time.Second).String()
	}},
	{retentionSetting, "message_retention_duration", func(s *pubsubpb.Subscription) string {
		return durationText(s.MessageRetentionDuration)
	}},
	{"expires", "expiration_policy", func(s *pubsubpb.Subscription) string {
		switch {
		case s.ExpirationPolicy == nil:
			return ""
		case s.ExpirationPolicy.Ttl == nil:
			return "never"
		}
		return "after " + durationText(s.ExpirationPolicy.Ttl) + " without a subscriber"
	}},
	{"retry", "retry_policy", func(s *pubsubpb.Subscription) string {
		if s.RetryPolicy == nil {
			return ""
		}
		return "after " + durationText(s.RetryPolicy.MinimumBackoff) + " to " + durationText(s.RetryPolicy.MaximumBackoff)
	}},
	{"dead letters", "dead_letter_policy", func(s *pubsubpb.Subscription) string {
		if s.DeadLetterPolicy == nil {
			return ""
		}
		return fmt.Sprintf("to %s after %d deliveries", s.DeadLetterPolicy.DeadLetterTopic, s.DeadLetterPolicy.MaxDeliveryAttempts)
	}},
	{labelSetting, "labels", func(s *pubsubpb.Subscription) string { return s.GetLabels()[labelKey] }},
	{"push to", "push_config", func(s *pubsubpb.Subscription) string { return s.GetPushConfig().GetPushEndpoint() }},
}

func durationText(d *durationpb.Duration) string {
	if d == nil {
		return ""
	}
	return d.AsDuration().String()
}

// differences are the settings that have does not hold, and the mask that mends them.
func differences(have, want *pubsubpb.Subscription) ([]Change, *fieldmaskpb.FieldMask) {
	var changes []Change
	mask := &fieldmaskpb.FieldMask{}
	for _, s := range subscriptionSettings {
		from, to := s.text(have), s.text(want)
		if from == to {
			continue
		}
		changes = append(changes, Change{Setting: s.name, From: from, To: to})
		mask.Paths = append(mask.Paths, s.path)
	}
	return changes, mask
}
