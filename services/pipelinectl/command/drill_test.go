package command

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/bench"
)

func TestWriteDrill(t *testing.T) {
	t.Parallel()
	counts := bench.RecordCount{Records: 10, Loaded: 7, Duplicates: 1, Rejected: 2}
	report := &bench.Report{
		Files: 1, Bytes: 1_500_000, Seconds: 1.25, SettledSeconds: 1.5,
		Outcome: bench.Outcome{
			Files:    []bench.FileCount{{Kind: "orders", Verdict: "loaded", Files: 1, RecordCount: counts}},
			Records:  counts,
			Rejected: []bench.RuleCount{{Severity: "error", Rule: "too_deep", Count: 2}},
		},
		Invariants: bench.Verdict{Violations: []string{"fact_grain: o-1"}},
		Model:      &bench.Verdict{Holds: true},
	}
	var out strings.Builder
	if err := writeDrill(&out, report); err != nil {
		t.Fatal(err)
	}
	want := `1 order file at once, 1.5 MB: all in the ledger after 1.2 s, all in archive/ or quarantine/ after 1.5 s

kind    verdict  reason   files   records    loaded  duplicates  rejected      held
orders  loaded                1        10         7           1         2         0
all                           1        10         7           1         2         0

rejected records  severity  rule       count
                  error     too_deep       2

findings  severity  rule   count

records = loaded + duplicates + rejected + held                  holds
invariants of warehouse and bucket                               BROKEN
  fact_grain: o-1
every fact, aggregate, count and finding as the model has it     holds
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
	if report.Right() {
		t.Error("a broken invariant is right")
	}
}
