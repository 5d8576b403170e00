package parsing

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// landed is a file of so many bytes that landed at a second.
func landed(second int64, bytes int64) *pipelinev1.LandedFile {
	return &pipelinev1.LandedFile{LandedAt: &timestamppb.Timestamp{Seconds: second}, Bytes: bytes}
}

// TestTurns has readings begin while another has the only place, and tells in which order they
// end once it yields.
func TestTurns(t *testing.T) {
	t.Parallel()
	const records = 3 * turnRecords
	for name, c := range map[string]struct {
		holder *pipelinev1.LandedFile
		files  []*pipelinev1.LandedFile // in the order in which they come
		want   []int                    // by their places in files; -1: the holder
	}{
		"alike: as they landed":           {landed(0, 1), []*pipelinev1.LandedFile{landed(3, 1), landed(1, 1), landed(2, 1)}, []int{-1, 1, 2, 0}},
		"small before large":              {landed(0, 64*turnBytes), []*pipelinev1.LandedFile{landed(1, 32*turnBytes), landed(2, 1)}, []int{1, 0, -1}},
		"large before those that come on": {landed(0, 4*turnBytes), []*pipelinev1.LandedFile{landed(5, 1), landed(3, 1), landed(6, 1)}, []int{1, -1, 0, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				turns := &turns{free: 1}
				ended := make(chan int, len(c.files)+1)
				read := func(i int, r *turn, from int) {
					for range records - from {
						if err := r.record(t.Context()); err != nil {
							t.Error(err)
						}
					}
					ended <- i
					r.end()
				}
				holder := turns.of(c.holder)
				if err := holder.record(t.Context()); err != nil {
					t.Fatal(err)
				}
				for i, file := range c.files {
					go read(i, turns.of(file), 0)
					synctest.Wait()
				}
				go read(-1, holder, 1)
				synctest.Wait()
				close(ended)
				if got := slices.Collect(func(yield func(int) bool) {
					for i := range ended {
						if !yield(i) {
							return
						}
					}
				}); !slices.Equal(got, c.want) {
					t.Errorf("ended in the order %v, want %v", got, c.want)
				}
				if turns.free != 1 || len(turns.queue) != 0 {
					t.Errorf("%d places are free, and %d readings wait", turns.free, len(turns.queue))
				}
			})
		})
	}
}

// TestTurnGivenUp: a reading that ends while it waits, or just as it gets its place, keeps none.
func TestTurnGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turns := &turns{free: 1}
		holder, waiting := turns.of(landed(0, 1)), turns.of(landed(1, 1))
		if err := holder.record(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := waiting.record(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a wait that was given up ends with %v", err)
		}
		waiting.end()
		holder.end()
		holder.end()
		if turns.free != 1 || len(turns.queue) != 0 {
			t.Errorf("%d places are free, and %d readings wait", turns.free, len(turns.queue))
		}
	})
}
