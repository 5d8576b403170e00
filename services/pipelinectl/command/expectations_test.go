package command

import (
	"encoding/csv"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

// TestExpectationsCheck: the example that the command prints is right, and of a wrong file each fault is told with its line.
func TestExpectationsCheck(t *testing.T) {
	t.Parallel()
	example, _, err := execute(t, "expectations", "example")
	if err != nil {
		t.Fatal(err)
	}
	out, _, err := execute(t, "expectations", "check", "-o", "csv", write(t, "expectations.yaml", example))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(rows) < 10 {
		t.Fatalf("%v:\n%s", err, out)
	}
	if diff := cmp.Diff([][]string{
		{"table", "column", "check", "expectation", "severity"},
		{"orders", "total_amount", "between", "at least 0.01, at most 20000", "error"},
	}, rows[:2]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	wrong := write(t, "wrong.yaml", "expectations:\n  - {table: orders, column: totel, not_null: true}\n  - {table: lines, column: quantity, between: {min: 5, max: 2}}\n")
	_, _, err = execute(t, "expectations", "check", wrong)
	if err == nil || !strings.Contains(err.Error(), wrong+":2: ") || !strings.Contains(err.Error(), wrong+":3: ") {
		t.Errorf("of a wrong file it is said: %v", err)
	}
	if got := usage.Status(err); got != usage.StatusFound {
		t.Errorf("status %d of a wrong file", got)
	}
	_, _, err = execute(t, "expectations", "check", filepath.Join(t.TempDir(), "none.yaml"))
	if err == nil || !strings.Contains(err.Error(), "none.yaml") || usage.Status(err) == usage.StatusFound {
		t.Errorf("of a file that is not there it is said, with status %d: %v", usage.Status(err), err)
	}
}
