package loading

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.opentelemetry.io/otel/metric/noop"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/epoch"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

func TestFailureOf(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  error
		want failure
	}{
		"none":            {nil, none},
		"another's turn":  {fmt.Errorf("begin: %w", &notNow{time.Second}), early},
		"stale fence":     {&bigquery.Error{Reason: "invalidQuery", Message: "Assertion failed: stale_fence"}, passing},
		"imbalance":       {&bigquery.Error{Reason: "invalidQuery", Message: "Assertion failed: ledger_imbalance"}, lasting},
		"no access":       {&bigquery.Error{Reason: "accessDenied"}, passing},
		"lost job":        {&bigquery.Error{Reason: "jobInternalError"}, passing},
		"unknown":         {&bigquery.Error{Reason: "somethingNew"}, passing},
		"too slow":        {errors.Join(errTooSlow, &bigquery.Error{Reason: "timeout"}), slow},
		"a timeout alone": {&bigquery.Error{Reason: "timeout"}, passing},
		"too many days":   {fmt.Errorf("plan: %w", errTooManyDays), manyDays},
		"too dear":        {&bigquery.Error{Reason: "bytesBilledLimitExceeded"}, overBudget},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := failureOf(tc.err); got != tc.want {
				t.Errorf("failure %d, want %d", got, tc.want)
			}
		})
	}
}

