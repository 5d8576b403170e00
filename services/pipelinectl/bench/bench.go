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
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/model"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/verify"
)

// Config says what to measure.
type Config struct {
	// Orders are spread evenly over Files.
	Orders, Files int
	// Seed decides the files' content.
	Seed uint64
	// Faults gives the share of orders that break a rule.
	Faults generate.Shares
	// Faulty is how many of the files are faulty, each in its own way: see spoiler.
	// At most half of them.
	Faulty int
	// Uploads is how many files are uploaded at the same time.
	Uploads int
	// Sandbox is the sandbox's executable; empty: build it from the workspace.
	Sandbox string
	// Dir is where the sandbox keeps its state; empty: a folder that is removed.
	Dir string
	// Model compares every fact with the model, which takes longer than the load.
	Model bool
	// Asks is how often each question of the dashboard is asked afterwards; 0: never.
	Asks int
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
	Orders int   `json:"orders"`
	Files  int   `json:"files"`
	Lines  int64 `json:"lines"`
	Bytes  int64 `json:"bytes"`
	CPUs   int   `json:"cpus"`

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

	// Dashboard is empty unless Config.Asks says otherwise.
	Dashboard []Answer `json:"dashboard,omitempty"`

	PeakRSSBytes int64   `json:"peak_rss_bytes"`
	CPUSeconds   float64 `json:"cpu_seconds"`

	Outcome    Outcome  `json:"outcome"`
	Invariants Verdict  `json:"invariants"`
	Model      *Verdict `json:"model,omitempty"`
}

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
	if err := r.askDashboard(ctx, &report); err != nil {
		return report, fmt.Errorf("ask the dashboard: %w", err)
	}
	return report, r.check(ctx, &report)
}

// check sums the outcome up and holds it against the invariants and the model.
func (r *run) check(ctx context.Context, report *Report) (err error) {
	r.cfg.Progress("checking", 0, 0)
	if report.Outcome, err = readOutcome(ctx, r.clients); err != nil {
		return err
	}
	violations, err := verify.Invariants(ctx, r.clients)
	if err != nil {
		return fmt.Errorf("check the invariants: %w", err)
	}
	report.Invariants = verdict(violations)
	if !r.cfg.Model {
		return nil
	}
	violations, err = verify.Compare(ctx, r.clients, r.landed, model.Policy{MaxDeactivateShare: 0.2})
	if err != nil {
		return fmt.Errorf("compare with the model: %w", err)
	}
	v := verdict(violations)
	report.Model = &v
	return nil
}
