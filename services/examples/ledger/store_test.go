package main

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

func order(parseID string, index int64, id string, units int64) entry {
	return record{parseID: parseID, index: index, orderID: id, orderDate: "2026-11-01", paymentStatus: "completed", units: units, nanos: 10_000_000}
}

func loaded(fileID string, revision, transaction, records int64, leftOut ...*pipelinev1.RecordRange) completed {
	return completed{&pipelinev1.FileCompleted{
		File:    &pipelinev1.LandedFile{FileId: fileID, Kind: pipelinev1.FileKind_FILE_KIND_ORDERS},
		ParseId: fileID + string('0'+rune(revision)), Revision: revision, Verdict: pipelinev1.Verdict_VERDICT_LOADED,
		Records: records, TransactionNumber: transaction, LeftOut: leftOut,
	}}
}

// TestAnyOrder keeps the same messages in many orders, some of them twice: the orders that
// count are the same.
func TestAnyOrder(t *testing.T) {
	t.Parallel()
	superseded := &pipelinev1.RecordRange{First: 1, Last: 1, Outcome: pipelinev1.RecordOutcome_RECORD_OUTCOME_SUPERSEDED}
	takenBack := loaded("b", 2, 4, 1)
	takenBack.Restored = []*pipelinev1.RestoredRange{{FileId: "a", ParseId: "a1", First: 1, Last: 1, TransactionNumber: 4}}
	quarantined := loaded("d", 2, 5, 1)
	quarantined.Verdict = pipelinev1.Verdict_VERDICT_QUARANTINED
	messages := []entry{
		order("a1", 0, "o-1", 10), order("a1", 1, "o-2", 5), loaded("a", 1, 1, 2, superseded),
		order("b1", 0, "o-2", 6), loaded("b", 1, 1, 1),
		order("c1", 0, "o-1", 12), loaded("c", 1, 2, 1), // a later version
		order("d1", 0, "o-3", 1), loaded("d", 1, 3, 1),
		order("b2", 0, "o-4", 7), takenBack, // b no longer holds o-2
		order("d2", 0, "o-3", 1), quarantined,
		order("e1", 0, "o-5", 8), // nothing has been said of its file
	}
	for seed := range uint64(8) {
		s, err := openStore(t.Context(), filepath.Join(t.TempDir(), "ledger.db"))
		if err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(seed, 1))
		for _, i := range append(random.Perm(len(messages)), random.Perm(len(messages))[:5]...) {
			err := s.put(t.Context(), messages[i])
			if err != nil {
				t.Fatal(err)
			}
		}
		var list strings.Builder
		if err := s.list(t.Context(), &list); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff("o-1 12.01 completed\no-2 5.01 completed\no-4 7.01 completed\n", list.String()); diff != "" {
			t.Errorf("seed %d (-want +got):\n%s", seed, diff)
		}
		got, err := s.balance(t.Context())
		if want := (balance{Orders: 3, Total: "24.03"}); got != want || err != nil {
			t.Errorf("seed %d: balance %+v, want %+v (%v)", seed, got, want, err)
		}
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWaiting counts the files whose records have not all come.
func TestWaiting(t *testing.T) {
	t.Parallel()
	s, err := openStore(t.Context(), filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	done := loaded("a", 1, 1, 4, &pipelinev1.RecordRange{First: 2, Last: 2, Outcome: pipelinev1.RecordOutcome_RECORD_OUTCOME_REFUSED})
	done.Rejected = 2
	if err := s.put(t.Context(), done); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int64{1, 1, 0} { // the record in between is refused, and what it says does not count
		if err := s.put(t.Context(), order("a1", []int64{0, 2, 3}[i], "o", 1)); err != nil {
			t.Fatal(err)
		}
		if b, err := s.balance(t.Context()); err != nil || b.Waiting != want {
			t.Errorf("after %d records %d files wait, want %d (%v)", i+1, b.Waiting, want, err)
		}
	}
}
