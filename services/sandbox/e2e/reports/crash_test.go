package reports

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"cloud.google.com/go/civil"
	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// auditUnknownTier holds that a tier which a catalog called unknown is no gap once a
// later one names it, and that it is one if the line was to be told.
func auditUnknownTier(t *testing.T, p *harness.Pipeline, runner *daily.Runner, date civil.Date) {
	t.Helper()
	const audit = "SELECT value, status FROM report_data_quality WHERE report_date = '%s' AND check_name = 'lines_not_repaired' AND subject = 'customer_tier'"
	p.Check(t, "tier of the lines and the customer", "SELECT DISTINCT f.customer_tier, c.customer_tier FROM fact_orders AS f JOIN dim_customers AS c ON c.customer_id = f.customer_id WHERE f.customer_id = 'C-NEW'",
		"unknown|gold\n")
	p.Check(t, "lines that a catalog called unknown", fmt.Sprintf(audit, date), "0|ok\n")
	p.MustQuery(t, "INSERT INTO unresolved_refs (ref_kind, ref_id, order_date) SELECT DISTINCT 'customer', customer_id, order_date FROM fact_orders WHERE customer_id = 'C-NEW'")
	if err := runner.Make(t.Context(), date, nil); err != nil {
		t.Fatal(err)
	}
	p.Check(t, "lines that wait for a tier", fmt.Sprintf(audit, date), "2|error\n")
}

// crashAndRepeat ends a run after its first report and after its last, before the
// date's files are there, and finds the same reports after the next run.
func crashAndRepeat(t *testing.T, p *harness.Pipeline, runner *daily.Runner, date civil.Date, want map[string]string) {
	t.Helper()
	for _, last := range []string{daily.ChurnRisk, daily.DataQuality} {
		for name := range want {
			if strings.HasPrefix(name, daily.ObjectName(date, "")) {
				if err := p.Bucket().Object(name).Delete(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		ctx, crash := context.WithCancel(t.Context())
		err := runner.Make(ctx, date, func(s daily.Step) {
			if s.What == last {
				crash()
			}
		})
		crash()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a run that ended after %s: %v", last, err)
		}
		if _, err := p.Bucket().Object(daily.ObjectName(date, daily.PageFile)).Attrs(t.Context()); !errors.Is(err, storage.ErrObjectNotExist) {
			t.Errorf("a run that ended after %s has left a page: %v", last, err)
		}
		if err := runner.Make(t.Context(), date, nil); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(withoutGenerations(want), withoutGenerations(reportState(t, p))); diff != "" {
			t.Errorf("reports after a run that ended after %s (-want +got):\n%s", last, diff)
		}
	}
}

func withoutGenerations(state map[string]string) map[string]string {
	contents := make(map[string]string)
	for name, content := range state {
		if strings.Contains(name, "/") {
			_, content, _ = strings.Cut(content, " ")
		}
		contents[name] = content
	}
	return contents
}
