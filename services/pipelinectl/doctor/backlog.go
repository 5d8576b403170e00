package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/api/monitoring/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/plural"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/subscriptions"
)

// backlog looks at the oldest message that each subscription has not acknowledged.
func (e *examiner) backlog(ctx context.Context) {
	const check = "backlog"
	client, err := e.cfg.NewMonitoring(ctx)
	if errors.Is(err, cloud.ErrNoMonitoring) {
		e.add(check, Skip, err.Error(), "")
		return
	}
	if !e.needs(check, apiPubSub) {
		return
	}
	if err != nil {
		e.add(check, Warn, err.Error(), remedyMonitoring)
		return
	}
	e.measure(ctx, check, client)
}

const remedyMonitoring = "Switch the API on (gcloud services enable monitoring.googleapis.com) and ask for roles/monitoring.viewer."

func (e *examiner) measure(ctx context.Context, check string, client *monitoring.Service) {
	states, err := subscriptions.States(ctx, client, e.cfg.ProjectID, e.opts.Now())
	if err != nil {
		e.add(check, Warn, err.Error(), remedyMonitoring)
		return
	}
	late := 0
	for _, id := range topology.Subscriptions() {
		for _, id := range []string{id, topology.DeadLetterSubscription(id)} {
			age := states[id].Oldest
			if age <= e.opts.BacklogAge {
				continue
			}
			late++
			service := id[strings.LastIndexByte(id, '.')+1:]
			e.add(check, Fail, fmt.Sprintf("%s: %s waiting, the oldest for %s", id, plural.Of(states[id].Waiting, "message"), age),
				"Look at the readiness and the log of the "+service+", and whether it is scaled to the load.")
		}
	}
	switch {
	case len(states) == 0:
		e.add(check, Skip, "Cloud Monitoring has no samples of the subscriptions yet", "")
	case late == 0:
		e.ok(check, fmt.Sprintf("no message waits longer than %s", e.opts.BacklogAge))
	}
}
