// Package provision brings a project to the state that the pipeline needs:
// topics and subscriptions from pkg/topology, the bucket and its notifications,
// the dataset with the tables and views of the sql module, and the rows that
// those start with. Doing it again changes nothing; after a release it adds what
// is new. The sandbox and a real project are provisioned by the same calls.
//
// It deletes nothing that works: columns, topics and notifications that the
// pipeline no longer uses stay until a person removes them. Only a subscription
// whose topic is gone is replaced, since it could receive nothing any more. What
// cannot be changed in place (a table's partitioning, a column's type, a bucket's
// location) is reported as a ConflictError. It also lets Google's service agents
// publish what Cloud Storage announces and what Pub/Sub gives up. What services may
// do is package access's.
//
// A dry run takes the same steps and leaves out the last call of each, so that its
// plan is what a run would do.
package provision

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/pubsub/v2"
	pubsubapi "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/storage"
	"golang.org/x/sync/errgroup"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/sql"
	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

// Options of Provision; the zero value provisions silently.
type Options struct {
	// DryRun looks and changes nothing.
	DryRun bool
	// Lifecycle of the bucket and of staging; nil: DefaultLifecycle.
	Lifecycle *Lifecycle
	// Shorten names the variables of Lifecycle that may make something be deleted sooner
	// than it is. Without its variable, what is kept longer than Lifecycle says is left
	// alone, and the step says so.
	Shorten []string
	// TimeZone, an IANA name, is what the warehouse is moved to. Empty: it keeps its own, or takes that of
	// the first orders.
	TimeZone string
	// Progress, if set, is called after each step, by one goroutine at a time.
	Progress func(Step)
}

// ConflictError is a resource that exists in another shape and cannot be changed in place.
type ConflictError struct {
	Resource, Reason string
}

func (e *ConflictError) Error() string { return e.Resource + ": " + e.Reason }

// parallel bounds the calls in flight per service; the quotas of table and topic
// creation are far above it.
const parallel = 8

// Provision brings the project of cfg to the wanted state and reports each step.
// On error the plan holds what was done until then; run it again to go on.
func Provision(ctx context.Context, cfg cloud.Config, opts Options) (_ Plan, err error) {
	p := &provisioner{cfg: cfg, opts: opts, lifecycle: DefaultLifecycle()}
	if opts.Lifecycle != nil {
		p.lifecycle = *opts.Lifecycle
	}
	if err := p.lifecycle.Validate(); err != nil {
		return Plan{}, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if err := p.open(ctx); err != nil {
		return Plan{}, err
	}
	err = p.run(ctx)
	slices.SortFunc(p.plan.Steps, func(a, b Step) int { return strings.Compare(a.Resource, b.Resource) })
	return p.plan, err
}

// StepCount is how many steps Provision has, for a progress bar.
func StepCount() (int, error) {
	tables, err := schema.Tables()
	if err != nil {
		return 0, err
	}
	seeds, err := sql.Group("seed")
	if err != nil {
		return 0, err
	}
	const bucketNotificationDatasetAgentsZoneDays = 6
	return len(contracts) + len(topics()) + len(subscriptions()) + bucketNotificationDatasetAgentsZoneDays + len(tables) + len(seeds) + len(upgrades), nil
}

type provisioner struct {
	cfg       cloud.Config
	opts      Options
	lifecycle Lifecycle
	pubsub    *pubsub.Client
	schemas   *pubsubapi.SchemaClient
	storage   *storage.Client
	bigquery  *bigquery.Client

	mu   sync.Mutex
	plan Plan
}

func (p *provisioner) open(ctx context.Context) (err error) {
	if p.pubsub, err = p.cfg.NewPubSub(ctx); err != nil {
		return err
	}
	if p.schemas, err = p.cfg.NewSchemas(ctx); err != nil {
		return err
	}
	if p.storage, err = p.cfg.NewStorage(ctx); err != nil {
		return err
	}
	p.bigquery, err = p.cfg.NewBigQuery(ctx)
	return err
}

func (p *provisioner) close() error {
	var faults []error
	if p.pubsub != nil {
		faults = append(faults, p.pubsub.Close())
	}
	if p.schemas != nil {
		faults = append(faults, p.schemas.Close())
	}
	if p.storage != nil {
		faults = append(faults, p.storage.Close())
	}
	if p.bigquery != nil {
		faults = append(faults, p.bigquery.Close())
	}
	return errors.Join(faults...)
}

// run does what is independent at once: messaging, storage and warehouse. The
// bucket's notification comes last: it needs the bucket and the topic that it
// announces to. A fault in one does not keep the others from being mended.
func (p *provisioner) run(ctx context.Context) error {
	var messaging, bucket, warehouse error
	var branches sync.WaitGroup
	branches.Go(func() { messaging = p.messaging(ctx) })
	branches.Go(func() { bucket = p.bucket(ctx) })
	branches.Go(func() { warehouse = p.warehouse(ctx) })
	branches.Wait()
	if err := errors.Join(messaging, bucket); err != nil {
		return errors.Join(err, warehouse)
	}
	return errors.Join(warehouse, p.notification(ctx))
}

// ensure does one step: look at the resource, and create or update it if that
// is needed. What it returns is recorded; an error names the resource.
func (p *provisioner) ensure(ctx context.Context, resource string, do func(context.Context) (Outcome, []Change, error)) error {
	outcome, changes, err := do(ctx)
	if conflict, ok := errors.AsType[*ConflictError](err); ok {
		conflict.Resource = resource
		outcome, changes = Conflict, []Change{{Setting: "conflict", To: conflict.Reason}}
	} else if err != nil {
		return fmt.Errorf("provision %s: %w", resource, err)
	}
	step := Step{Resource: resource, Outcome: outcome, Changes: changes}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan.Steps = append(p.plan.Steps, step)
	if p.opts.Progress != nil {
		p.opts.Progress(step)
	}
	return err
}

// task is a step of those that are taken at once.
type task struct {
	resource string
	do       func(context.Context) (Outcome, []Change, error)
}

// ensureAll does steps that do not need one another, a few at a time. A conflict
// does not end it, so that a run names all of them.
func (p *provisioner) ensureAll(ctx context.Context, tasks []task) error {
	conflicts := make([]error, len(tasks))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i, t := range tasks {
		g.Go(func() error {
			err := p.ensure(ctx, t.resource, t.do)
			if _, ok := errors.AsType[*ConflictError](err); ok {
				conflicts[i] = err
				return nil
			}
			return err
		})
	}
	return errors.Join(append([]error{g.Wait()}, conflicts...)...)
}
