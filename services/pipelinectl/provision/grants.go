package provision

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"cloud.google.com/go/iam/apiv1/iampb"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

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

// binding is a role on a resource for one of Google's own agents.
type binding struct {
	client         policies
	resource, role string
	agent          string
}

// grants lets Google's own agents do their part: Cloud Storage must publish its
// notifications, and Pub/Sub must publish dead letters and acknowledge the
// message that became one. Without them notifications are refused and dead
// letters stay where they are.
func (p *provisioner) grants(ctx context.Context) (Outcome, []Change, error) {
	landing := p.topicName(topology.TopicLandingNotifications)
	_, err := p.pubsub.TopicAdminClient.GetIamPolicy(ctx, &iampb.GetIamPolicyRequest{Resource: landing})
	if status.Code(err) == codes.Unimplemented {
		return Unserved, nil, nil // a cloud without IAM asks nobody for permission
	}
	storageAgent, err := p.storage.ServiceAccount(ctx, p.cfg.ProjectID)
	if err != nil {
		return "", nil, fmt.Errorf("find Cloud Storage's service agent: %w", err)
	}
	pubsubAgent, err := pubsubAgentOf(storageAgent)
	if err != nil {
		return "", nil, err
	}
	wanted := []binding{{p.pubsub.TopicAdminClient, landing, rolePublisher, storageAgent}}
	for _, id := range topology.Subscriptions() {
		wanted = append(wanted,
			binding{p.pubsub.TopicAdminClient, p.topicName(topology.DeadLetterTopic(id)), rolePublisher, pubsubAgent},
			binding{p.pubsub.SubscriptionAdminClient, p.subscriptionName(id), roleSubscriber, pubsubAgent})
	}
	var changes []Change
	for _, b := range wanted {
		added, err := p.grant(ctx, b)
		if err != nil {
			return "", nil, fmt.Errorf("grant %s on %s to %s: %w", b.role, b.resource, b.agent, err)
		}
		if added {
			changes = append(changes, Change{Setting: b.role + " on " + path.Base(b.resource), To: b.agent})
		}
	}
	if len(changes) == 0 {
		return Unchanged, nil, nil
	}
	return Updated, changes, nil
}

// grant adds the agent to its role; false if it has it. The policy's etag travels
// with it, so that a policy changed meanwhile is an error instead of a loss.
func (p *provisioner) grant(ctx context.Context, b binding) (added bool, err error) {
	policy, err := b.client.GetIamPolicy(ctx, &iampb.GetIamPolicyRequest{Resource: b.resource})
	if p.opts.DryRun && status.Code(err) == codes.NotFound {
		return true, nil // the resource would be made first
	}
	if err != nil {
		return false, err
	}
	if !bind(policy, b.role, "serviceAccount:"+b.agent) {
		return false, nil
	}
	if p.opts.DryRun {
		return true, nil
	}
	_, err = b.client.SetIamPolicy(ctx, &iampb.SetIamPolicyRequest{Resource: b.resource, Policy: policy})
	return true, err
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
