package engine

import (
	"context"
	"errors"
	"time"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// A commit that the disk has no room for is rolled back, and DuckDB goes on. A
// checkpoint that it has no room for, which may be part of a commit, is the end: DuckDB
// gives the database up, and refuses every statement, until the file has been closed and
// opened again. That loses nothing, since the log still holds what the file lacks.
// So it is done here, as soon as every connection has been given back; meanwhile there
// are none to be had.

var errFailed = &Error{Class: ClassUnavailable, Message: "The database is being opened again after a failure of its disk"}

// reopenEvery is the rest between two attempts to open the database again. Opening it
// reads its log, of 128 MB or less.
const reopenEvery = time.Second

// hooks are what others do about a database that is opened again.
type hooks struct {
	release func()
	reload  func(context.Context, *Conn) error
}

// OnFailure has release called when the database must be opened again, so that who keeps
// a connection gives it back, and reload when it was, before anybody else gets one. Both
// must be set before the database is used concurrently; nil: nothing.
func (db *DB) OnFailure(release func(), reload func(context.Context, *Conn) error) {
	db.hooks = hooks{release, reload}
}

// note looks at a failure, and starts to open the database again if it was DuckDB's
// last word.
func (db *DB) note(err error) {
	e, ok := errors.AsType[*Error](err)
	if !ok || !e.fatal {
		return
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.failed || db.closed {
		return
	}
	db.failed = true
	db.opts.Logger.Error("the database failed and is opened again", "error", err)
	db.reopening.Add(1)
	go db.reopen()
}

func (db *DB) reopen() {
	defer db.reopening.Done()
	db.mu.Lock()
	idle := db.idle
	db.idle = nil
	db.mu.Unlock()
	for _, conn := range idle {
		db.disconnect(conn)
	}
	if db.hooks.release != nil {
		db.hooks.release()
	}
	<-db.drained()
	mapping.Close(&db.raw)
	for {
		err := db.load()
		if err == nil {
			if err = db.reloaded(); err == nil {
				break
			}
			mapping.Close(&db.raw)
		}
		db.opts.Logger.Warn("opening the database again failed", "error", err, "delay", reopenEvery)
		select {
		case <-time.After(reopenEvery):
		case <-db.closing:
			return
		}
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	db.failed = false
	db.opts.Logger.Info("the database is open again")
}

// drained is closed when no connection is left.
func (db *DB) drained() <-chan struct{} {
	db.mu.Lock()
	defer db.mu.Unlock()
	unused := make(chan struct{})
	if db.open == 0 {
		close(unused)
	} else {
		db.unused = unused
	}
	return unused
}

func (db *DB) reloaded() error {
	if db.hooks.reload == nil {
		return nil
	}
	conn, err := db.attach()
	if err != nil {
		return err
	}
	defer conn.Release()
	return db.hooks.reload(context.Background(), conn)
}
