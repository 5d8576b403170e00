package stack

import (
	"context"
	"errors"
	"fmt"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/access"
)

// grant gives the services of a cluster the permissions that they need, as
// provision --iam=apply does: the embedded cloud does not enforce them, but whoever
// looks at it sees what a real project would have.
func grant(ctx context.Context, endpoints cloud.Config) (err error) {
	client, err := access.Open(ctx, endpoints)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	number, err := client.ProjectNumber(ctx)
	if err != nil {
		return err
	}
	target := access.Target{Cloud: endpoints, Number: number, Namespace: access.Namespace}
	bindings, err := access.Bindings(target)
	if err != nil {
		return err
	}
	bindings = append(bindings, access.NodeBindings(target)...)
	if _, err := client.Apply(ctx, bindings, false); err != nil {
		return fmt.Errorf("grant the services' permissions: %w", err)
	}
	return nil
}
