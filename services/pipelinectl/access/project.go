package access

import (
	"context"

	"cloud.google.com/go/iam/apiv1/iampb"
	crm "google.golang.org/api/cloudresourcemanager/v3"
	"google.golang.org/genproto/googleapis/type/expr"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
)

// projectStore is the policy of a project itself. It keeps the API's own form and
// adds to that, so that what this package does not know (audit settings) goes back
// as it came.
func projectStore(cfg cloud.Config, project string) policyStore {
	resource := "projects/" + project
	var held *crm.Policy
	return policyStore{
		get: func(ctx context.Context) (*iampb.Policy, error) {
			service, err := cfg.NewResourceManager(ctx)
			if err != nil {
				return nil, err
			}
			held, err = service.Projects.GetIamPolicy(resource, &crm.GetIamPolicyRequest{
				Options: &crm.GetPolicyOptions{RequestedPolicyVersion: conditionsVersion},
			}).Context(ctx).Do()
			if err != nil {
				return nil, err
			}
			policy := &iampb.Policy{Version: int32(held.Version)}
			for _, b := range held.Bindings {
				policy.Bindings = append(policy.Bindings, &iampb.Binding{Role: b.Role, Members: b.Members, Condition: conditionOf(b.Condition)})
			}
			return policy, nil
		},
		set: func(ctx context.Context, p *iampb.Policy) error {
			service, err := cfg.NewResourceManager(ctx)
			if err != nil {
				return err
			}
			held.Version = int64(p.Version)
			for i, b := range p.Bindings { // those that were there come first, in their order
				if i == len(held.Bindings) {
					held.Bindings = append(held.Bindings, &crm.Binding{Role: b.Role})
				}
				held.Bindings[i].Members = b.Members
			}
			_, err = service.Projects.SetIamPolicy(resource, &crm.SetIamPolicyRequest{Policy: held}).Context(ctx).Do()
			return err
		},
	}
}

func conditionOf(e *crm.Expr) *expr.Expr {
	if e == nil {
		return nil
	}
	return &expr.Expr{Title: e.Title, Description: e.Description, Expression: e.Expression, Location: e.Location}
}
