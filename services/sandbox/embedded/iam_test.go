package embedded

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"testing"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/iam"
	"cloud.google.com/go/iam/apiv1/iampb"
	"cloud.google.com/go/pubsub/v2"
	pubsubapi "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
	"github.com/googleapis/gax-go/v2"
	crm "google.golang.org/api/cloudresourcemanager/v3"
	"google.golang.org/api/googleapi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"
)

// clients are Google's own.
type clients struct {
	pubsub   *pubsub.Client
	schemas  *pubsubapi.SchemaClient
	storage  *storage.Client
	bigquery *bigquery.Client
	projects *crm.Service
}

// startCloud starts an embedded cloud on dir; stop ends it.
func startCloud(t *testing.T, dir string) (c clients, stop func()) {
	t.Helper()
	const anyPort = "127.0.0.1:0"
	server, err := Open(t.Context(), Config{Dir: dir, ProjectID: "p", Log: slog.New(slog.DiscardHandler),
		PubSubAddr: anyPort, StorageAddr: anyPort, BigQueryAddr: anyPort, BigQueryStorageAddr: anyPort})
	if err != nil {
		t.Fatal(err)
	}
	cfg, ctx := server.Endpoints(), t.Context()
	var faults [5]error
	c.pubsub, faults[0] = cfg.NewPubSub(ctx)
	c.schemas, faults[1] = cfg.NewSchemas(ctx)
	c.storage, faults[2] = cfg.NewStorage(ctx)
	c.bigquery, faults[3] = cfg.NewBigQuery(ctx)
	c.projects, faults[4] = cfg.NewResourceManager(ctx)
	if err := errors.Join(faults[:]...); err != nil {
		t.Fatal(err)
	}
	return c, func() {
		t.Helper()
		if err := errors.Join(c.pubsub.Close(), c.schemas.Close(), c.storage.Close(), c.bigquery.Close(), server.Close()); err != nil {
			t.Error(err)
		}
	}
}

const (
	topicName, subscriptionName, schemaName = "projects/p/topics/a-topic", "projects/p/subscriptions/a-subscription", "projects/p/schemas/a-schema"
	member                                  = "user:a@example.com"
)

// holder is a resource with a policy, by the client that Google has for it.
type holder struct {
	name         string
	make, delete func(context.Context, clients) error // nil of what is always there
	get          func(context.Context, clients) (*iampb.Policy, error)
	set          func(context.Context, clients, *iampb.Policy) error
	test         func(context.Context, clients, []string) ([]string, error)
	role         string // that can be granted on it
	permission   string
	stale        any // how a stale etag is refused: a code or an HTTP status
}

type policies interface {
	GetIamPolicy(context.Context, *iampb.GetIamPolicyRequest, ...gax.CallOption) (*iampb.Policy, error)
	SetIamPolicy(context.Context, *iampb.SetIamPolicyRequest, ...gax.CallOption) (*iampb.Policy, error)
	TestIamPermissions(context.Context, *iampb.TestIamPermissionsRequest, ...gax.CallOption) (*iampb.TestIamPermissionsResponse, error)
}

// messaging completes a holder of Pub/Sub.
func messaging(h holder, resource string, of func(clients) policies) holder {
	h.name, h.stale = resource, codes.Aborted
	h.get = func(ctx context.Context, c clients) (*iampb.Policy, error) {
		return of(c).GetIamPolicy(ctx, &iampb.GetIamPolicyRequest{Resource: resource, Options: &iampb.GetPolicyOptions{RequestedPolicyVersion: 3}})
	}
	h.set = func(ctx context.Context, c clients, p *iampb.Policy) error {
		_, err := of(c).SetIamPolicy(ctx, &iampb.SetIamPolicyRequest{Resource: resource, Policy: p})
		return err
	}
	h.test = func(ctx context.Context, c clients, permissions []string) ([]string, error) {
		r, err := of(c).TestIamPermissions(ctx, &iampb.TestIamPermissionsRequest{Resource: resource, Permissions: permissions})
		return r.GetPermissions(), err
	}
	return h
}

