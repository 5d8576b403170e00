package pubsubfront

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"cloud.google.com/go/iam/apiv1/iampb"
	"google.golang.org/genproto/googleapis/type/expr"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/iampolicy"
)

const policySubject = "registry.policy."

// policyRecord is a policy in the registry, with the resource whose it is.
type policyRecord struct {
	Resource string            `json:"resource"`
	Policy   *iampolicy.Policy `json:"policy"`
}

// iamService serves google.iam.v1.IAMPolicy for topics, subscriptions and schemas.
// Policies are kept, not enforced (package iampolicy).
type iamService struct {
	iampb.UnimplementedIAMPolicyServer
	server *Server
}

// GetIamPolicy implements iampb.IAMPolicyServer.
func (r *iamService) GetIamPolicy(_ context.Context, req *iampb.GetIamPolicyRequest) (*iampb.Policy, error) {
	kind, held, err := r.server.policyOf(req.Resource)
	if err != nil {
		return nil, err
	}
	shown, err := kind.Get(held, int(req.GetOptions().GetRequestedPolicyVersion()))
	if err != nil {
		return nil, policyStatus(err)
	}
	return policyProto(shown), nil
}

// SetIamPolicy implements iampb.IAMPolicyServer.
func (r *iamService) SetIamPolicy(ctx context.Context, req *iampb.SetIamPolicyRequest) (*iampb.Policy, error) {
	s := r.server
	s.admin.Lock()
	defer s.admin.Unlock()
	kind, held, err := s.policyOf(req.Resource)
	if err != nil {
		return nil, err
	}
	kept, err := kind.Set(held, policyFrom(req.GetPolicy()))
	if err != nil {
		return nil, policyStatus(err)
	}
	b, err := json.Marshal(policyRecord{req.Resource, kept})
	if err == nil {
		err = s.registry.Put(ctx, recordName(policySubject, req.Resource), b)
	}
	if err != nil {
		return nil, s.internal(ctx, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.policies[req.Resource] = kept
	return policyProto(kept), nil
}

// TestIamPermissions implements iampb.IAMPolicyServer. A resource that is not there
// gives no permission, and no error.
func (r *iamService) TestIamPermissions(_ context.Context, req *iampb.TestIamPermissionsRequest) (*iampb.TestIamPermissionsResponse, error) {
	if err := iampolicy.CheckPermissions(req.Permissions); err != nil {
		return nil, policyStatus(err)
	}
	_, _, err := r.server.policyOf(req.Resource)
	switch status.Code(err) {
	case codes.OK:
		return &iampb.TestIamPermissionsResponse{Permissions: req.Permissions}, nil
	case codes.NotFound:
		return &iampb.TestIamPermissionsResponse{}, nil
	}
	return nil, err
}

// policyOf is what a resource takes of a policy, and the one that it has; nil if
// nobody has set it.
func (s *Server) policyOf(name string) (kind iampolicy.Resource, held *iampolicy.Policy, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	there, collection := false, "topics"
	switch {
	case strings.Contains(name, "/subscriptions/"):
		kind, collection, there = iampolicy.Subscription, "subscriptions", s.subs[name] != nil
	case strings.Contains(name, "/schemas/"):
		kind, collection, there = iampolicy.Schema, "schemas", s.schemas[name] != nil
	default:
		kind, there = iampolicy.Topic, s.topics[name] != nil
	}
	if !there {
		return kind, nil, missing(name, collection)
	}
	return kind, s.policies[name], nil
}

// dropPolicy forgets the policy of a resource that is being deleted, before the
// resource: one made anew under the name begins without. Callers hold admin.
func (s *Server) dropPolicy(ctx context.Context, name string) error {
	if err := s.registry.Remove(ctx, recordName(policySubject, name)); err != nil {
		return s.internal(ctx, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.policies, name)
	return nil
}

func (s *Server) restorePolicies(ctx context.Context) error {
	return s.registry.Each(ctx, policySubject+"*", func(_ string, value []byte) error {
		var r policyRecord
		if err := json.Unmarshal(value, &r); err != nil || r.Policy == nil {
			return fmt.Errorf("%w: policy: %w", errRecord, err)
		}
		s.policies[r.Resource] = r.Policy
		return nil
	})
}

func policyStatus(err error) error {
	if _, stale := errors.AsType[*iampolicy.StaleError](err); stale {
		return status.Error(codes.Aborted, err.Error())
	}
	return errInvalid("%s", err)
}

func policyFrom(p *iampb.Policy) iampolicy.Policy {
	policy := iampolicy.Policy{Version: int(p.GetVersion()), Etag: p.GetEtag()}
	for _, b := range p.GetBindings() {
		binding := iampolicy.Binding{Role: b.Role, Members: b.Members}
		if c := b.Condition; c != nil {
			binding.Condition = &iampolicy.Condition{Title: c.Title, Description: c.Description, Expression: c.Expression, Location: c.Location}
		}
		policy.Bindings = append(policy.Bindings, binding)
	}
	return policy
}

func policyProto(p *iampolicy.Policy) *iampb.Policy {
	policy := &iampb.Policy{Version: int32(p.Version), Etag: p.Etag}
	for _, b := range p.Bindings {
		binding := &iampb.Binding{Role: b.Role, Members: b.Members}
		if c := b.Condition; c != nil {
			binding.Condition = &expr.Expr{Title: c.Title, Description: c.Description, Expression: c.Expression, Location: c.Location}
		}
		policy.Bindings = append(policy.Bindings, binding)
	}
	return policy
}
