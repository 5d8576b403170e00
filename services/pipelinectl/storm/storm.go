// Package storm attacks a pipeline of its own and then holds it to its promises: nothing
// lost, nothing doubled, to the cent.
//
// The embedded cloud and each service are processes of their own. While files of every kind
// land, the storm kills them, freezes them, has calls fail, lose their answers, wait or
// break off, ends jobs, takes a cloud service or the disk away; everything by one seed, so
// that a storm can be had again: the same seed draws the same files and the same blows in
// the same order, though not at the same instant of the pipeline's work.
//
// Between spells of blows there are outages, of one thing at a time, to see how long the
// pipeline takes to catch up. In the end all is left in peace until it is quiet, and every
// table is compared with what the reference model computes from the landed bytes.
package storm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/local"
	"github.com/zackkki/ecomm_datapipeline/services/verify"
)

// Config says how long and how hard to attack.
type Config struct {
	// Seed decides the files and the blows.
	Seed uint64
	// Duration is how long files land and blows fall; what is under way then is waited for.
	Duration time.Duration
	// Orders are spread evenly over the duration.
	Orders int
	// Spell is how long blows fall between two outages (0: none do), and Outage how long one
	// lasts.
	Spell, Outage time.Duration
	// Settle bounds the wait for a quiet pipeline in the end.
	Settle time.Duration
	// Programs is the folder of the built programs; empty: build them from the workspace.
	Programs string
	// Dir is where all state is kept, files and logs too; empty: a folder that is removed.
	Dir string
	// Log takes a line for every blow and, from time to time, how far the files are.
	Log io.Writer
}

// storm is one run.
type storm struct {
	cfg     Config
	started time.Time
	draw    *rand.Rand // of the blows
	fleet   *fleet
	load    *load
	clients *verify.Clients
	report  *Report
}

// Run attacks once. On error the report holds what is known until then.
func Run(ctx context.Context, cfg Config) (_ *Report, err error) {
	report := newReport(cfg.Seed)
	if cfg.Dir == "" {
		if cfg.Dir, err = os.MkdirTemp("", "pipelinectl-storm-"); err != nil {
			return report, err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(cfg.Dir)) }()
	} else if entries, err := os.ReadDir(cfg.Dir); err == nil && len(entries) > 0 {
		return report, fmt.Errorf("the folder %s is not empty: a storm needs a fresh one", cfg.Dir)
	}
	if cfg.Programs == "" {
		cfg.Programs = filepath.Join(cfg.Dir, "programs")
		if err := os.MkdirAll(cfg.Programs, 0o755); err != nil {
			return report, err
		}
		fmt.Fprintln(cfg.Log, "building the programs")
		if err := local.Build(ctx, cfg.Programs, cfg.Log, programs()...); err != nil {
			return report, err
		}
	}
	s := &storm{cfg: cfg, started: time.Now(), draw: rand.New(rand.NewPCG(cfg.Seed, 1)), report: report}
	if s.fleet, err = startFleet(ctx, cfg, s.say); err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, s.fleet.close()) }()
	if s.clients, err = verify.Open(context.WithoutCancel(ctx), s.fleet.endpoints); err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, s.clients.Close()) }()
	return report, s.run(ctx)
}

// run lands and strikes by turns, waits for quiet, and checks.
func (s *storm) run(ctx context.Context) error {
	var err error
	if s.load, err = newLoad(s.cfg, s.clients); err != nil {
		return err
	}
	s.started = time.Now()
	raging, over := context.WithTimeout(ctx, s.cfg.Duration)
	defer over()
	landed := make(chan error, 1)
	go func() { landed <- s.load.run(ctx, s.cfg.Duration) }()
	memory := make(chan map[string]*Memory, 1)
	go func() { memory <- s.watchMemory(raging) }()
	if err := errors.Join(s.rage(raging), s.fleet.calm(ctx)); err != nil {
		return err
	}
	over()
	s.report.Memory = <-memory
	s.report.Seconds = time.Since(s.started).Seconds()
	s.say("the storm is over")
	if err := <-landed; err != nil {
		return err
	}
	return s.judge(ctx)
}

// say writes a line of the log.
func (s *storm) say(format string, args ...any) {
	fmt.Fprintf(s.cfg.Log, "%7.1fs  %s\n", time.Since(s.started).Seconds(), fmt.Sprintf(format, args...))
}

// rage has spells of blows and outages by turns until ctx is done.
func (s *storm) rage(ctx context.Context) error {
	kinds := outages()
	s.draw.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
	for n := 0; ctx.Err() == nil; n++ {
		var err error
		if s.cfg.Spell > 0 {
			err = s.spell(ctx)
		}
		if err == nil && ctx.Err() == nil {
			err = s.outage(ctx, kinds[n%len(kinds)])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// between draws a time.
func between(draw *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(draw.Int64N(int64(most-least)+1))
}
