package store

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"
)

const (
	sessionLife  = 7 * 24 * time.Hour // as in the real service
	sweepEvery   = time.Hour
	maxOpen      = 256 // sessions with an open file; more are reopened from disk when their next chunk comes
	sessionMeta  = ".json"
	sessionBytes = ".part"
)

var sessionID = regexp.MustCompile(`^[A-Z2-7]{26}$`) // what rand.Text makes; also safe in a path

// sessions are the resumable sessions. Each is two files, so that it outlives a
// restart: what is to be uploaded, and the bytes so far. A session whose bytes
// are gone has been completed.
type sessions struct {
	store *Store
	dir   string

	mu    sync.Mutex
	open  map[string]*Session
	swept time.Time
}

func openSessions(s *Store, dir string) (*sessions, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the uploads folder: %w", err)
	}
	u := &sessions{store: s, dir: dir, open: map[string]*Session{}}
	return u, u.sweep()
}

// sweep removes sessions that outlived their time.
func (u *sessions) sweep() error {
	u.swept = u.store.now()
	entries, err := os.ReadDir(u.dir)
	if err != nil {
		return fmt.Errorf("list upload sessions: %w", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			continue // removed meanwhile
		}
		if u.store.now().Sub(info.ModTime()) > sessionLife {
			os.Remove(filepath.Join(u.dir, e.Name()))
		}
	}
	return nil
}

func (u *sessions) path(id, extension string) string { return filepath.Join(u.dir, id+extension) }

// begin makes a session and returns its id.
func (u *sessions) begin(up Upload) (string, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.store.now().Sub(u.swept) > sweepEvery {
		if err := u.sweep(); err != nil {
			return "", err
		}
	}
	meta, err := json.Marshal(up)
	if err != nil {
		return "", fmt.Errorf("encode an upload session: %w", err)
	}
	id := rand.Text()
	// The bytes come first: a session is known by its metadata, and metadata
	// without bytes would mean that it is complete.
	if err := os.WriteFile(u.path(id, sessionBytes), nil, 0o644); err != nil {
		return "", fmt.Errorf("begin an upload session: %w", err)
	}
	if err := os.WriteFile(u.path(id, sessionMeta), meta, 0o644); err != nil {
		os.Remove(u.path(id, sessionMeta))
		os.Remove(u.path(id, sessionBytes))
		return "", fmt.Errorf("begin an upload session: %w", err)
	}
	return id, nil
}

// acquire returns the session for exclusive use until release.
func (u *sessions) acquire(ctx context.Context, id string) (*Session, error) {
	if !sessionID.MatchString(id) {
		return nil, errNoSession
	}
	u.mu.Lock()
	s := u.open[id]
	if s == nil {
		u.evict()
		s = &Session{all: u, id: id, busy: make(chan struct{}, 1)}
		u.open[id] = s
	}
	s.used = u.store.now()
	u.mu.Unlock()
	select {
	case s.busy <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	u.mu.Lock()
	current := u.open[id] == s
	u.mu.Unlock()
	if !current { // closed while this request waited: start over from the disk
		<-s.busy
		return u.acquire(ctx, id)
	}
	if s.upload.Name != "" {
		return s, nil
	}
	if err := u.load(s); err != nil {
		u.forget(s)
		s.Release()
		return nil, err
	}
	return s, nil
}

// load reads a session back from disk and hashes the bytes it has.
func (u *sessions) load(s *Session) error {
	meta, err := os.ReadFile(u.path(s.id, sessionMeta))
	if errors.Is(err, fs.ErrNotExist) {
		return errNoSession
	}
	if err != nil {
		return fmt.Errorf("read upload session: %w", err)
	}
	if err := json.Unmarshal(meta, &s.upload); err != nil || s.upload.Name == "" {
		return errNoSession // torn by a crash before its id was ever told
	}
	path := u.path(s.id, sessionBytes)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // complete
	}
	if err != nil {
		return fmt.Errorf("open upload session: %w", err)
	}
	b := &Body{file: f, path: path, md5: md5.New()}
	if _, err := copyBody(bodySums{b}, f); err != nil {
		f.Close()
		return fmt.Errorf("read upload session: %w", err)
	}
	s.bytes = b
	return nil
}

// evict makes room by closing the session that was idle longest. u.mu is held.
func (u *sessions) evict() {
	if len(u.open) < maxOpen {
		return
	}
	var oldest *Session
	for _, s := range u.open {
		if len(s.busy) == 0 && (oldest == nil || s.used.Before(oldest.used)) {
			oldest = s
		}
	}
	if oldest == nil {
		return // every one is at work: they are as many as connections
	}
	select {
	case oldest.busy <- struct{}{}:
		delete(u.open, oldest.id)
		oldest.closeFile()
		<-oldest.busy
	default:
	}
}

// forget forgets a session that the caller holds; its files stay.
func (u *sessions) forget(s *Session) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.open, s.id)
	s.closeFile()
}

// close closes every file. No request may be under way.
func (u *sessions) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for id, s := range u.open {
		delete(u.open, id)
		s.closeFile()
	}
}