// handled completes a holder whose client has a handle.
func handled(h holder, of func(clients) *iam.Handle) holder {
	h.get = func(ctx context.Context, c clients) (*iampb.Policy, error) {
		p, err := of(c).Policy(ctx)
		if err != nil {
			return nil, err
		}
		return p.InternalProto, nil
	}
	h.set = func(ctx context.Context, c clients, p *iampb.Policy) error {
		return of(c).SetPolicy(ctx, &iam.Policy{InternalProto: p})
	}
	h.test = func(ctx context.Context, c clients, permissions []string) ([]string, error) {
		return of(c).TestPermissions(ctx, permissions)
	}
	return h
}

func holders() []holder {
	bucket := func(c clients) *storage.BucketHandle { return c.storage.Bucket("p-bucket") }
	table := func(c clients) *bigquery.Table { return c.bigquery.Dataset("d").Table("t") }
	const project = "projects/p"
	return []holder{
		messaging(holder{
			make: func(ctx context.Context, c clients) error {
				_, err := c.pubsub.TopicAdminClient.CreateTopic(ctx, &pubsubpb.Topic{Name: topicName})
				return err
			},
			delete: func(ctx context.Context, c clients) error {
				return c.pubsub.TopicAdminClient.DeleteTopic(ctx, &pubsubpb.DeleteTopicRequest{Topic: topicName})
			},
			role: "roles/pubsub.publisher", permission: "pubsub.topics.publish",
		}, topicName, func(c clients) policies { return c.pubsub.TopicAdminClient }),
		messaging(holder{
			make: func(ctx context.Context, c clients) error {
				_, err := c.pubsub.SubscriptionAdminClient.CreateSubscription(ctx, &pubsubpb.Subscription{Name: subscriptionName, Topic: topicName})
				return err
			},
			delete: func(ctx context.Context, c clients) error {
				return c.pubsub.SubscriptionAdminClient.DeleteSubscription(ctx, &pubsubpb.DeleteSubscriptionRequest{Subscription: subscriptionName})
			},
			role: "roles/pubsub.subscriber", permission: "pubsub.subscriptions.consume",
		}, subscriptionName, func(c clients) policies { return c.pubsub.SubscriptionAdminClient }),
		messaging(holder{
			make: func(ctx context.Context, c clients) error {
				_, err := c.schemas.CreateSchema(ctx, &pubsubpb.CreateSchemaRequest{Parent: "projects/p", SchemaId: "a-schema",
					Schema: &pubsubpb.Schema{Type: pubsubpb.Schema_PROTOCOL_BUFFER, Definition: "syntax = \"proto3\"; message M { string a = 1; }"}})
				return err
			},
			delete: func(ctx context.Context, c clients) error {
				return c.schemas.DeleteSchema(ctx, &pubsubpb.DeleteSchemaRequest{Name: schemaName})
			},
			role: "roles/pubsub.viewer", permission: "pubsub.schemas.get",
		}, schemaName, func(c clients) policies { return c.schemas }),
		handled(holder{
			name: "bucket", stale: http.StatusPreconditionFailed,
			make: func(ctx context.Context, c clients) error {
				return bucket(c).Create(ctx, "p", &storage.BucketAttrs{UniformBucketLevelAccess: storage.UniformBucketLevelAccess{Enabled: true}})
			},
			delete: func(ctx context.Context, c clients) error { return bucket(c).Delete(ctx) },
			role:   "roles/storage.objectViewer", permission: "storage.objects.get",
		}, func(c clients) *iam.Handle { return bucket(c).IAM() }),
		handled(holder{
			name: "table", stale: http.StatusConflict,
			make: func(ctx context.Context, c clients) error {
				return table(c).Create(ctx, &bigquery.TableMetadata{Schema: bigquery.Schema{{Name: "a", Type: bigquery.StringFieldType}}})
			},
			delete: func(ctx context.Context, c clients) error { return table(c).Delete(ctx) },
			role:   "roles/bigquery.dataViewer", permission: "bigquery.tables.getData",
		}, func(c clients) *iam.Handle { return table(c).IAM() }),
		{
			name: "project", role: "roles/browser", permission: "resourcemanager.projects.get", stale: http.StatusConflict,
			get: func(ctx context.Context, c clients) (*iampb.Policy, error) {
				p, err := c.projects.Projects.GetIamPolicy(project, &crm.GetIamPolicyRequest{}).Context(ctx).Do()
				if err != nil {
					return nil, err
				}
				policy := &iampb.Policy{Version: int32(p.Version), Etag: []byte(p.Etag)}
				for _, b := range p.Bindings {
					policy.Bindings = append(policy.Bindings, &iampb.Binding{Role: b.Role, Members: b.Members})
				}
				return policy, nil
			},
			set: func(ctx context.Context, c clients, p *iampb.Policy) error {
				policy := &crm.Policy{Version: int64(p.Version), Etag: string(p.Etag)}
				for _, b := range p.Bindings {
					policy.Bindings = append(policy.Bindings, &crm.Binding{Role: b.Role, Members: b.Members})
				}
				_, err := c.projects.Projects.SetIamPolicy(project, &crm.SetIamPolicyRequest{Policy: policy}).Context(ctx).Do()
				return err
			},
			test: func(ctx context.Context, c clients, permissions []string) ([]string, error) {
				r, err := c.projects.Projects.TestIamPermissions(project, &crm.TestIamPermissionsRequest{Permissions: permissions}).Context(ctx).Do()
				if err != nil {
					return nil, err
				}
				return r.Permissions, nil
			},
		},
	}
}

