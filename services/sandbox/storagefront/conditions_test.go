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

// TestPreconditions tries each condition on each call, on an object at
// metageneration 1 and on one that does not exist.
func TestPreconditions(t *testing.T) {
	t.Parallel()
	f := startFront(t, t.TempDir(), nil)
	ctx := t.Context()
	type call func(o *storage.ObjectHandle, c storage.Conditions) error
	calls := map[string]call{
		"attrs": func(o *storage.ObjectHandle, c storage.Conditions) error {
			_, err := o.If(c).Attrs(ctx)
			return err
		},
		"read": func(o *storage.ObjectHandle, c storage.Conditions) error {
			r, err := o.If(c).NewReader(ctx)
			if err == nil {
				r.Close()
			}
			return err
		},
		"write": func(o *storage.ObjectHandle, c storage.Conditions) error {
			_, err := tryWrite(ctx, o.If(c), []byte("new"))
			return err
		},
		"update": func(o *storage.ObjectHandle, c storage.Conditions) error {
			_, err := o.If(c).Update(ctx, storage.ObjectAttrsToUpdate{ContentType: "text/plain"})
			return err
		},
		"delete": func(o *storage.ObjectHandle, c storage.Conditions) error { return o.If(c).Delete(ctx) },
		"copy to": func(o *storage.ObjectHandle, c storage.Conditions) error {
			_, err := o.If(c).CopierFrom(f.bucket.Object("source")).Run(ctx)
			return err
		},
		"copy from": func(o *storage.ObjectHandle, c storage.Conditions) error {
			_, err := f.bucket.Object("copy of " + o.ObjectName()).CopierFrom(o.If(c)).Run(ctx)
			return err
		},
		"move from": func(o *storage.ObjectHandle, c storage.Conditions) error {
			_, err := o.If(c).Move(ctx, storage.MoveObjectDestination{Object: "move of " + o.ObjectName()})
			return err
		},
		"move to": func(o *storage.ObjectHandle, c storage.Conditions) error {
			from := f.bucket.Object("mover of " + o.ObjectName())
			if _, err := tryWrite(ctx, from, []byte("m")); err != nil {
				return err
			}
			_, err := from.Move(ctx, storage.MoveObjectDestination{Object: o.ObjectName(), Conditions: &c})
			return err
		},
		"compose to": func(o *storage.ObjectHandle, c storage.Conditions) error {
			_, err := o.If(c).ComposerFrom(f.bucket.Object("source")).Run(ctx)
			return err
		},
	}
	write(t, f.bucket.Object("source"), []byte("source"))

	// What each call answers when the condition fails, and when there is no object.
	failed := map[string]int{}
	absent := map[string]int{}
	for name := range calls {
		failed[name], absent[name] = http.StatusPreconditionFailed, http.StatusNotFound
	}
	for _, creates := range []string{"write", "copy to", "move to", "compose to"} {
		absent[creates] = 0
	}
	const none, good, bad = 0, 1, 2
	conditions := map[string]struct {
		conds   func(generation int64) storage.Conditions
		present int // does it hold for the object?
		absent  int // and for none?
		not     bool
	}{
		"generation matches":        {func(g int64) storage.Conditions { return storage.Conditions{GenerationMatch: g} }, good, bad, false},
		"generation differs":        {func(g int64) storage.Conditions { return storage.Conditions{GenerationMatch: g - 1} }, bad, bad, false},
		"does not exist":            {func(int64) storage.Conditions { return storage.Conditions{DoesNotExist: true} }, bad, good, false},
		"not generation, other":     {func(g int64) storage.Conditions { return storage.Conditions{GenerationNotMatch: g - 1} }, good, good, true},
		"not generation, same":      {func(g int64) storage.Conditions { return storage.Conditions{GenerationNotMatch: g} }, bad, none, true},
		"metageneration matches":    {func(int64) storage.Conditions { return storage.Conditions{MetagenerationMatch: 1} }, good, bad, false},
		"metageneration differs":    {func(int64) storage.Conditions { return storage.Conditions{MetagenerationMatch: 7} }, bad, bad, false},
		"not metageneration, other": {func(int64) storage.Conditions { return storage.Conditions{MetagenerationNotMatch: 7} }, good, good, true},
		"not metageneration, same":  {func(int64) storage.Conditions { return storage.Conditions{MetagenerationNotMatch: 1} }, bad, none, true},
	}
	for callName, call := range calls {
		for condName, tc := range conditions {
			if tc.not && callName == "compose to" {
				continue // the API gives compose no such condition
			}
			t.Run(callName+"/"+condName, func(t *testing.T) {
				t.Parallel()
				o := f.bucket.Object(callName + "/" + condName)
				generation := write(t, o, []byte("old")).Generation
				want := 0
				if tc.present == bad {
					want = failed[callName]
					if tc.not && (callName == "attrs" || callName == "read") {
						want = http.StatusNotModified
					}
				}
				if got := code(call(o, tc.conds(generation))); got != want {
					t.Errorf("on an object: %d, want %d", got, want)
				}
				if tc.absent == none {
					return
				}
				missing := f.bucket.Object(callName + "/" + condName + "/missing")
				want = absent[callName]
				if want == 0 && tc.absent == bad {
					want = http.StatusPreconditionFailed
				}
				if got := code(call(missing, tc.conds(generation))); got != want {
					t.Errorf("on nothing: %d, want %d", got, want)
				}
			})
		}
	}
}

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
