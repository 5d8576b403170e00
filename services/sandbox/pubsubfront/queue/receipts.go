package queue

import (
	"context"
	"sync"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/store"
)

// receipts tells the store which chunks are done, and remembers the last word. It has its
// own lock, since the connection may make callers wait.
type receipts struct {
	store *store.Store
	mu    sync.Mutex
	last  string
}

// send acknowledges chunks. Callers do not hold the queue's mu.
func (r *receipts) send(all ...string) {
	if len(all) == 0 {
		return
	}
	r.store.Ack(all)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = all[len(all)-1]
}

// settle waits until the store has carried out everything that was sent.
func (r *receipts) settle(ctx context.Context) error {
	r.mu.Lock()
	last := r.last
	r.mu.Unlock()
	if last == "" {
		return nil
	}
	return r.store.Settle(ctx, last)
}
