package engine

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// Options are the limits under which the database runs.
type Options struct {
	// Path of the database file. Its folder must exist.
	Path string
	// Threads that a query may use.
	Threads int
	// MemoryLimit in DuckDB's notation, for instance "4GB"; beyond it DuckDB
	// spills to disk beside the database file.
	MemoryLimit string
	// CheckpointThreshold is the size of the write-ahead log at which it is
	// folded into the database file. It bounds the replay after a crash.
	CheckpointThreshold string
	// Prelude holds statements run once after opening, such as macros.
	Prelude []string
	// MaxConns bounds the connections in use at once.
	MaxConns int
	// Logger is told when the database had to be opened anew; nil discards it.
	Logger *slog.Logger
}

// DB is one open database file. It may be used concurrently.
type DB struct {
	opts  Options
	slots chan struct{}
	hooks hooks

	closing   chan struct{} // closed by Close
	reopening sync.WaitGroup

	mu     sync.Mutex
	raw    mapping.Database
	idle   []*Conn
	open   int           // connections, idle ones included
	unused chan struct{} // closed when open is 0; nil unless somebody waits for it
	failed bool          // DuckDB gave the database up, and it is not open again yet
	closed bool
}

// Open opens or creates the database file and replays what a crash left in its
// log.
func Open(opts Options) (*DB, error) {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	db := &DB{opts: opts, slots: make(chan struct{}, opts.MaxConns), closing: make(chan struct{}), failed: true}
	if err := db.load(); err != nil {
		return nil, err
	}
	db.failed = false
	return db, nil
}

// load opens the file and prepares what is in it.
func (db *DB) load() error {
	opts := db.opts
	var config mapping.Config
	if mapping.CreateConfig(&config) == mapping.StateError {
		return fmt.Errorf("open database: no configuration")
	}
	defer mapping.DestroyConfig(&config)
	settings := map[string]string{
		"threads":                      fmt.Sprint(opts.Threads),
		"memory_limit":                 opts.MemoryLimit,
		"checkpoint_threshold":         opts.CheckpointThreshold,
		"temp_directory":               filepath.Join(filepath.Dir(opts.Path), "spill"),
		"autoinstall_known_extensions": "false",
		"autoload_known_extensions":    "false",
	}
	for name, value := range settings {
		if mapping.SetConfig(config, name, value) == mapping.StateError {
			return fmt.Errorf("open database: setting %s refuses %q", name, value)
		}
	}
	if err := os.MkdirAll(filepath.Dir(opts.Path), 0o700); err != nil {
		return opError("open database", err)
	}
	var message string
	if mapping.OpenExt(opts.Path, &db.raw, config, &message) == mapping.StateError {
		return opError("open database "+opts.Path, newError(message))
	}
	conn, err := db.attach()
	if err == nil {
		err = prepare(conn, opts.Prelude)
		conn.Release()
	}
	if err != nil {
		mapping.Close(&db.raw)
	}
	return err
}

func prepare(conn *Conn, prelude []string) error {
	if err := registerFunctions(conn); err != nil {
		return opError("open database", err)
	}
	// Statements of a query come from its author: they may not reach out of
	// the database. The setting cannot be taken back while the database is open.
	prelude = append([]string{"SET GLOBAL TimeZone = 'UTC'"}, prelude...)
	prelude = append(prelude, "SET enable_external_access = false")
	for _, statement := range prelude {
		if _, err := conn.Exec(context.Background(), statement); err != nil {
			return opError("prepare database", err)
		}
	}
	return nil
}

// Acquire lends a connection; it waits while all are in use.
func (db *DB) Acquire(ctx context.Context) (*Conn, error) {
	select {
	case db.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, opError("wait for a connection", ctx.Err())
	}
	db.mu.Lock()
	if err := db.usable(); err != nil {
		db.mu.Unlock()
		<-db.slots
		return nil, err
	}
	if n := len(db.idle); n > 0 {
		conn := db.idle[n-1]
		db.idle = db.idle[:n-1]
		db.mu.Unlock()
		return conn, nil
	}
	db.mu.Unlock()
	conn, err := db.connect()
	if err != nil {
		<-db.slots
		return nil, err
	}
	conn.pooled = true
	return conn, nil
}

// Connect opens a connection outside the pool, for a holder that keeps it.
func (db *DB) Connect() (*Conn, error) { return db.connect() }

func (db *DB) connect() (*Conn, error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if err := db.usable(); err != nil {
		return nil, err
	}
	return db.attachLocked()
}

// usable says why no connections are given. Callers hold mu.
func (db *DB) usable() error {
	switch {
	case db.closed:
		return fmt.Errorf("database is closed")
	case db.failed:
		return errFailed
	}
	return nil
}

// attach is connect for the database's own work while it is being opened or closed.
func (db *DB) attach() (*Conn, error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.attachLocked()
}

func (db *DB) attachLocked() (*Conn, error) {
	conn := &Conn{db: db}
	if mapping.Connect(db.raw, &conn.raw) == mapping.StateError {
		return nil, fmt.Errorf("connect to database")
	}
	db.open++
	return conn, nil
}

// disconnect ends a connection.
func (db *DB) disconnect(conn *Conn) {
	mapping.Disconnect(&conn.raw)
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.open--; db.open == 0 && db.unused != nil {
		close(db.unused)
		db.unused = nil
	}
}

// Close folds the log into the file and closes it. Connections must be idle. One that
// DuckDB gave up and that could not be opened again is closed as it is: its log holds
// what its file lacks.
func (db *DB) Close() error {
	db.mu.Lock()
	if db.closed {
		db.mu.Unlock()
		return nil
	}
	db.closed = true
	close(db.closing)
	idle := db.idle
	db.idle = nil
	db.mu.Unlock()
	for _, conn := range idle {
		db.disconnect(conn)
	}
	db.reopening.Wait()
	db.mu.Lock()
	failed := db.failed
	db.mu.Unlock()
	if failed {
		return nil
	}
	conn, err := db.attach()
	if err == nil {
		_, err = conn.Exec(context.Background(), "CHECKPOINT")
		db.disconnect(conn)
	}
	mapping.Close(&db.raw)
	if err != nil {
		return opError("checkpoint at close", err)
	}
	return nil
}
