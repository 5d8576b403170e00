package reports

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
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
	insertCustomersAway(t, p, date.AddDays(-60), 1, few)
	sumUpFacts(t, p)
	small := dailyHeap(t, p, dir, date)
	insertCustomersAway(t, p, date.AddDays(-60), few+1, many)
	sumUpFacts(t, p)
	large := dailyHeap(t, p, dir, date)
	if rows := strings.Count(p.Object(t, daily.ObjectName(date, "churn-risk.csv")), "\r\n") - 1; rows != many {
		t.Errorf("the report has %d rows instead of %d", rows, many)
	}
	t.Logf("heap for %d rows %d MiB, for %d rows %d MiB", few, small>>20, many, large>>20)
	if large > 2*small {
		t.Errorf("the heap grows with the rows: %d MiB for %d, %d MiB for %d", small>>20, few, large>>20, many)
	}
}

// reportsDate names the date whose reports this test binary is to make, instead of
// running tests.
const reportsDate = "E2E_REPORTS_DATE"

// beDailyRun is "reporter daily" that tells at its end how large its heap has been.
func beDailyRun(date string) int {
	code := daily.Main([]string{"-date", date})
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	fmt.Println(memory.HeapSys) // what the heap ever took from the system
	return code
}

// insertCustomersAway gives each of the customers numbered so one order of a day.
func insertCustomersAway(t *testing.T, p *harness.Pipeline, day civil.Date, from, to int) {
	t.Helper()
	p.MustQuery(t, fmt.Sprintf(`INSERT INTO fact_orders (order_id, line_number, customer_id, customer_tier, order_timestamp, order_date, order_hour,
		product_id, category, quantity, unit_price, line_total, total_amount, payment_status, region, file_id, record_index, loaded_at)
	SELECT CONCAT('O-', CAST(n AS STRING)), 1, CONCAT('customer-', CAST(n AS STRING)), 'unknown', TIMESTAMP '%[1]s 12:00:00+00', DATE '%[1]s', 12,
		'P-1', 'unknown', 1, NUMERIC '9.99', NUMERIC '9.99', NUMERIC '9.99', 'completed', 'US', 'file', n, TIMESTAMP '%[1]s 13:00:00+00'
	FROM UNNEST(GENERATE_ARRAY(%[2]d, %[3]d)) AS n`, day, from, to))
}

// sumUpFacts gives facts that no transaction wrote their days' figures, as provisioning does for a warehouse
// that had none.
func sumUpFacts(t *testing.T, p *harness.Pipeline) {
	t.Helper()
	if _, err := provision.Provision(t.Context(), p.Endpoints, provision.Options{}); err != nil {
		t.Fatal(err)
	}
}

// dailyHeap makes a date's reports in another process and returns how many bytes
// its heap has taken.
func dailyHeap(t *testing.T, p *harness.Pipeline, dir string, date civil.Date) int64 {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	values, err := config.ReadFile(filepath.Join(dir, "endpoints.env"))
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), self)
	command.Env = append(os.Environ(), reportsDate+"="+date.String(), "GOGC=100")
	for name, value := range values {
		command.Env = append(command.Env, name+"="+value)
	}
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("reporter daily: %v", err)
	}
	var bytes int64
	if _, err := fmt.Sscan(string(out), &bytes); err != nil {
		t.Fatalf("reporter daily said %q: %v", out, err)
	}
	return bytes
}