// refusal is the code or the HTTP status of an error.
func refusal(err error) any {
	if e, ok := errors.AsType[*googleapi.Error](err); ok {
		return e.Code
	}
	return status.Code(err)
}

// A policy is what was set last by somebody who had read the one before, outlives a
// restart, and goes with its resource.
func TestPolicies(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	c, stop := startCloud(t, dir)
	if err := c.bigquery.Dataset("d").Create(ctx, nil); err != nil {
		t.Fatal(err)
	}
	kept := make(map[string]*iampb.Policy)
	for _, h := range holders() {
		if h.make != nil {
			if err := h.make(ctx, c); err != nil {
				t.Fatalf("make %s: %v", h.name, err)
			}
		}
		first, err := h.get(ctx, c)
		if err != nil {
			t.Fatalf("%s: %v", h.name, err)
		}
		policy := &iampb.Policy{Etag: first.Etag, Bindings: append(slices.Clone(first.Bindings), &iampb.Binding{Role: h.role, Members: []string{member}})}
		if err := h.set(ctx, c, policy); err != nil {
			t.Fatalf("%s: %v", h.name, err)
		}
		if err := h.set(ctx, c, policy); refusal(err) != h.stale {
			t.Errorf("%s: a stale etag: %v, want %v", h.name, err, h.stale)
		}
		bad := &iampb.Policy{Bindings: []*iampb.Binding{{Role: h.role, Members: []string{"a@example.com"}}}}
		if err := h.set(ctx, c, bad); refusal(err) != codes.InvalidArgument && refusal(err) != http.StatusBadRequest {
			t.Errorf("%s: a member of no kind: %v", h.name, err)
		}
		if kept[h.name], err = h.get(ctx, c); err != nil || !slices.Contains(kept[h.name].Bindings[len(kept[h.name].Bindings)-1].Members, member) {
			t.Errorf("%s: policy %v, %v", h.name, kept[h.name], err)
		}
		if got, err := h.test(ctx, c, []string{h.permission}); err != nil || !slices.Equal(got, []string{h.permission}) {
			t.Errorf("%s: permissions %q, %v", h.name, got, err)
		}
	}
	stop()
	c, stop = startCloud(t, dir)
	defer stop()
	for _, h := range holders() {
		got, err := h.get(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(kept[h.name], got, protocmp.Transform()); diff != "" {
			t.Errorf("%s after a restart (-want +got):\n%s", h.name, diff)
		}
		if h.delete == nil {
			continue
		}
		if err := h.delete(ctx, c); err != nil {
			t.Fatal(err)
		}
		if _, err := h.get(ctx, c); refusal(err) != codes.NotFound && refusal(err) != http.StatusNotFound {
			t.Errorf("%s: the policy of what is deleted: %v", h.name, err)
		}
		if err := h.make(ctx, c); err != nil {
			t.Fatal(err)
		}
		if got, err := h.get(ctx, c); err != nil || slices.ContainsFunc(got.Bindings, func(b *iampb.Binding) bool { return slices.Contains(b.Members, member) }) {
			t.Errorf("%s: made anew it has the policy %v, %v", h.name, got, err)
		}
	}
}
