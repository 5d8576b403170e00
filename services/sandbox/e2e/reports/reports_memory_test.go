package reports

import (
	"strings"
	"testing"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestReportsInLittleMemory makes a report of ten pages of rows and one of a hundred
// and fifty, each in a process of its own. Both keep no more than a page of them; what
// the second takes more is the collector's ease.
func TestReportsInLittleMemory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := harness.StartWith(t, harness.NewConfig(dir, "none"))
	date := civil.Date{Year: 2026, Month: 3, Day: 1}
	few, many := 10_000, 150_000
	p.InsertCustomersAway(t, date.AddDays(-60), 1, few)
	small := p.DailyHeap(t, dir, date)
	p.InsertCustomersAway(t, date.AddDays(-60), few+1, many)
	large := p.DailyHeap(t, dir, date)
	if rows := strings.Count(p.Object(t, daily.ObjectName(date, "churn-risk.csv")), "\r\n") - 1; rows != many {
		t.Errorf("the report has %d rows instead of %d", rows, many)
	}
	t.Logf("heap for %d rows %d MiB, for %d rows %d MiB", few, small>>20, many, large>>20)
	if large > 2*small {
		t.Errorf("the heap grows with the rows: %d MiB for %d, %d MiB for %d", small>>20, few, large>>20, many)
	}
}
