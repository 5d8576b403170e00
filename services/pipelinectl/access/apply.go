package access

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/iam"
	"cloud.google.com/go/iam/apiv1/iampb"
	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/storage"
	"github.com/googleapis/gax-go/v2"
	crm "google.golang.org/api/cloudresourcemanager/v3"
	"google.golang.org/api/googleapi"
	"google.golang.org/genproto/googleapis/type/expr"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// ErrNoIAM is a cloud that asks nobody for permission, such as the embedded one.
var ErrNoIAM = errors.New("this cloud serves no IAM: nothing can be granted in it")

// conditionsVersion is the version of policies that have conditions; asking for
// less would lose those of other people.
const conditionsVersion = 3

// Client reads and writes policies.
type Client struct {
	PubSub   *pubsub.Client
	Storage  *storage.Client
	BigQuery *bigquery.Client
	Config   cloud.Config
}

// Open opens the clients that it needs.
func Open(ctx context.Context, cfg cloud.Config) (*Client, error) {
	c := &Client{Config: cfg}
	var messaging, files, warehouse error
	c.PubSub, messaging = cfg.NewPubSub(ctx)
	c.Storage, files = cfg.NewStorage(ctx)
	c.BigQuery, warehouse = cfg.NewBigQuery(ctx)
	if err := errors.Join(messaging, files, warehouse); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// Close closes the clients.
func (c Client) Close() error {
	var faults []error
	if c.PubSub != nil {
		faults = append(faults, c.PubSub.Close())
	}
	if c.Storage != nil {
		faults = append(faults, c.Storage.Close())
	}
	if c.BigQuery != nil {
		faults = append(faults, c.BigQuery.Close())
	}
	return errors.Join(faults...)
}

// Served is ErrNoIAM if the cloud has no IAM. It is asked first: the project's own
// policy has an endpoint of its own, which no configuration of an embedded cloud
// leads away from the real one.
func (c Client) Served(ctx context.Context) error {
	name := c.topicName(topology.TopicLandingNotifications)
	_, err := c.PubSub.TopicAdminClient.GetIamPolicy(ctx, &iampb.GetIamPolicyRequest{Resource: name})
	switch status.Code(err) {
	case codes.Unimplemented:
		return ErrNoIAM
	case codes.NotFound: // of the topic
		return nil
	}
	return err
}

// ProjectNumber looks the project's number up.
func (c Client) ProjectNumber(ctx context.Context) (string, error) {
	service, err := crm.NewService(ctx)
	if err != nil {
		return "", fmt.Errorf("open the Resource Manager client: %w", err)
	}
	project, err := service.Projects.Get("projects/" + c.Config.ProjectID).Context(ctx).Do()
	if err != nil {
		return "", fmt.Errorf("look up the project's number: %w", err)
	}
	return strings.TrimPrefix(project.Name, "projects/"), nil
}

// Apply adds the bindings that are missing, and returns them; with dryRun it only
// returns them. Nothing is taken away. A policy's etag travels with it, so that one
// changed meanwhile is an error instead of a loss.
func (c Client) Apply(ctx context.Context, bindings []Binding, dryRun bool) (missing []Binding, err error) {
	type resource struct {
		kind Kind
		name string
	}
	var order []resource
	grouped := make(map[resource][]Binding)
	for _, b := range bindings {
		r := resource{b.Kind, b.Resource}
		if grouped[r] == nil {
			order = append(order, r)
		}
		grouped[r] = append(grouped[r], b)
	}
	for _, r := range order {
		added, err := c.applyTo(ctx, c.store(r.kind, r.name), grouped[r], dryRun)
		if err != nil {
			return missing, fmt.Errorf("grant on %s %s: %w", r.kind, r.name, err)
		}
		missing = append(missing, added...)
	}
	return missing, nil
}

func (c Client) applyTo(ctx context.Context, s policyStore, bindings []Binding, dryRun bool) ([]Binding, error) {
	policy, err := s.get(ctx)
	if dryRun && isNotFound(err) {
		return bindings, nil // the resource would be made first
	}
	if err != nil {
		return nil, err
	}
	var missing []Binding
	for _, b := range bindings {
		if bind(policy, b) {
			missing = append(missing, b)
		}
	}
	if len(missing) == 0 || dryRun {
		return missing, nil
	}
	return missing, s.set(ctx, policy)
}

func isNotFound(err error) bool {
	e, ok := errors.AsType[*googleapi.Error](err)
	return ok && e.Code == http.StatusNotFound || status.Code(err) == codes.NotFound
}

// bind adds a binding to a policy; false if it is there.
func bind(policy *iampb.Policy, b Binding) bool {
	var condition *expr.Expr
	if b.Condition != nil {
		condition = &expr.Expr{Title: b.Condition.Title, Expression: b.Condition.Expression}
	}
	for _, have := range policy.Bindings {
		// A condition is known by its expression: titles are for people.
		if have.Role != b.Role || (have.Condition == nil) != (condition == nil) || have.Condition.GetExpression() != condition.GetExpression() {
			continue
		}
		if slices.Contains(have.Members, b.Member) {
			return false
		}
		have.Members = append(have.Members, b.Member)
		return true
	}
	policy.Version = conditionsVersion
	policy.Bindings = append(policy.Bindings, &iampb.Binding{Role: b.Role, Members: []string{b.Member}, Condition: condition})
	return true
}

func (c Client) topicName(id string) string {
	return "projects/" + c.Config.ProjectID + "/topics/" + id
}

// policyStore reads and writes the policy of one resource.
type policyStore struct {
	get func(context.Context) (*iampb.Policy, error)
	set func(context.Context, *iampb.Policy) error
}

func (c Client) store(kind Kind, name string) policyStore {
	switch kind {
	case Topic:
		return messagingStore(c.PubSub.TopicAdminClient, c.topicName(name))
	case Subscription:
		return messagingStore(c.PubSub.SubscriptionAdminClient, "projects/"+c.Config.ProjectID+"/subscriptions/"+name)
	case Prefix:
		return handleStore(c.Storage.Bucket(name).IAM().V3())
	case Table:
		return handleStore(c.BigQuery.Dataset(c.Config.Dataset).Table(name).IAM().V3())
	default:
		return projectStore(name)
	}
}

// policies is how the admin clients of topics and subscriptions read and write a
// resource's policy.
type policies interface {
	GetIamPolicy(context.Context, *iampb.GetIamPolicyRequest, ...gax.CallOption) (*iampb.Policy, error)
	SetIamPolicy(context.Context, *iampb.SetIamPolicyRequest, ...gax.CallOption) (*iampb.Policy, error)
}

func messagingStore(client policies, resource string) policyStore {
	return policyStore{
		get: func(ctx context.Context) (*iampb.Policy, error) {
			return client.GetIamPolicy(ctx, &iampb.GetIamPolicyRequest{
				Resource: resource, Options: &iampb.GetPolicyOptions{RequestedPolicyVersion: conditionsVersion},
			})
		},
		set: func(ctx context.Context, p *iampb.Policy) error {
			_, err := client.SetIamPolicy(ctx, &iampb.SetIamPolicyRequest{Resource: resource, Policy: p})
			return err
		},
	}
}

// handleStore keeps the client library's form of a policy, which hides the etag.
func handleStore(handle *iam.Handle3) policyStore {
	var held *iam.Policy3
	return policyStore{
		get: func(ctx context.Context) (*iampb.Policy, error) {
			var err error
			if held, err = handle.Policy(ctx); err != nil {
				return nil, err
			}
			return &iampb.Policy{Bindings: held.Bindings}, nil
		},
		set: func(ctx context.Context, p *iampb.Policy) error {
			held.Bindings = p.Bindings
			return handle.SetPolicy(ctx, held)
		},
	}
}
