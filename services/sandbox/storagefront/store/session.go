package store

import (
	"context"
	"errors"
	"io"
	"os"
	"time"
)

// Session is one resumable upload under way, held by the one request that acquired it.
type Session struct {
	all    *sessions
	id     string
	upload Upload
	busy   chan struct{} // a lock that a request can stop waiting for
	bytes  *Body         // nil once complete
	used   time.Time     // guarded by sessions.mu
}

// BeginSession makes a session for an upload and returns its id. It lasts seven days, and
// restarts.
func (s *Store) BeginSession(u Upload) (id string, err error) { return s.sessions.begin(u) }

// AcquireSession returns a session for exclusive use until Release, for which it waits as
// long as ctx lasts.
func (s *Store) AcquireSession(ctx context.Context, id string) (*Session, error) {
	return s.sessions.acquire(ctx, id)
}

// Release lets the next request have the session.
func (s *Session) Release() { <-s.busy }

// Done tells whether the session's object has been made.
func (s *Session) Done() bool { return s.bytes == nil }

// Size is how many bytes it has so far. It must not be Done.
func (s *Session) Size() int64 { return s.bytes.size }

// ReadFrom appends what r has; what came before an error is kept. It must not be Done.
func (s *Session) ReadFrom(r io.Reader) (int64, error) { return s.bytes.ReadFrom(r) }

// Complete makes the object; sent are the sums that came with the last bytes. A refusal
// ends the session; a fault leaves what is on disk, so that another try can go on from there.
func (s *Session) Complete(sent Sums) (*Object, error) {
	o, err := s.all.store.finish(s.upload, s.bytes, sent, &Object{Upload: s.id})
	if _, refused := errors.AsType[*Refusal](err); refused {
		s.Cancel()
	} else {
		s.all.forget(s) // read back if it is needed again
	}
	return o, err
}

// Made returns the object that the session was Done with, to answer a last chunk that is
// sent again.
func (s *Session) Made() (*Object, error) {
	o, _, err := s.all.store.lookup(Ref{Bucket: s.upload.Bucket, Name: s.upload.Name})
	if err != nil || o.Upload != s.id {
		return nil, errNoSession
	}
	return o, nil
}

// Cancel ends the session, files and all.
func (s *Session) Cancel() {
	s.all.forget(s)
	os.Remove(s.all.path(s.id, sessionMeta))
	os.Remove(s.all.path(s.id, sessionBytes))
}

func (s *Session) closeFile() {
	if s.bytes != nil {
		s.bytes.file.Close()
	}
}
