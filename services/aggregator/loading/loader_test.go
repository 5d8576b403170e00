package loading

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

func TestIsPermanent(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  error
		want bool
	}{
		"stale fence": {&bigquery.Error{Reason: "invalidQuery", Message: "Assertion failed: stale_fence"}, false},
		"imbalance":   {&bigquery.Error{Reason: "invalidQuery", Message: "Assertion failed: ledger_imbalance"}, true},
		"no access":   {&bigquery.Error{Reason: "accessDenied"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := isPermanent(tc.err); got != tc.want {
				t.Errorf("isPermanent = %t, want %t", got, tc.want)
			}
		})
	}
}

func TestCulprit(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]rules.ID{
		"Assertion failed: duplicate_orders": rules.DuplicateOrders,
		"Assertion failed: ledger_imbalance": rules.LedgerImbalance,
		"Syntax error":                       rules.TransactionFailed,
	} {
		rule, detail := culprit(fmt.Errorf("transaction of 1 files: %w", &bigquery.Error{Message: message}))
		if rule != want || detail == "" {
			t.Errorf("%q: rule %s, detail %q, want %s", message, rule, detail, want)
		}
	}
}

func TestDuplicatesFailAFileUnlessItIsAllowed(t *testing.T) {
	t.Parallel()
	manifest := func(allowed bool) *pipelinev1.FileManifest {
		return &pipelinev1.FileManifest{File: &pipelinev1.LandedFile{Overrides: &pipelinev1.Overrides{AcceptDuplicates: allowed}}}
	}
	for policy, want := range map[DuplicatePolicy][]bool{RejectOrder: {false, false}, FailFile: {true, false}} {
		var got []bool
		for _, p := range fileParams([]*pipelinev1.FileManifest{manifest(false), manifest(true)}, policy) {
			got = append(got, p.FailDups)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", policy, diff)
		}
	}
}

func TestScriptIsOneTransactionWithLiteralDates(t *testing.T) {
	t.Parallel()
	s, err := newScript()
	if err != nil {
		t.Fatal(err)
	}
	landed := time.Date(2026, 11, 1, 23, 59, 0, 0, time.UTC)
	manifest := &pipelinev1.FileManifest{
		File:       &pipelinev1.LandedFile{LandedAt: timestamppb.New(landed)},
		OrderDates: []int32{20757},
	}
	text, err := s.render(boundsOf([]*pipelinev1.FileManifest{manifest}, facts{repairs: []int32{20700}, replaced: []int32{20750}, findings: []int32{20751}}, landed.Add(time.Hour)).dates())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(text, "BEGIN TRANSACTION;") || !strings.HasSuffix(text, "COMMIT TRANSACTION;\n") {
		t.Error("the statements do not stand in one transaction")
	}
	for _, want := range []string{
		"landed_date IN (DATE '2026-11-01')",
		"dead_lettered_date IN (DATE '2026-11-01', DATE '2026-11-02', DATE '2026-11-03')",
		"f.order_date IN (DATE '2026-09-04')",
		"a.metric_date IN (DATE '2026-09-04', DATE '2026-10-24', DATE '2026-10-31')",
		"DATE(a.metric_hour) IN (DATE '2026-10-24', DATE '2026-10-31')",
		"k.order_date IN (DATE '2026-10-24')",
		"DATE(q.check_timestamp) IN (DATE '2026-10-25')",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no literal bound %q", want)
		}
	}
	if fence, insert := strings.Index(text, "UPDATE pipeline_fence"), strings.Index(text, "INSERT INTO"); fence < 0 || fence > insert {
		t.Error("the fence is not raised before the first INSERT")
	}
}

func TestReadyPicksOneReadingPerFileInOrderOfLanding(t *testing.T) {
	t.Parallel()
	file := func(id, parse string, second int64, complete bool) *waiting {
		return &waiting{complete: complete, manifest: &pipelinev1.FileManifest{
			ParseId: parse,
			File:    &pipelinev1.LandedFile{FileId: id, LandedAt: &timestamppb.Timestamp{Seconds: second}},
		}}
	}
	files := map[string]*waiting{}
	for _, f := range []*waiting{
		file("c", "c1", 3, true), file("a", "a1", 1, true), file("a", "a2", 1, true),
		file("b", "b1", 2, false), file("e", "e1", 4, true), file("d", "d1", 4, true),
	} {
		admit(files, f)
	}
	s := &Service{now: time.Now, config: Config{MaxFilesPerTransaction: 3}}
	var got []string
	for _, f := range s.ready(files) {
		got = append(got, f.manifest.GetFile().GetFileId())
	}
	if diff := cmp.Diff([]string{"a", "c", "d"}, got); diff != "" {
		t.Errorf("ready (-want +got):\n%s", diff)
	}
}

func TestReadyPicksTheHighestRevision(t *testing.T) {
	t.Parallel()
	files := map[string]*waiting{}
	for revision := range int64(4) {
		admit(files, &waiting{complete: revision < 3, manifest: &pipelinev1.FileManifest{
			ParseId: fmt.Sprint(revision), File: &pipelinev1.LandedFile{FileId: "f", Revision: revision},
		}})
	}
	s := &Service{now: time.Now, config: Config{MaxFilesPerTransaction: 3}}
	ready := s.ready(files)
	if len(ready) != 1 || ready[0].revision() != 2 {
		t.Errorf("ready %v, want the complete reading of the highest revision", ready)
	}
}

func TestReadyPrefersAReadingToTheWatchersWord(t *testing.T) {
	t.Parallel()
	file := &pipelinev1.LandedFile{FileId: "f"}
	gaveUp := &waiting{complete: true, manifest: &pipelinev1.FileManifest{File: file, ParseId: "w", Reason: "parser_failed"}}
	reading := &waiting{manifest: &pipelinev1.FileManifest{File: file, ParseId: "p"}}
	s := &Service{now: time.Now, config: Config{MaxFilesPerTransaction: 10}}
	files := map[string]*waiting{"w": gaveUp}
	if got := s.ready(files); len(got) != 1 {
		t.Errorf("%d files ready when no parser has read it, want 1", len(got))
	}
	files["p"] = reading
	if got := s.ready(files); len(got) != 0 {
		t.Errorf("%d files ready while a reading is incomplete, want 0", len(got))
	}
	reading.complete = true
	if got := s.ready(files); len(got) != 1 || got[0] != reading {
		t.Errorf("ready = %v, want the reading", got)
	}
}

func TestDedupRangeReachesBackFromTheOldestOrder(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	w := &warehouse{lookback: 30}
	for name, tc := range map[string]struct {
		orders []int32
		want   string
	}{
		"no orders":   {nil, "2026-10-24"},
		"late orders": {[]int32{20700, 20600}, "2026-04-27"},
	} {
		if from, _ := w.dedupRange(bounds{orders: tc.orders}, now); from.String() != tc.want {
			t.Errorf("%s: from %s, want %s", name, from, tc.want)
		}
	}
}

func TestEveryDeliveryOfAManifestIsSettled(t *testing.T) {
	t.Parallel()
	manifest := &pipelinev1.FileManifest{ParseId: "p"}
	first := &waiting{manifest: manifest, done: make(chan error, 1)}
	second := &waiting{manifest: manifest, done: make(chan error, 1)}
	files := map[string]*waiting{}
	admit(files, first)
	admit(files, second)
	want := errors.New("outcome")
	files["p"].settle(want)
	for _, w := range []*waiting{first, second} {
		if err := <-w.done; !errors.Is(err, want) {
			t.Errorf("settled with %v", err)
		}
	}
}
