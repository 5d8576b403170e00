package orders

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/doctor"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/stack"
)

// TestOtherZone gives a warehouse whose days are those of UTC to services of New York, which are
// refused, and then moves it there.
func TestOtherZone(t *testing.T) {
	t.Parallel()
	const zone = "America/New_York"
	newYork, err := calendar.Load(zone)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := harness.StartStack(t, harness.NewConfig(t.TempDir(), "all"))
	p := harness.Connect(t, s.Endpoints(), s.DashboardURL())
	inNewYork := func(service string) {
		t.Helper()
		if err := errors.Join(s.StopService(service), s.StartService(service, func(c *stack.Config) { c.Variables["TIME_ZONE"] = zone })); err != nil {
			t.Fatal(err)
		}
	}
	const remembered = "SELECT time_zone FROM pipeline_fence"
	checkCalendar(t, p, "", doctor.Skip, doctor.OK)
	var files harness.Landed
	files.Add(t, p, "products/p.csv", harness.ProductFile(t, 1))
	p.AwaitFiles(t, 1)
	p.Check(t, "zone of a catalog", remembered, "NULL\n")
	files.Add(t, p, "orders/a.json", []byte(placed("a", "2026-11-02T03:00:00Z", "10.00")))
	p.AwaitFiles(t, 2)
	p.Check(t, "zone of the first orders", remembered, "UTC\n")

	inNewYork(topology.Parser)
	files.Add(t, p, "orders/b.json", []byte(placed("b", "2026-11-02T04:00:00Z", "20.00")))
	files.Add(t, p, "products/q.csv", harness.ProductFile(t, 2)) // has no days
	p.AwaitFiles(t, 4)
	const verdicts = "SELECT landing_name, verdict, reason FROM file_ledger ORDER BY 1"
	p.Check(t, "files of another zone", verdicts, "landing/orders/a.json|loaded|NULL\nlanding/orders/b.json|quarantined|time_zone_mismatch\n"+
		"landing/products/p.csv|loaded|NULL\nlanding/products/q.csv|loaded|NULL\n")
	p.VerifyInvariants(t)
	for _, args := range [][]string{{"status"}, {"verify", "--from-archive"}} {
		var other *warehouse.OtherZoneError
		if out, err := p.Pipelinectl(t, append(args, "--time-zone="+zone)...); !errors.As(err, &other) {
			t.Errorf("%q: %v\n%s", args, err, out)
		}
	}
	runner := p.Daily(t, time.Now, func(c *daily.Config) { c.TimeZone = newYork })
	var other *warehouse.OtherZoneError
	if err := runner.Make(t.Context(), civil.Date{Year: 2026, Month: 11, Day: 1}, nil); !errors.As(err, &other) {
		t.Errorf("reports of another zone: %v", err)
	}
	inNewYork(topology.Reporter)
	ctx, cancel := context.WithTimeout(t.Context(), *harness.Deadline)
	defer cancel()
	if err := s.Wait(ctx); !errors.As(err, &other) || !strings.Contains(err.Error(), "TIME_ZONE=UTC") {
		t.Errorf("a dashboard of another zone ended with %v", err)
	}

	// The move.
	for _, args := range [][]string{{"--dry-run", "--time-zone=" + zone}, {"--time-zone=" + zone}} {
		out, err := p.Pipelinectl(t, append([]string{"provision"}, args...)...)
		if err != nil || !strings.Contains(out, "~ days and hours: UTC -> "+zone) {
			t.Errorf("provision %q: %v\n%s", args, err, out)
		}
	}
	p.Check(t, "zone that it was moved to", remembered, zone+"\n")
	if out, err := p.Pipelinectl(t, "provision", "--all"); err != nil || !strings.Contains(out, "= time zone\n") {
		t.Errorf("provision without a zone: %v\n%s", err, out)
	}
	p.Check(t, "zone that is kept", remembered, zone+"\n")
	checkCalendar(t, p, zone, doctor.OK, doctor.Warn)
	p.BringBack(t, 1, "release", p.FileID(t, "orders/b.json"))
	p.BringBack(t, 1, "reprocess", p.FileID(t, "orders/a.json"))
	p.Check(t, "days", daysQuery, "2026-11-01|2|30\n")
	checkCalendar(t, p, "", doctor.OK, doctor.OK)
	p.Policy.TimeZone = newYork.Location()
	harness.VerifyAll(t, p, files.Sources)
	if err := runner.Make(t.Context(), civil.Date{Year: 2026, Month: 11, Day: 1}, nil); err != nil {
		t.Error(err)
	}
	if err := errors.Join(s.StopService(topology.Reporter), s.StartService(topology.Reporter)); err != nil {
		t.Fatal(err)
	}
	p = harness.Connect(t, s.Endpoints(), s.DashboardURL())
	p.Policy.TimeZone = newYork.Location()
	checkShown(t, p, "2026-11-01", 2, "30.00")
}
