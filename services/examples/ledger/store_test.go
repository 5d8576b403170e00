package main

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/type/money"

	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

func record(parseID string, index int64, id string, units int64) *ordersv1.Order {
	return &ordersv1.Order{
		OrderId: id, TotalAmount: &money.Money{Units: units, Nanos: 10_000_000}, PaymentStatusText: "completed",
		Source: &pipelinev1.RecordSource{ParseId: parseID, RecordIndex: index},
	}
}

func loaded(fileID string, revision, transaction, records int64, leftOut ...*pipelinev1.RecordRange) *pipelinev1.FileCompleted {
	return &pipelinev1.FileCompleted{
		File:    &pipelinev1.LandedFile{FileId: fileID, Kind: pipelinev1.FileKind_FILE_KIND_ORDERS},
		ParseId: fileID + string('0'+rune(revision)), Revision: revision, Verdict: pipelinev1.Verdict_VERDICT_LOADED,
		Records: records, TransactionNumber: transaction, LeftOut: leftOut,
	}
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
	messages := []any{
		record("a1", 0, "o-1", 10), record("a1", 1, "o-2", 5), loaded("a", 1, 1, 2, superseded),
		record("b1", 0, "o-2", 6), loaded("b", 1, 1, 1),
		record("c1", 0, "o-1", 12), loaded("c", 1, 2, 1), // a later version
		record("d1", 0, "o-3", 1), loaded("d", 1, 3, 1),
		record("b2", 0, "o-4", 7), takenBack, // b no longer holds o-2
		record("d2", 0, "o-3", 1), quarantined,
		record("e1", 0, "o-5", 8), // nothing has been said of its file
	}
	for seed := range uint64(8) {
		s, err := openStore(filepath.Join(t.TempDir(), "ledger.db"))
		if err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(seed, 1))
		for _, i := range append(random.Perm(len(messages)), random.Perm(len(messages))[:5]...) {
			switch m := messages[i].(type) {
			case *ordersv1.Order:
				err = s.putOrder(m)
			case *pipelinev1.FileCompleted:
				err = s.putFile(m)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		var list strings.Builder
		if err := s.list(&list); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff("o-1 12.01 completed\no-2 5.01 completed\no-4 7.01 completed\n", list.String()); diff != "" {
			t.Errorf("seed %d (-want +got):\n%s", seed, diff)
		}
		c, err := s.counted()
		if err != nil {
			t.Fatal(err)
		}
		if got, want := c.balance(), (balance{Orders: 3, Total: "24.03"}); got != want {
			t.Errorf("seed %d: balance %+v, want %+v", seed, got, want)
		}
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWaiting counts the files whose records have not all come.
func TestWaiting(t *testing.T) {
	t.Parallel()
	s, err := openStore(filepath.Join(t.TempDir(), "ledger.db"))
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
	if err := s.putFile(done); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{1, 1, 0} { // the record in between is refused, and what it says does not count
		if err := s.putOrder(record("a1", []int64{0, 2, 3}[i], "o", 1)); err != nil {
			t.Fatal(err)
		}
		if c, err := s.counted(); err != nil || c.waiting != want {
			t.Errorf("after %d records %d files wait, want %d (%v)", i+1, c.waiting, want, err)
		}
	}
}
