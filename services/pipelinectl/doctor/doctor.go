// Package doctor examines a deployment from end to end and says what to do about
// each fault it finds: whether every API answers, every resource is as provisioning
// wants it, the warehouse keeps its promises, nothing is stuck, and the services
// are ready. It changes nothing, unless it is asked to land a canary.
//
// A check that needs what another one found missing is skipped, so that one fault
// is told once. What a cloud does not offer (Cloud Monitoring) is skipped, too, and
// said to be.
package doctor

import (
	"context"
	"errors"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/bigquery/storage/managedwriter"
	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/access"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
)

// Status is a finding's gravity.
type Status string

// Statuses.
const (
	OK   Status = "ok"
	Warn Status = "warn" // works, but look at it
	Fail Status = "fail" // does not work, or loses something
	Skip Status = "skip" // could not be examined, or is not offered
)

// Finding is what one check found.
type Finding struct {
	Check  string `json:"check" bigquery:"check"`
	Status Status `json:"status" bigquery:"status"`
	Detail string `json:"detail,omitempty" bigquery:"detail"`
	// Remedy says what to do about it.
	Remedy string `json:"remedy,omitempty" bigquery:"remedy"`
}

// Options of Examine; Default has those of the command.
type Options struct {
	// Lifecycle that the bucket and staging should have, or keep things longer; nil: the
	// default.
	Lifecycle *provision.Lifecycle
	// Namespace of the services' principals; ProjectNumber is looked up if empty.
	Namespace, ProjectNumber string
	// Operator is access.Target's; without it, whether somebody may bring files back is
	// not examined: it may be a person or the cluster's account.
	Operator string
	// Services are URLs of health servers by name; none are asked without.
	Services map[string]string
	// TimeZone is the shop's, as the services are told; nil: the warehouse's.
	TimeZone *calendar.Zone
	// Ignore is what the watcher leaves alone in landing/; nil: its default.
	Ignore *topology.Ignore
	// LandingAge is when a file in landing/ counts as forgotten; StagingAge, when one in
	// staging/ counts as stuck.
	LandingAge, StagingAge time.Duration
	// Letters is how far back dead letters are looked for.
	Letters time.Duration
	// BacklogAge is how old the oldest unacknowledged message may be.
	BacklogAge time.Duration
	// Patience bounds one question to an API or a service; the client libraries would
	// repeat it for minutes.
	Patience time.Duration
	// Canary lands a file and follows it, for at most CanaryTimeout.
	Canary        bool
	CanaryTimeout time.Duration
	// Now is this machine's clock.
	Now func() time.Time
}

// backlogAge is that of the alert MessagesOld. A manifest waits for its transaction in
// the best of times, which is as long as TRANSACTION_INTERVAL.
const backlogAge = 45 * time.Minute

// Default are the options of the command without flags.
func Default() Options {
	return Options{
		Namespace: access.Namespace, LandingAge: 5 * time.Minute, StagingAge: time.Hour, Letters: 7 * 24 * time.Hour,
		BacklogAge: backlogAge, Patience: 10 * time.Second, CanaryTimeout: 10 * time.Minute, Now: time.Now,
	}
}

// examiner holds what the checks share.
type examiner struct {
	cfg      cloud.Config
	opts     Options
	pubsub   *pubsub.Client
	storage  *storage.Client
	bigquery *bigquery.Client
	writeAPI *managedwriter.Client
	findings []Finding
	zone     calendar.Zone   // the shop's, once the warehouse was asked
	broken   map[string]bool // what later checks must not build upon
}

// Examine makes all checks and returns what they found, in their order. An error
// is a doctor that could not begin.
func Examine(ctx context.Context, cfg cloud.Config, opts Options) (_ []Finding, err error) {
	e := &examiner{cfg: cfg, opts: opts, broken: make(map[string]bool)}
	defer func() { err = errors.Join(err, e.close()) }()
	if e.opts.Ignore == nil {
		e.opts.Ignore = new(topology.Ignore)
		if err := config.Defaults(e.opts.Ignore); err != nil {
			return nil, err
		}
	}
	if !e.open(ctx) {
		return e.findings, nil
	}
	e.reach(ctx)
	e.resources(ctx)
	e.permissions(ctx)
	e.nodes(ctx)
	e.notifications(ctx)
	e.files(ctx)
	e.warehouse(ctx)
	e.backlog(ctx)
	e.services(ctx)
	if opts.Canary {
		e.canary(ctx)
	}
	return e.findings, nil
}

// Failed counts the findings that make a deployment faulty.
func Failed(findings []Finding) int {
	n := 0
	for _, f := range findings {
		if f.Status == Fail {
			n++
		}
	}
	return n
}

func (e *examiner) ok(check, detail string) { e.add(check, OK, detail, "") }

func (e *examiner) add(check string, status Status, detail, remedy string) {
	e.findings = append(e.findings, Finding{Check: check, Status: status, Detail: detail, Remedy: remedy})
}

// needs skips a check if something is broken that it builds upon.
func (e *examiner) needs(check string, what ...string) bool {
	for _, w := range what {
		if e.broken[w] {
			e.add(check, Skip, "needs "+w, "")
			return false
		}
	}
	return true
}

func (e *examiner) open(ctx context.Context) bool {
	var messaging, files, warehouse, appends error
	e.pubsub, messaging = e.cfg.NewPubSub(ctx)
	e.storage, files = e.cfg.NewStorage(ctx)
	e.bigquery, warehouse = e.cfg.NewBigQuery(ctx)
	e.writeAPI, appends = e.cfg.NewWriteAPI(context.WithoutCancel(ctx))
	if err := errors.Join(messaging, files, warehouse, appends); err != nil {
		e.add("credentials", Fail, err.Error(),
			"Log in (gcloud auth application-default login), or give the pod a service account with Workload Identity.")
		return false
	}
	return true
}

func (e *examiner) close() error {
	var faults []error
	if e.pubsub != nil {
		faults = append(faults, e.pubsub.Close())
	}
	if e.storage != nil {
		faults = append(faults, e.storage.Close())
	}
	if e.bigquery != nil {
		faults = append(faults, e.bigquery.Close())
	}
	if e.writeAPI != nil {
		faults = append(faults, e.writeAPI.Close())
	}
	return errors.Join(faults...)
}
