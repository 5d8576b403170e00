package operate

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/verify"
)

// TestVerifyAtWork verifies over and over while files of every fate flow, and while some
// of them are read again under another verdict.
func TestVerifyAtWork(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	clients, err := verify.Open(context.Background(), p.Endpoints)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { clients.Close() })
	looks, seen := 0, 0
	look := func() {
		t.Helper()
		violations, onTheWay, err := verify.AtWork(t.Context(), clients, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range violations {
			t.Errorf("while files flow: %v", v)
		}
		looks++
		seen += onTheWay
	}
	const rounds = 12
	for i := range rounds {
		for n := range 3 {
			id := fmt.Sprintf("o-%d-%d", i, n)
			p.Land(t, "orders/"+id+".json", []byte(harness.Order(id, 1, "P-1", "C-1", "10.00")))
		}
		p.Land(t, fmt.Sprintf("orders/doubtful-%d.json", i), []byte("{\n{\n"+harness.Order(fmt.Sprintf("d-%d", i), 1, "P-1", "C-1", "10.00")))
		look()
	}
	p.AwaitFiles(t, 4*rounds)
	look()
	released := 0
	for i := range rounds {
		if _, err := p.Pipelinectl(t, "release", p.FileID(t, fmt.Sprintf("orders/doubtful-%d.json", i))); err != nil {
			t.Fatal(err)
		}
		released++
		look()
	}
	harness.Await(t, "the released files", func() (bool, error) {
		look()
		rows, err := p.Query(t, "SELECT COUNT(*) FROM file_ledger WHERE verdict = 'loaded'")
		return err == nil && rows[0][0] == int64(4*rounds), err
	})
	if seen == 0 {
		t.Errorf("%d looks, and never was a file on its way", looks)
	}
	harness.Await(t, "the last file put away", func() (bool, error) {
		_, onTheWay, err := verify.AtWork(t.Context(), clients, time.Hour)
		return onTheWay == 0, err
	})
	p.VerifyInvariants(t)
}

// TestVerifyFindsWhatIsStuck: what waits for longer than the grace is a fault, and so is
// everything that waits when none is given.
func TestVerifyFindsWhatIsStuck(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, topology.Reporter)
	clients, err := verify.Open(context.Background(), p.Endpoints)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { clients.Close() })
	const name = "staging/orders/f/a.json"
	w := p.Bucket().Object(name).NewWriter(t.Context())
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	row := harness.LedgerRow("g", "orders/b.json", time.Now(), time.Second)
	p.Insert(t, "file_ledger", row)
	for _, tt := range []struct {
		grace    time.Duration
		faults   int
		onTheWay int
	}{{0, 2, 0}, {time.Nanosecond, 2, 0}, {time.Hour, 0, 2}} {
		violations, onTheWay, err := verify.AtWork(t.Context(), clients, tt.grace)
		if err != nil {
			t.Fatal(err)
		}
		var of []verify.Violation
		for _, v := range violations {
			if v.Invariant == "nothing_left_in_staging" || v.Invariant == "files_put_away" {
				of = append(of, v)
			}
		}
		if len(of) != tt.faults || onTheWay != tt.onTheWay {
			t.Errorf("grace %v: %d on the way, %v", tt.grace, onTheWay, of)
		}
	}
}
