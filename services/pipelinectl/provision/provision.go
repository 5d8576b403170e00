// Package provision brings a project to the state that the pipeline needs:
// topics and subscriptions from pkg/topology, the bucket and its notifications,
// the dataset with the tables and views of the sql module, and the rows that
// those start with. Doing it again changes nothing; after a release it adds what
// is new. The sandbox and a real project are provisioned by the same calls.
//
// It never deletes: columns, topics and notifications that the pipeline no
// longer uses stay until a person removes them. What cannot be changed in place
// (a table's partitioning, a column's type, a bucket's location) is reported as
// a ConflictError. In a real project it also lets Google's service agents publish
// what Cloud Storage announces and what Pub/Sub gives up; an embedded cloud asks
// nobody for permission.
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
	"cloud.google.com/go/storage"
	"golang.org/x/sync/errgroup"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

// Outcome is what became of a resource.
type Outcome string

// Outcomes. In a dry run they say what would become of it.
const (
	Created   Outcome = "created"
	Updated   Outcome = "updated"
	Unchanged Outcome = "unchanged"
	// Run is a dry run's word for a statement whose effect only running it shows.
	Run Outcome = "run"
)

// Step is one resource that was looked at.
type Step struct {
	// Resource is its kind and name, such as "topic orders-validated".
	Resource string
	Outcome  Outcome
	// Detail says what was changed, such as "columns added: discount".
	Detail string
}

// Plan lists all steps, ordered by resource.
type Plan struct{ Steps []Step }

// Count is the number of steps with the outcome.
func (p Plan) Count(o Outcome) int {
	n := 0
	for _, s := range p.Steps {
		if s.Outcome == o {
			n++
		}
	}
	return n
}

// Options of Provision; the zero value provisions silently.
type Options struct {
	// DryRun looks and changes nothing.
	DryRun bool
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
	p := &provisioner{cfg: cfg, opts: opts}
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
	tables, err := sql.Tables()
	if err != nil {
		return 0, err
	}
	seeds, err := sql.Group("seed")
	if err != nil {
		return 0, err
	}
	const bucketNotificationDataset = 3
	return len(topics()) + len(subscriptions()) + bucketNotificationDataset + len(tables) + len(seeds), nil
}

type provisioner struct {
	cfg      cloud.Config
	opts     Options
	pubsub   *pubsub.Client
	storage  *storage.Client
	bigquery *bigquery.Client

	mu   sync.Mutex
	plan Plan
}

func (p *provisioner) open(ctx context.Context) (err error) {
	if p.pubsub, err = p.cfg.NewPubSub(ctx); err != nil {
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
	if p.storage != nil {
		faults = append(faults, p.storage.Close())
	}
	if p.bigquery != nil {
		faults = append(faults, p.bigquery.Close())
	}
	return errors.Join(faults...)
}

// run does what is independent at once: messaging, storage and warehouse. Only
// the bucket's notification waits, for the topic that it announces to.
func (p *provisioner) run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	announced := make(chan struct{})
	g.Go(func() error {
		if err := p.messaging(ctx); err != nil {
			return err
		}
		close(announced)
		return nil
	})
	g.Go(func() error {
		if err := p.bucket(ctx); err != nil {
			return err
		}
		select {
		case <-announced:
		case <-ctx.Done():
			return ctx.Err()
		}
		return p.notification(ctx)
	})
	g.Go(func() error { return p.warehouse(ctx) })
	return g.Wait()
}

// ensure does one step: look at the resource, and create or update it if that
// is needed. What it returns is recorded; an error names the resource.
func (p *provisioner) ensure(ctx context.Context, resource string, do func(context.Context) (Outcome, string, error)) error {
	outcome, detail, err := do(ctx)
	if conflict, ok := errors.AsType[*ConflictError](err); ok {
		conflict.Resource = resource
		return err
	}
	if err != nil {
		return fmt.Errorf("provision %s: %w", resource, err)
	}
	step := Step{Resource: resource, Outcome: outcome, Detail: detail}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan.Steps = append(p.plan.Steps, step)
	if p.opts.Progress != nil {
		p.opts.Progress(step)
	}
	return nil
}
