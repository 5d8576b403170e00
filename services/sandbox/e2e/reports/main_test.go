package reports

import (
	"os"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestMain runs the tests, or makes the reports of a date where a test started this binary once more for that.
func TestMain(m *testing.M) {
	if date := os.Getenv(reportsDate); date != "" {
		os.Exit(beDailyRun(date))
	}
	harness.Main(m)
}
