package provision

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cloud.google.com/go/iam/apiv1/iampb"
	"github.com/googleapis/gax-go/v2"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

const (
	rolePublisher  = "roles/pubsub.publisher"
	roleSubscriber = "roles/pubsub.subscriber"
)

// policies is how the admin clients of topics and subscriptions read and write a
// resource's policy.
type policies interface {
	GetIamPolicy(context.Context, *iampb.GetIamPolicyRequest, ...gax.CallOption) (*iampb.Policy, error)
	SetIamPolicy(context.Context, *iampb.SetIamPolicyRequest, ...gax.CallOption) (*iampb.Policy, error)
}

// grants lets Google's own agents do their part: Cloud Storage must publish its
// notifications, and Pub/Sub must publish dead letters and acknowledge the
// message that became one. Without them notifications are refused and dead
// letters stay where they are.
func (p *provisioner) grants(ctx context.Context) error {
	if p.cfg.PubSubHost != "" || p.opts.DryRun {
		return nil // an embedded cloud asks nobody for permission
	}
	storageAgent, err := p.storage.ServiceAccount(ctx, p.cfg.ProjectID)
	if err != nil {
		return fmt.Errorf("provision grants: find Cloud Storage's service agent: %w", err)
	}
	pubsubAgent, err := pubsubAgentOf(storageAgent)
	if err != nil {
		return fmt.Errorf("provision grants: %w", err)
	}
	topicPolicies, subscriptionPolicies := p.pubsub.TopicAdminClient, p.pubsub.SubscriptionAdminClient
	if err := grant(ctx, topicPolicies, p.topicName(topology.TopicLandingNotifications), rolePublisher, storageAgent); err != nil {
		return err
	}
	for _, id := range topology.Subscriptions() {
		if err := grant(ctx, topicPolicies, p.topicName(topology.DeadLetterTopic(id)), rolePublisher, pubsubAgent); err != nil {
			return err
		}
		if err := grant(ctx, subscriptionPolicies, p.subscriptionName(id), roleSubscriber, pubsubAgent); err != nil {
			return err
		}
	}
	return nil
}

// pubsubAgentOf derives Pub/Sub's agent from Cloud Storage's, because both carry
// the project's number, which no API that is needed otherwise would tell.
func pubsubAgentOf(storageAgent string) (string, error) {
	number, ok := strings.CutSuffix(strings.TrimPrefix(storageAgent, "service-"), "@gs-project-accounts.iam.gserviceaccount.com")
	if !ok || number == "" || strings.Trim(number, "0123456789") != "" {
		return "", fmt.Errorf("service agent %q does not tell the project's number", storageAgent)
	}
	return "service-" + number + "@gcp-sa-pubsub.iam.gserviceaccount.com", nil
}

// grant adds account to a role of the resource. The policy's etag travels with
// it, so that a policy changed meanwhile is an error instead of a loss.
func grant(ctx context.Context, client policies, resource, role, account string) error {
	member := "serviceAccount:" + account
	policy, err := client.GetIamPolicy(ctx, &iampb.GetIamPolicyRequest{Resource: resource})
	if err != nil {
		return fmt.Errorf("provision grant %s on %s: %w", role, resource, err)
	}
	if !bind(policy, role, member) {
		return nil
	}
	if _, err := client.SetIamPolicy(ctx, &iampb.SetIamPolicyRequest{Resource: resource, Policy: policy}); err != nil {
		return fmt.Errorf("provision grant %s on %s: %w", role, resource, err)
	}
	return nil
}

// bind adds member to an unconditional binding of role; false if it is there.
func bind(policy *iampb.Policy, role, member string) bool {
	for _, b := range policy.Bindings {
		if b.Role == role && b.Condition == nil {
			if slices.Contains(b.Members, member) {
				return false
			}
			b.Members = append(b.Members, member)
			return true
		}
	}
	policy.Bindings = append(policy.Bindings, &iampb.Binding{Role: role, Members: []string{member}})
	return true
}
