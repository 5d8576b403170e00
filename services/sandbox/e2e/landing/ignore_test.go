package landing

import (
	"context"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/doctor"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/verify"
)

// TestIgnoredObjects lands what Spark and others write beside their files, and what it is
// renamed to in the end: notifications and sweeps leave the former alone, and operators'
// commands know that it is none of the pipeline's.
func TestIgnoredObjects(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, harness.BehindLanding)
	ignored := []string{
		"orders/_SUCCESS", "orders/_temporary/0/task_1/part-0000.json", "orders/.part-0000.json.crc", "orders/2026_$folder$", "orders/b.json.tmp",
	}
	for _, name := range ignored {
		p.Land(t, name, []byte(harness.Order("part", 1, "P-1", "C-1", "10.00")))
	}
	var files harness.Landed
	files.Add(t, p, "orders/part-0000.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "10.00")))
	p.Land(t, "orders/"+topology.Landing, nil) // a folder that a console shows
	var c harness.Clock
	harness.StartWatcher(t, p, &c)
	harness.StartParser(t, p)
	p.Loaded(t, "orders/part-0000.json")
	// The sweep takes an object of no bytes when it is old enough, after all that comes before it.
	files.Add(t, p, "orders/empty.json", nil)
	c.Forward(365 * 24 * time.Hour)
	p.Loaded(t, "orders/empty.json")
	harness.Await(t, "staging/ empty", func() (bool, error) {
		_, err := p.Bucket().Objects(t.Context(), &storage.Query{Prefix: topology.Staging}).Next()
		return err != nil, err
	})
	for _, name := range ignored {
		if _, err := p.Bucket().Object("landing/" + name).Attrs(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	p.Check(t, "ledger", "SELECT COUNT(*) FROM file_ledger", "2\n")
	harness.VerifyAll(t, p, files.Sources)

	// Who is not told what is ignored finds it.
	opts := doctor.Default()
	told := func() (detail string) {
		t.Helper()
		for _, f := range harness.MustExamine(t, p.Endpoints, opts) {
			if f.Check == "files in landing/" {
				detail = string(f.Status) + ": " + f.Detail
			}
		}
		return detail
	}
	if got, want := told(), "ok: 0, none older than 5m0s; 5 that LANDING_IGNORE leaves alone"; got != want {
		t.Errorf("doctor says %q, want %q", got, want)
	}
	opts.Ignore, opts.LandingAge = &topology.Ignore{LandingIgnore: []string{"_*"}}, 0
	if got, want := told(), "fail: 3 of 3 are older than 0s"; !strings.HasPrefix(got, want) {
		t.Errorf("doctor says %q, want %q", got, want)
	}
	clients, err := verify.Open(context.Background(), p.Endpoints)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { clients.Close() })
	clients.Ignore = *opts.Ignore
	violations, _, err := verify.AtWork(t.Context(), clients, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(violations) != 3 {
		t.Errorf("%d violations, want 3: %v", len(violations), violations)
	}
	if _, err := p.Pipelinectl(t, "verify", "--grace", "0s", "--landing-ignore", "_*"); err == nil {
		t.Error("verify does not heed --landing-ignore")
	}
	if out, err := p.Pipelinectl(t, "verify", "--grace", "0s"); err != nil {
		t.Errorf("verify: %v\n%s", err, out)
	}
	if out, err := p.Pipelinectl(t, "verify", "--landing-ignore", "a/b"); err == nil || !strings.Contains(err.Error(), "no pattern") {
		t.Errorf("verify takes a/b for a pattern: %v\n%s", err, out)
	}
}
