package loading

import (
	"context"
	"time"
)

// roundMargin is how long a round of the loop may take besides its transaction.
const roundMargin = 5 * time.Minute

// idleRound is how long a round of the loop waits at most, though there is nothing to do, so that it is
// known that the loop goes on.
const idleRound = time.Minute

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
			look.Reset(s.round(ctx, files))
		}
	}
}

// round is one round of the loop: it loads what is complete, by load, if the time has come, and tells
// when to look again. Whose turn among several aggregators it is, is found out in turn.go.
func (s *Service) round(ctx context.Context, files map[string]*waiting) time.Duration {
	if len(files) == 0 && !s.unrepaired {
		return idleRound // the next arrival starts the clock again
	}
	s.holdOn(ctx, files)
	// A look is billed, and tells nothing that can be acted on before a transaction may begin,
	// unless a file has been incomplete for too long.
	wait := s.next.Sub(s.now())
	if wait > 0 && !s.anyOverdue(files) {
		return min(wait, idleRound)
	}
	s.findComplete(ctx, files)
	ready := s.ready(files)
	switch {
	case wait > 0:
		return min(wait, idleRound)
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
