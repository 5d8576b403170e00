package provision

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/access"
)

// grants lets Google's own agents do their part: Cloud Storage must publish its
// notifications, and Pub/Sub must publish dead letters and acknowledge the
// message that became one. Without them notifications are refused and dead
// letters stay where they are.
func (p *provisioner) grants(ctx context.Context) (Outcome, []Change, error) {
	client := access.Client{PubSub: p.pubsub, Storage: p.storage, BigQuery: p.bigquery, Config: p.cfg}
	agent, err := p.storage.ServiceAccount(ctx, p.cfg.ProjectID)
	if err != nil {
		return "", nil, fmt.Errorf("find Cloud Storage's service agent: %w", err)
	}
	number, err := numberOf(agent)
	if err != nil {
		return "", nil, err
	}
	missing, err := client.Apply(ctx, access.Agents(number), p.opts.DryRun)
	if err != nil || len(missing) == 0 {
		return Unchanged, nil, err
	}
	var changes []Change
	for _, b := range missing {
		changes = append(changes, Change{Setting: path.Base(b.Role) + " on " + b.Resource, To: b.Service})
	}
	return Updated, changes, nil
}

// numberOf takes the project's number from the name of Cloud Storage's agent,
// because no API that is needed otherwise would tell it.
func numberOf(storageAgent string) (string, error) {
	number, ok := strings.CutSuffix(strings.TrimPrefix(storageAgent, "service-"), "@gs-project-accounts.iam.gserviceaccount.com")
	if !ok || number == "" || strings.Trim(number, "0123456789") != "" {
		return "", fmt.Errorf("service agent %q does not tell the project's number", storageAgent)
	}
	return number, nil
}
