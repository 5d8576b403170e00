package estimate

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/k8s/manifest"
	"github.com/zackkki/ecomm_datapipeline/monitoring/cost/price"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

func newBase(t *testing.T) *Base {
	t.Helper()
	base, err := NewBase()
	if err != nil {
		t.Fatal(err)
	}
	return base
}

// TestLevers finds a lever that names a part which no bill has, and one that costs more
// where it should cost less: the values stand in the order of falling cost, but for
// those of the archive and the traces, where it rises.
func TestLevers(t *testing.T) {
	t.Parallel()
	base := newBase(t)
	bill, err := base.At(Loads[0], nil).Bill()
	if err != nil {
		t.Fatal(err)
	}
	rising := []string{"ARCHIVE_CLASS_DAYS", "TRACE_SAMPLE_RATIO"}
	for _, l := range Levers() {
		for _, part := range l.parts {
			if !slices.ContainsFunc(bill.Lines, func(line Line) bool { return line.Name == part }) {
				t.Errorf("%s moves %q, which no bill has", l.Name, part)
			}
		}
		var before []price.Money
		for _, v := range l.Values {
			costs, err := base.Costs(l, v)
			if err != nil {
				t.Fatal(err)
			}
			for i := range before {
				if c := costs[i].Cmp(before[i]); c > 0 && !slices.Contains(rising, l.Name) || c < 0 && slices.Contains(rising, l.Name) {
					t.Errorf("%s=%s costs %s at %s orders a day, the value before it %s", l.Name, v.Name, costs[i].FloatString(2), Loads[i].Name, before[i].FloatString(2))
				}
			}
			before = costs
		}
	}
}

// TestOverviewOpensWithItsPeriod: the period of the model is that of the page.
func TestOverviewOpensWithItsPeriod(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(manifest.Root(), "services", "reporter", "web", "assets", "overview.js"))
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf(`standard: "%dd"`, overviewDays); !strings.Contains(string(page), want) {
		t.Errorf("the overview does not say %s", want)
	}
}

// TestBatchTables finds a temp table with rows that no statement makes any more.
func TestBatchTables(t *testing.T) {
	t.Parallel()
	d := newBase(t).At(Loads[0], nil)
	plain, err := d.tables()
	if err != nil {
		t.Fatal(err)
	}
	for name := range d.batch(plain, 1, 1, 1) {
		if _, schema := plain[name]; !schema && !slices.Contains(d.temporary, name) {
			t.Errorf("no statement makes the temp table %s", name)
		}
	}
}

func TestHowOften(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                string
		load                Load
		transaction, look   time.Duration
		aggregators         int64
		transactions, looks int64
	}{
		{"files are rarer than the intervals", Load{Files: 96}, time.Minute, 5 * time.Second, 2, 96, 384},
		{"the intervals bound it", Load{Files: 9600}, 15 * time.Minute, time.Minute, 1, 96, 192},
		{"two aggregators look, and one loads", Load{Files: 9600}, 15 * time.Minute, time.Minute, 2, 96, 384},
		{"no interval", Load{Files: 9600}, 0, 5 * time.Second, 1, 9600, 17280},
	}
	for _, test := range tests {
		d := Deployment{Load: test.load, Settings: Settings{TransactionInterval: test.transaction, CompletenessInterval: test.look}}
		d.Pods = []Pod{{Name: topology.Aggregator, Replicas: test.aggregators}}
		if d.transactions() != test.transactions || d.looks() != test.looks {
			t.Errorf("%s: %d transactions and %d checks a day, want %d and %d", test.name, d.transactions(), d.looks(), test.transactions, test.looks)
		}
	}
}
