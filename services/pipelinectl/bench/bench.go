// Package bench measures the pipeline from outside: it starts a fresh sandbox as
// its own process, lands generated files, watches the ledger until all of them
// are loaded, and then checks the outcome against the invariants and the model.
//
// The clock starts with the first upload and stops when a query first sees the
// last file in the ledger, so the figures hold the time of the transaction's
// commit and, at most, one poll more than that. The process that uploads and
// polls shares the machine with the sandbox; what it takes is not subtracted.
// Memory and CPU seconds are read from /proc and are zero where there is none.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/verify"
	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// Config says what to measure.
type Config struct {
	// Orders are spread evenly over Files.
	Orders, Files int
	// Days is how many days the orders are of, each file of one; 0 or 1: all of the last.
	Days int
	// Seed decides the files' content.
	Seed uint64
	// Faults gives the share of orders that break a rule.
	Faults generate.Shares
	// Faulty is how many of the files are faulty, each in its own way: see spoiler.
	// At most half of them.
	Faulty int
	// Updates is the share of the orders that are later versions of earlier ones.
	Updates float64
	// Uploads is how many files are uploaded at the same time.
	Uploads int
	// Sandbox is the sandbox's executable; empty: build it from the workspace.
	Sandbox string
	// Dir is where the sandbox keeps its state; empty: a folder that is removed.
	Dir string
	// Model compares every fact with the model, which takes longer than the load.
	Model bool
	// Samples is how often each question of the dashboard is asked afterwards; 0: never.
	Samples int
	// Timeout bounds the load.
	Timeout time.Duration
	// Progress tells what is being done: a stage and how much of it is done.
	Progress func(stage string, done, total int64)
	env      []string // KEY=VALUE for the sandbox, over its own environment
	// Stderr takes what the build and the sandbox complain about.
	Stderr io.Writer
}

// Report is what was measured. Durations are in the units of their names.
type Report struct {
	Orders  int   `json:"orders"`
	Updated int   `json:"updated,omitempty"` // those of them that are later versions
	Files   int   `json:"files"`
	Lines   int64 `json:"lines"`
	Bytes   int64 `json:"bytes"`
	CPUs    int   `json:"cpus"`

	ReadySeconds    float64 `json:"sandbox_ready_seconds"`
	Seconds         float64 `json:"seconds"`
	OrdersPerSecond float64 `json:"orders_per_second"`
	LinesPerSecond  float64 `json:"lines_per_second"`
	// UploadSeconds is how long the uploads alone took.
	UploadSeconds float64 `json:"upload_seconds"`
	// SettledSeconds is when the last file was put away.
	SettledSeconds float64 `json:"settled_seconds"`
	// Freshness is the time from a file's landing until a query sees it loaded.
	Freshness Percentiles `json:"freshness_ms"`

	// Transactions are those that loaded the orders.
	Transactions Transactions `json:"transactions"`

	// Dashboard is empty unless Config.Samples says otherwise.
	Dashboard []Answer `json:"dashboard,omitempty"`

	PeakRSSBytes int64   `json:"peak_rss_bytes"`
	CPUSeconds   float64 `json:"cpu_seconds"`

	Outcome    Outcome  `json:"outcome"`
	Invariants Verdict  `json:"invariants"`
	Model      *Verdict `json:"model,omitempty"`
}

// Measured tells whether the load itself was measured, whatever failed afterwards.
func (r *Report) Measured() bool { return r.Seconds > 0 }

// Right tells whether everything is accounted for, and rightly.
func (r *Report) Right() bool {
	return r.Outcome.Balanced() && r.Invariants.Holds && (r.Model == nil || r.Model.Holds)
}

// Verdict is whether a check found nothing, and what it found.
type Verdict struct {
	Holds      bool     `json:"holds"`
	Violations []string `json:"violations,omitempty"`
}

func verdict(violations []verify.Violation) Verdict {
	v := Verdict{Holds: len(violations) == 0}
	for _, found := range violations {
		v.Violations = append(v.Violations, found.String())
	}
	return v
}

// Run measures once. On error the report holds what is known until then.
func Run(ctx context.Context, cfg Config) (_ Report, err error) {
	report := Report{Orders: cfg.Orders, Files: cfg.Files, CPUs: runtime.NumCPU()}
	work, err := os.MkdirTemp("", "pipelinectl-bench-")
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	files, err := makeFiles(ctx, cfg, work)
	if err != nil {
		return report, err
	}
	for _, f := range files.orders {
		report.Bytes += f.size
	}
	report.Updated = files.updated
	box, err := startSandbox(ctx, cfg, work)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, box.stop()) }()
	report.ReadySeconds = box.readyAfter.Seconds()
	clients, err := verify.Open(ctx, box.endpoints)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, clients.Close()) }()
	r := &run{cfg: cfg, box: box, clients: clients, files: files}
	if err := r.measure(ctx, &report); err != nil {
		return report, fmt.Errorf("measure: %w", err)
	}
	return report, errors.Join(r.askDashboard(ctx, &report), r.check(ctx, &report))
}

// check sums the outcome up, checks the invariants and compares it with the model. A check
// that cannot be made keeps no other from being made.
func (r *run) check(ctx context.Context, report *Report) error {
	r.cfg.Progress("checking", 0, 0)
	var faults []error
	outcome, err := readOutcome(ctx, r.clients)
	if err != nil {
		faults = append(faults, err)
	}
	report.Outcome = outcome
	violations, err := verify.Invariants(ctx, r.clients)
	if err != nil {
		faults = append(faults, fmt.Errorf("check the invariants: %w", err))
	} else {
		report.Invariants = verdict(violations)
	}
	if !r.cfg.Model {
		return errors.Join(faults...)
	}
	violations, err = verify.Compare(ctx, r.clients, r.landed, reference.Policy{MaxDeactivateShare: 0.2, MaxFindings: 100})
	if err != nil {
		faults = append(faults, fmt.Errorf("compare with the model: %w", err))
	} else {
		v := verdict(violations)
		report.Model = &v
	}
	return errors.Join(faults...)
}
