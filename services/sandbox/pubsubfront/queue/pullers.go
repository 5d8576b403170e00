package queue

import "slices"

// Puller is one StreamingPull, or one Pull while it waits. The queue's mu guards its
// counts.
type Puller struct {
	maxMessages, maxBytes int64 // outstanding; no limit if not positive
	messages, bytes       int64 // outstanding
	wake                  chan struct{}
}

// Woken receives when there may be messages to take.
func (p *Puller) Woken() <-chan struct{} { return p.wake }

// Wake makes Woken receive.
func (p *Puller) Wake() { signal(p.wake) }

func (p *Puller) full() bool {
	return p.maxMessages > 0 && p.messages >= p.maxMessages || p.maxBytes > 0 && p.bytes >= p.maxBytes
}

// room is how many more messages p takes, of at most so many.
func (p *Puller) room(limit int) int {
	if p.maxMessages > 0 {
		return int(min(p.maxMessages-p.messages, int64(limit)))
	}
	return limit
}

// pullers are those who want a queue's messages.
type pullers []*Puller

func (s *pullers) remove(p *Puller) {
	if i := slices.Index(*s, p); i >= 0 {
		*s = slices.Delete(*s, i, i+1)
	}
}

// wake tells everybody who can take a message that there are some.
func (s pullers) wake(ready int) {
	if ready == 0 {
		return
	}
	for _, p := range s {
		if !p.full() {
			p.Wake()
		}
	}
}

// share is how many of the ready messages one puller may take at a time, so that
// a small burst does not all go to whoever woke first.
func (s pullers) share(ready int) int {
	eager := 0
	for _, p := range s {
		if !p.full() {
			eager++
		}
	}
	return max(1, (ready+eager-1)/max(1, eager))
}

// Attach adds a puller that may hold so many messages and bytes at a time, without a
// limit if not positive.
func (q *Queue) Attach(maxMessages, maxBytes int64) *Puller {
	p := &Puller{maxMessages: maxMessages, maxBytes: maxBytes, wake: make(chan struct{}, 1)}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pullers = append(q.pullers, p)
	signal(q.loadMore)
	return p
}

// Detach ends p's claim to messages. What it holds stays leased until its
// deadlines pass, as in the real service.
func (q *Queue) Detach(p *Puller) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pullers.remove(p)
	q.wakePullers() // p may have been woken for messages that it did not take
}

func (q *Queue) wakePullers() { q.pullers.wake(q.shelf.ready) }
