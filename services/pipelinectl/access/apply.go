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
	"golang.org/x/sync/errgroup"
	"google.golang.org/api/googleapi"
	"google.golang.org/genproto/googleapis/type/expr"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
)

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

// ProjectNumber looks the project's number up.
func (c Client) ProjectNumber(ctx context.Context) (string, error) {
	service, err := c.Config.NewResourceManager(ctx)
	if err != nil {
		return "", err
	}
	project, err := service.Projects.Get("projects/" + c.Config.ProjectID).Context(ctx).Do()
	if err != nil {
		return "", fmt.Errorf("look up the project's number: %w", err)
	}
	return strings.TrimPrefix(project.Name, "projects/"), nil
}

// Grant opens the clients and adds the bindings that are missing. of gives them by the
// project's number.
func Grant(ctx context.Context, cfg cloud.Config, of func(number string) ([]Binding, error)) (err error) {
	client, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	number, err := client.ProjectNumber(ctx)
	if err != nil {
		return err
	}
	bindings, err := of(number)
	if err != nil {
		return err
	}
	_, err = client.Apply(ctx, bindings, false)
	return err
}

// Apply adds the bindings that are missing, and returns them; with dryRun it only
// returns them. Nothing is taken away. A policy's etag travels with it, so that one
// that somebody else changed meanwhile is read again instead of lost.
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
	added := make([][]Binding, len(order))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i, r := range order {
		g.Go(func() (err error) {
			store := c.store(r.kind, r.name)
			added[i], err = applyTo(ctx, store, grouped[r], dryRun)
			for attempt := 1; isStale(err) && attempt < writes; attempt++ {
				added[i], err = applyTo(ctx, store, grouped[r], dryRun)
			}
			if err != nil {
				added[i] = nil // not written
				return fmt.Errorf("grant on %s %s: %w", r.kind, r.name, err)
			}
			return nil
		})
	}
	err = g.Wait()
	return slices.Concat(added...), err
}

// parallel bounds the calls in flight.
const parallel = 8

// writes is how often a policy is written that others change at the same time.
const writes = 5

// isStale is a policy that somebody changed since it was read: 412 of Cloud Storage,
// 409 of the other REST APIs, ABORTED of Pub/Sub.
func isStale(err error) bool {
	e, ok := errors.AsType[*googleapi.Error](err)
	return ok && (e.Code == http.StatusPreconditionFailed || e.Code == http.StatusConflict) || status.Code(err) == codes.Aborted
}

func applyTo(ctx context.Context, s policyStore, bindings []Binding, dryRun bool) ([]Binding, error) {
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
	if condition != nil {
		policy.Version = conditionsVersion
	}
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
		return tableStore(c.BigQuery.Dataset(c.Config.Dataset).Table(name).IAM())
	default:
		return projectStore(c.Config, name)
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

// tableStore is the policy of a table, which has no conditions: BigQuery's client
// refuses to ask for their version.
func tableStore(handle *iam.Handle) policyStore {
	return policyStore{
		get: func(ctx context.Context) (*iampb.Policy, error) {
			held, err := handle.Policy(ctx)
			if err != nil {
				return nil, err
			}
			return held.InternalProto, nil
		},
		set: func(ctx context.Context, p *iampb.Policy) error {
			return handle.SetPolicy(ctx, &iam.Policy{InternalProto: p})
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
