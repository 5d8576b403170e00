package stack

import (
	"context"
	"fmt"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/access"
)

// grant gives the services of a cluster the permissions that they need, as
// provision --iam=apply does: the embedded cloud does not enforce them, but whoever
// looks at it sees what a real project would have.
func grant(ctx context.Context, endpoints cloud.Config) error {
	err := access.Grant(ctx, endpoints, func(number string) ([]access.Binding, error) {
		target := access.Target{Cloud: endpoints, Number: number, Namespace: access.Namespace}
		bindings, err := access.Bindings(target)
		return append(bindings, access.NodeBindings(target)...), err
	})
	if err != nil {
		return fmt.Errorf("grant the services' permissions: %w", err)
	}
	return nil
}
