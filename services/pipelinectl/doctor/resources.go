package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/access"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
)

const remedyProvision = "Run pipelinectl provision; --dry-run shows what it would do."

// resources compares what is there with what provisioning would make.
func (e *examiner) resources(ctx context.Context) {
	const check = "resources"
	if !e.needs(check, apiPubSub, apiStorage, apiBigQuery) {
		return
	}
	// What is kept longer than the deployment's own variables say is sound: no Shorten.
	plan, err := provision.Provision(ctx, e.cfg, provision.Options{DryRun: true, Lifecycle: e.opts.Lifecycle})
	faults := 0
	for _, s := range plan.Steps {
		if s.Resource == "seed/pipeline_fence" {
			continue // a check of its own says what its absence means
		}
		var changes []string
		for _, c := range s.Changes {
			if c.Note != "" {
				e.add(s.Resource, Warn, c.Setting+": "+c.Note, c.Remedy)
				continue
			}
			changes = append(changes, c.String())
		}
		detail := strings.Join(changes, "; ")
		switch s.Outcome {
		case provision.Created:
			e.add(s.Resource, Fail, "it is missing", remedyProvision)
			e.broken[s.Resource] = true
		case provision.Replaced:
			e.add(s.Resource, Fail, "it receives nothing any more: "+detail, remedyProvision)
		case provision.Conflict:
			e.add(s.Resource, Fail, s.Changes[0].To, "Provisioning cannot change this in place: rename or remove it, then run pipelinectl provision.")
			e.broken[s.Resource] = true
		case provision.Updated:
			e.add(s.Resource, gravity(s.Changes), detail, remedyProvision)
		default:
			continue
		}
		faults++
	}
	if _, conflict := errors.AsType[*provision.ConflictError](err); err != nil && !conflict {
		e.add(check, Fail, err.Error(), "See the error; pipelinectl provision --dry-run makes the same calls.")
		return
	}
	if faults == 0 {
		e.ok(check, fmt.Sprintf("%d are as provisioning wants them", plan.Count(provision.Unchanged)))
	}
}

// gravity is a warning for texts and labels, and a failure for what changes how things work.
func gravity(changes []provision.Change) Status {
	if slices.ContainsFunc(changes, func(c provision.Change) bool {
		return c.Left == "" && c.Note == "" && !strings.HasPrefix(c.Setting, "description") && !strings.HasPrefix(c.Setting, "label")
	}) {
		return Fail
	}
	return Warn
}

// permissions compares the policies with what every service needs.
func (e *examiner) permissions(ctx context.Context) {
	const check = "permissions"
	if !e.needs(check, apiPubSub, apiStorage, apiBigQuery) {
		return
	}
	client := access.Client{PubSub: e.pubsub, Storage: e.storage, BigQuery: e.bigquery, Config: e.cfg}
	missing, total, err := e.missingPermissions(ctx, client)
	if err != nil {
		e.add(check, Fail, err.Error(), "Run this command as somebody who may read the policies, such as a project's owner.")
		return
	}
	for _, b := range missing {
		e.add(check, Fail, fmt.Sprintf("%s lacks %s on %s %s", b.Service, b.Role, b.Kind, b.Resource), "Run pipelinectl provision --iam=apply.")
	}
	if len(missing) == 0 {
		e.ok(check, fmt.Sprintf("%d granted", total))
	}
}

func (e *examiner) missingPermissions(ctx context.Context, client access.Client) (missing []access.Binding, total int, err error) {
	target := access.Target{Cloud: e.cfg, Number: e.opts.ProjectNumber, Namespace: e.opts.Namespace, Operator: e.opts.Operator}
	if target.Number == "" {
		if target.Number, err = client.ProjectNumber(ctx); err != nil {
			return nil, 0, err
		}
	}
	bindings, err := access.Bindings(target)
	if err != nil {
		return nil, 0, err
	}
	if e.opts.Operator == "" {
		bindings = slices.DeleteFunc(bindings, func(b access.Binding) bool { return b.Service == topology.Operator })
	}
	missing, err = client.Apply(ctx, bindings, true)
	return missing, len(bindings), err
}

// notifications looks for those that announce to the watcher what it has not asked
// for: without the prefix, every file that is put away is announced again.
func (e *examiner) notifications(ctx context.Context) {
	const check = "other notifications"
	if !e.needs(check, apiStorage, "bucket "+e.cfg.Bucket) {
		return
	}
	present, err := e.storage.Bucket(e.cfg.Bucket).Notifications(ctx)
	if err != nil {
		e.add(check, Fail, err.Error(), remedyOf(err, "storage.googleapis.com"))
		return
	}
	ours, others := 0, 0
	for id, n := range present {
		if n.TopicID != topology.TopicLandingNotifications || n.TopicProjectID != e.cfg.ProjectID {
			continue
		}
		if n.ObjectNamePrefix == topology.Landing && ours == 0 {
			ours++
			continue
		}
		others++
		e.add(check, Warn, fmt.Sprintf("notification %s announces %v of %q to %s, besides the pipeline's own", id, events(n), n.ObjectNamePrefix, n.TopicID),
			"Remove it: gcloud storage buckets notifications delete projects/_/buckets/"+e.cfg.Bucket+"/notificationConfigs/"+id)
	}
	if others == 0 {
		e.ok(check, "none")
	}
}

func events(n *storage.Notification) []string {
	if len(n.EventTypes) == 0 {
		return []string{"every event"}
	}
	return n.EventTypes
}