func TestCulprit(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]rules.ID{
		"Assertion failed: duplicate_orders": rules.DuplicateOrders,
		"contradicting_records at [1:2]":     rules.ContradictingRecords,
		"Assertion failed: ledger_imbalance": rules.LedgerImbalance,
		"Syntax error":                       rules.TransactionFailed,
	} {
		rule, detail := culprit(fmt.Errorf("transaction of 1 file: %w", &bigquery.Error{Message: message}))
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
	transaction, err := s.bringing(sql.OrdersAgain, sql.Products, sql.Customers, sql.Refused, sql.Repairs, sql.OpenFindings)
	if err != nil {
		t.Fatal(err)
	}
	dates := make(map[string][]int32)
	known := knownDays{repairs: []int32{20700}, replaced: []int32{20750}, findings: []int32{20751}, open: []int32{20752}}
	for name, value := range new(starSchema).params(newBatch([]*waiting{{manifest: manifest}}), &plan{now: landed.Add(time.Hour), known: known}) {
		if days, ok := value.([]int32); ok {
			dates[name] = days
		}
	}
	text, err := transaction.InlineDates(dates)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(text, "-- begin\nBEGIN TRANSACTION;") || !strings.HasSuffix(text, "COMMIT TRANSACTION;\n") {
		t.Error("the statements do not stand in one transaction")
	}
	for _, want := range []string{
		"landed_date IN (DATE '2026-11-01')",
		"dead_lettered_date IN (DATE '2026-11-01', DATE '2026-11-02', DATE '2026-11-03')",
		"f.order_date IN (DATE '2026-09-04')",
		"a.metric_date IN (DATE '2026-09-04', DATE '2026-10-24', DATE '2026-10-31')",
		"DATE(a.metric_hour) IN (DATE '2026-10-23', DATE '2026-10-24', DATE '2026-10-25', DATE '2026-10-30', DATE '2026-10-31', DATE '2026-11-01')",
		"k.order_date IN (DATE '2026-10-24')",
		"DATE(q.check_timestamp) IN (DATE '2026-10-25')",
		"DATE(q.check_timestamp) IN (DATE '2026-10-26')",
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
	s := &Service{now: time.Now, config: Config{MaxFilesPerTransaction: 3, MaxDaysPerTransaction: 100}}
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
	s := &Service{now: time.Now, config: Config{MaxFilesPerTransaction: 3, MaxDaysPerTransaction: 100}}
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
	s := &Service{now: time.Now, config: Config{MaxFilesPerTransaction: 10, MaxDaysPerTransaction: 100}}
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

// TestBatchIsWithinTheLimits: a transaction has at most so many files and days, and a file
// alone may have more.
func TestBatchIsWithinTheLimits(t *testing.T) {
	t.Parallel()
	files := func(days ...[]int32) (all []*waiting) {
		for _, d := range days {
			all = append(all, &waiting{manifest: &pipelinev1.FileManifest{OrderDates: d, HourDates: d}})
		}
		return all
	}
	s := &Service{config: Config{MaxFilesPerTransaction: 3, MaxDaysPerTransaction: 4}}
	for name, tc := range map[string]struct {
		files []*waiting
		want  int
	}{
		"none":               {nil, 0},
		"too many files":     {files(nil, nil, nil, nil), 3},
		"days in common":     {files([]int32{1, 2, 3}, []int32{2, 3, 4}, []int32{4}), 3},
		"too many days":      {files([]int32{1, 2, 3}, []int32{4, 5}, []int32{1}), 1},
		"too many in one":    {files([]int32{1, 2, 3, 4, 5}, []int32{1}), 1},
		"as many as allowed": {files([]int32{1, 2}, []int32{3, 4}), 2},
	} {
		if got := s.atOnce(tc.files); len(got) != tc.want {
			t.Errorf("%s: %d files, want %d", name, len(got), tc.want)
		}
	}
	shop := []*waiting{ // in New York, whose evenings are the next day of UTC
		{manifest: &pipelinev1.FileManifest{OrderDates: []int32{1}, HourDates: []int32{1, 2}}},
		{manifest: &pipelinev1.FileManifest{OrderDates: []int32{11}, HourDates: []int32{11, 12}}},
		{manifest: &pipelinev1.FileManifest{OrderDates: []int32{21}, HourDates: []int32{21}}},
	}
	if got := s.atOnce(shop); len(got) != 2 {
		t.Errorf("days of the shop that are two of UTC: %d files, want 2", len(got))
	}
}

// TestFilesThatAreTooMuchTakeTurns: after a transaction that was too slow, its files come in
// halves, after those that wait behind them; one that is slow alone is tried no more, though
// its alarm goes on.
func TestFilesThatAreTooMuchTakeTurns(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	meters, err := newMetrics(noop.NewMeterProvider().Meter(""))
	if err != nil {
		t.Fatal(err)
	}
	s := &Service{
		now: func() time.Time { return now }, log: slog.New(slog.DiscardHandler), metrics: meters,
		config: Config{MaxFilesPerTransaction: 10, MaxDaysPerTransaction: 10},
	}
	files := map[string]*waiting{}
	add := func(id string) {
		admit(files, &waiting{complete: true, manifest: &pipelinev1.FileManifest{
			ParseId: id, File: &pipelinev1.LandedFile{FileId: id, LandedAt: &timestamppb.Timestamp{Seconds: int64(len(files))}},
		}})
	}
	ids := func(files []*waiting) string {
		var all []string
		for _, f := range files {
			all = append(all, f.manifest.GetFile().GetFileId())
		}
		return strings.Join(all, " ")
	}
	expect := func(want string) {
		t.Helper()
		if got := ids(s.ready(files)); got != want {
			t.Errorf("ready: %q, want %q", got, want)
		}
	}
	for _, id := range []string{"a", "b", "c", "d"} {
		add(id)
	}
	expect("a b c d")
	s.suspect(t.Context(), s.ready(files), errTooSlow)
	expect("a b")
	add("e")
	expect("e")
	s.suspectsNext = true
	expect("a b")
	s.suspect(t.Context(), s.ready(files), errTooSlow)
	s.suspectsNext = true
	expect("a")
	s.hold(t.Context(), files["a"], errTooSlow)
	expect("b")
	now = now.Add(2 * holdPause)
	s.holdOn(t.Context(), files)
	expect("b")
	if files["a"].heldUntil != now.Add(holdPause) {
		t.Error("no alarm was raised anew")
	}
}

// TestDaysOfATransactionAreBounded: what waits for repair waits longer, the oldest days first;
// the files' own days cannot.
func TestDaysOfATransactionAreBounded(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		orders, hours, replaced, repairs []int32
		want                             []int32
		cut                              bool
		err                              error
	}{
		"all fit":            {[]int32{1, 2}, []int32{1, 2}, []int32{2}, []int32{3, 3}, []int32{3}, false, nil},
		"repairs are cut":    {[]int32{1}, []int32{1}, []int32{2}, []int32{9, 1, 5, 2}, []int32{1, 2, 5}, true, nil},
		"no room":            {[]int32{1, 2, 3}, []int32{1, 2, 3}, nil, []int32{4, 2}, []int32{2}, true, nil},
		"too many":           {[]int32{1, 2}, []int32{1, 2}, []int32{3, 4}, nil, nil, false, errTooManyDays},
		"nothing but repair": {nil, nil, nil, []int32{4, 3, 2, 1}, []int32{1, 2, 3}, true, nil},
		// Two of the shop's days are four of UTC.
		"evenings of New York":      {[]int32{1, 11}, []int32{1, 2, 11, 12}, nil, nil, nil, false, errTooManyDays},
		"evenings in a row":         {[]int32{1, 2}, []int32{1, 2, 3}, nil, nil, nil, false, nil},
		"mornings of Tokyo":         {[]int32{2, 12}, []int32{1, 2, 11, 12}, nil, nil, nil, false, errTooManyDays},
		"replaced evenings":         {[]int32{1}, []int32{2}, []int32{11}, nil, nil, false, errTooManyDays},
		"as many replaced, in UTC":  {[]int32{1, 2, 3}, []int32{1, 2, 3}, []int32{1, 2, 3}, nil, nil, false, nil},
		"replaced by nothing":       {nil, nil, []int32{1, 11, 21}, nil, nil, false, nil},
		"replaced by nothing, more": {nil, nil, []int32{1, 11, 21, 31}, nil, nil, false, errTooManyDays},
	} {
		known := knownDays{replaced: tc.replaced, repairs: tc.repairs}
		cut, err := known.fit(tc.orders, tc.hours, 3)
		if cut != tc.cut || !errors.Is(err, tc.err) {
			t.Errorf("%s: cut %t, error %v", name, cut, err)
		}
		if diff := cmp.Diff(tc.want, known.repairs, cmpopts.EquateEmpty()); diff != "" && tc.err == nil {
			t.Errorf("%s: repairs (-want +got):\n%s", name, diff)
		}
	}
}

// TestDaysOfHours: a transaction restates the hours of the days that the files name, and looks for
// replaced ones in the days around theirs, which may have been of another clock.
func TestDaysOfHours(t *testing.T) {
	t.Parallel()
	file := func(m *pipelinev1.FileManifest) *waiting { return &waiting{manifest: m} }
	for name, tc := range map[string]struct {
		manifest *pipelinev1.FileManifest
		replaced []int32
		want     []int32
	}{
		"UTC":                {&pipelinev1.FileManifest{OrderDates: []int32{1, 5}, HourDates: []int32{1, 5}}, nil, []int32{1, 5}},
		"New York":           {&pipelinev1.FileManifest{OrderDates: []int32{1, 5}, HourDates: []int32{1, 2, 6}}, nil, []int32{1, 2, 6}},
		"replaced":           {&pipelinev1.FileManifest{OrderDates: []int32{5}, HourDates: []int32{5}}, []int32{5, 9}, []int32{4, 5, 6, 8, 9, 10}},
		"an earlier release": {&pipelinev1.FileManifest{OrderDates: []int32{1, 5}}, nil, []int32{0, 1, 2, 4, 5, 6}},
		"loads nothing":      {&pipelinev1.FileManifest{OrderDates: []int32{1}, HourDates: []int32{1}, Reason: "too_many_days"}, nil, nil},
		"a catalog":          {&pipelinev1.FileManifest{}, nil, nil},
	} {
		known := knownDays{replaced: tc.replaced}
		if diff := cmp.Diff(tc.want, known.hours(newBatch([]*waiting{file(tc.manifest)}).hours), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestDedupReachesBackFromTheOldestOrder(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		lookback int
		orders   []int32
		want     *int32
	}{
		"no orders":   {30, nil, new(epoch.Day(now) - 30)},
		"late orders": {30, []int32{20700, 20600}, new(int32(20570))},
		"all keys":    {0, []int32{20700}, nil},
	} {
		s := &starSchema{lookback: tc.lookback}
		if diff := cmp.Diff(tc.want, s.dedupFrom(tc.orders, now)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
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
