package parsing

import (
	"container/heap"
	"context"
	"runtime"
	"sync"
	"time"

	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// turnRecords is how many records a reading publishes before it lets one that is due earlier go
// first: enough that the asking costs nothing.
const turnRecords = 256

// turnBytes of a file are taken to need a second from landing to facts when files wait for each
// other. It is only weighed against the ages of other files.
const turnBytes = 8 << 20

// turns decides which of the readings at work publish records. Were all of them to go on
// together, files that land at once would be fresh at once, the first of them as late as the
// last; one after the other, half of them are fresh in half the time, and the last is no later.
// Whose turn it is, is told by when a reading is due: after its file's landing by what the file's
// size needs. So of files alike the one that landed first goes first, a small one goes before a
// large one, and no file waits for ever, since those that land later are due later.
//
// A reading takes a place with its first record and leaves it with the last, so that waiting for
// the bucket or for confirmations takes none. It is safe for concurrent use.
type turns struct {
	mu    sync.Mutex
	free  int
	queue turnQueue
}

// newTurns has a place for each processor, and one for a reading that waits for its content.
func newTurns() *turns { return &turns{free: runtime.GOMAXPROCS(0) + 1} }

// turn is one reading's. Not for concurrent use.
type turn struct {
	turns   *turns
	due     time.Time
	records int
	placed  bool
	granted chan struct{} // closed when a place is given; made anew for each wait
	index   int           // in the queue
}

// of is the turn of a file's reading; end ends it.
func (t *turns) of(file *pipelinev1.LandedFile) *turn {
	needs := time.Duration(file.GetBytes()) * time.Second / turnBytes
	return &turn{turns: t, due: file.GetLandedAt().AsTime().Add(needs)}
}

// record waits until the reading may publish a record. An error is that of ctx.
func (r *turn) record(ctx context.Context) error {
	r.records++
	if r.placed && r.records%turnRecords != 0 {
		return nil
	}
	t := r.turns
	t.mu.Lock()
	if r.placed && (len(t.queue) == 0 || !t.queue[0].due.Before(r.due)) {
		t.mu.Unlock()
		return nil
	}
	if r.placed {
		r.leave()
	}
	r.granted = make(chan struct{})
	heap.Push(&t.queue, r)
	t.grant()
	t.mu.Unlock()
	select {
	case <-r.granted:
		return nil
	case <-ctx.Done():
		r.end()
		return ctx.Err()
	}
}

// end leaves the place, or the queue for one. It may be called more than once.
func (r *turn) end() {
	t := r.turns
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case r.placed:
		r.leave()
		t.grant()
	case r.granted != nil && r.index >= 0:
		heap.Remove(&t.queue, r.index)
	}
}

// leave frees the place; the caller holds the lock, and grants what is free.
func (r *turn) leave() {
	r.placed = false
	r.turns.free++
}

// grant gives the free places to those that are due first; the caller holds the lock.
func (t *turns) grant() {
	for t.free > 0 && len(t.queue) > 0 {
		first := heap.Pop(&t.queue).(*turn)
		first.placed = true
		t.free--
		close(first.granted)
	}
}

// turnQueue is a heap of those that wait, the one that is due first on top.
type turnQueue []*turn

func (q turnQueue) Len() int           { return len(q) }
func (q turnQueue) Less(i, j int) bool { return q[i].due.Before(q[j].due) }
func (q turnQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

func (q *turnQueue) Push(x any) {
	r := x.(*turn)
	r.index = len(*q)
	*q = append(*q, r)
}

func (q *turnQueue) Pop() any {
	old := *q
	last := old[len(old)-1]
	last.index = -1
	*q = old[:len(old)-1]
	return last
}
