package pubsubfront

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/store"
)

// A stream of JetStream that could not write, for instance because the disk is full,
// never writes again, and does not answer either, until its server is started anew. So
// that is done here, once there is room: what was acknowledged to publishers is in the
// files, and is read back as after the death of the process. Meanwhile everything that
// needs the storage is refused with UNAVAILABLE, which clients try again.

// reopenEvery is the rest between two attempts to start it anew.
const reopenEvery = time.Second

// watchStore replaces the store whenever it fails, until the server closes.
func (s *Server) watchStore() {
	defer close(s.watched)
	for {
		s.mu.RLock()
		alive := s.store.Alive()
		s.mu.RUnlock()
		select {
		case <-s.closing:
			return
		case <-alive.Done():
		}
		s.log.Error("jetstream failed and is started again once there is room", "error", context.Cause(alive))
		s.abandon()
		for !s.reopen() {
			select {
			case <-s.closing:
				return
			case <-time.After(reopenEvery):
			}
		}
		s.log.Info("jetstream works again")
	}
}

// abandon ends all that works with the failed store. Its subscriptions stay, to turn
// away who comes.
func (s *Server) abandon() {
	s.admin.Lock() // whoever holds it has been told that the store failed
	defer s.admin.Unlock()
	s.mu.RLock()
	kept, subs := s.store, slices.Collect(maps.Values(s.subs))
	s.mu.RUnlock()
	for _, sub := range subs {
		sub.queue.Close(errStorage())
	}
	kept.Close()
}

// reopen starts a new store in the place of the failed one, and says whether it did.
func (s *Server) reopen() bool {
	err := store.Room(s.dir)
	if err == nil {
		err = s.replace()
	}
	if err != nil {
		s.log.Warn("jetstream cannot be started again yet", "error", err, "delay", reopenEvery)
	}
	return err == nil
}

func (s *Server) replace() error {
	kept, err := store.Start(s.dir, s.log)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), store.StartTimeout)
	defer cancel()
	s.admin.Lock()
	defer s.admin.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.state
	s.state = state{store: kept}
	if err := s.restore(ctx); err != nil {
		for _, sub := range s.subs {
			sub.queue.Close(errStorage())
		}
		kept.Close()
		s.state = old
		return err
	}
	return nil
}
