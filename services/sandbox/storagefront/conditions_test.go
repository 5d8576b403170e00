package storagefront

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
)

// TestOneClaimerWins is the watcher's claim under contention: copy if absent,
// then delete that generation.
func TestOneClaimerWins(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	ctx := t.Context()
	const files, claimers = 20, 8
	for i := range files {
		landed := f.bucket.Object(fmt.Sprintf("landing/%d", i))
		generation := write(t, landed, []byte("order")).Generation
		staged := f.bucket.Object(fmt.Sprintf("staging/%d", i))
		archived := fmt.Sprintf("archive/%d", i)
		var wins, lost atomic.Int32
		var wg sync.WaitGroup
		for range claimers {
			wg.Go(func() {
				copier := staged.If(storage.Conditions{DoesNotExist: true}).CopierFrom(landed.Generation(generation))
				_, err := copier.Run(ctx)
				if c := code(err); c == http.StatusPreconditionFailed || c == http.StatusNotFound {
					lost.Add(1)
					return
				}
				if err != nil {
					t.Errorf("claim: %v", err)
					return
				}
				wins.Add(1)
				if err := landed.Generation(generation).Delete(ctx); err != nil {
					t.Errorf("the winner's deletion: %v", err)
				}
				// The winner moves on at once, so a late claimer finds neither file.
				if _, err := staged.Move(ctx, storage.MoveObjectDestination{Object: archived}); err != nil {
					t.Errorf("the winner's move: %v", err)
				}
			})
		}
		wg.Wait()
		if wins.Load() != 1 || lost.Load() != claimers-1 {
			t.Fatalf("file %d: %d won and %d lost", i, wins.Load(), lost.Load())
		}
	}
	if got := len(names(t, f.bucket, nil)); got != files {
		t.Errorf("%d objects left, want %d", got, files)
	}
}

// TestConcurrentCreation has many writers create one name; exactly one may.
func TestConcurrentCreation(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	o := f.bucket.Object("one")
	var mu sync.Mutex
	var winners []string
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			data := fmt.Sprintf("writer %d", i)
			_, err := tryWrite(t.Context(), o.If(storage.Conditions{DoesNotExist: true}), []byte(data))
			if code(err) == http.StatusPreconditionFailed {
				return
			}
			if err != nil {
				t.Errorf("write: %v", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			winners = append(winners, data)
		})
	}
	wg.Wait()
	if diff := cmp.Diff([]string{string(read(t, o))}, winners); diff != "" {
		t.Errorf("winners (-content +got):\n%s", diff)
	}
}

// TestOverwritesUnderReaders replaces an object while others read it: each
// reader sees one version whole.
func TestOverwritesUnderReaders(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	o := f.bucket.Object("busy/object")
	write(t, o, make([]byte, 64<<10))
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for ctx.Err() == nil {
				data := read(t, o) // the client checks the CRC
				for _, b := range data {
					if b != data[0] {
						t.Error("two versions in one read")
						return
					}
				}
			}
		})
	}
	for i := range 200 {
		data := make([]byte, 64<<10)
		for j := range data {
			data[j] = byte(i)
		}
		if _, err := tryWrite(t.Context(), o, data); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	stop()
	wg.Wait()
}
