package loading

import (
	"context"
	"time"
)

// turnMargin is how long a turn of the loop may take besides its transaction.
const turnMargin = 5 * time.Minute

// idleTurn is how often the loop turns while it has nothing to do, so that it is known to turn.
const idleTurn = time.Minute

// gathering is how long the first file waits for others that come with it, as many do when a process
// before this one was killed: a transaction of one file takes nearly as long as one of a hundred.
const gathering = 50 * time.Millisecond

// loop owns all waiting files: it finds out which are complete and loads them,
// one transaction at a time, until ctx is done.
func (s *Service) loop(ctx context.Context) {
	files := make(map[string]*waiting) // by parse_id
	look := time.NewTimer(0)
	defer look.Stop()
	for {
		s.beat.Beat()
		select {
		case <-ctx.Done():
			return
		case file := <-s.arrivals:
			admit(files, file)
			if len(files) == 1 {
				look.Reset(gathering)
			}
		case <-look.C:
			s.admitArrived(files)
			look.Reset(s.turn(ctx, files))
		}
	}
}

// turn loads what is complete if the time has come, and tells when to look again.
func (s *Service) turn(ctx context.Context, files map[string]*waiting) time.Duration {
	if len(files) == 0 && !s.unrepaired {
		return idleTurn // the next arrival starts the clock again
	}
	s.holdOn(ctx, files)
	// A look is billed, and tells nothing that can be acted on before a transaction may begin,
	// unless a file has been incomplete for too long.
	wait := s.next.Sub(s.now())
	if wait > 0 && !s.anyOverdue(files) {
		return min(wait, idleTurn)
	}
	s.findComplete(ctx, files)
	ready := s.ready(files)
	switch {
	case wait > 0:
		return min(wait, idleTurn)
	case len(ready) == 0 && !s.unrepaired:
		return s.config.CompletenessInterval
	}
	s.next = s.now().Add(s.config.TransactionInterval)
	s.suspectsNext = !s.suspectsNext
	s.load(ctx, ready, true)
	for id, file := range files {
		if file.settled {
			delete(files, id)
		}
	}
	return 0
}
