package engine

import (
	"context"
	"fmt"
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
}

// DB is one open database file. It may be used concurrently.
type DB struct {
	raw   mapping.Database
	slots chan struct{}
	sizes sizes

	mu     sync.Mutex
	idle   []*Conn
	closed bool
}

// Open opens or creates the database file and replays what a crash left in its
// log.
func Open(opts Options) (*DB, error) {
	var config mapping.Config
	if mapping.CreateConfig(&config) == mapping.StateError {
		return nil, fmt.Errorf("open database: no configuration")
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
			return nil, fmt.Errorf("open database: setting %s refuses %q", name, value)
		}
	}
	if err := os.MkdirAll(filepath.Dir(opts.Path), 0o700); err != nil {
		return nil, opError("open database", err)
	}
	db := &DB{slots: make(chan struct{}, opts.MaxConns)}
	var message string
	if mapping.OpenExt(opts.Path, &db.raw, config, &message) == mapping.StateError {
		return nil, opError("open database "+opts.Path, newError(message))
	}
	if err := db.prepare(opts.Prelude); err != nil {
		mapping.Close(&db.raw)
		return nil, err
	}
	return db, nil
}

func (db *DB) prepare(prelude []string) error {
	conn, err := db.Acquire(context.Background())
	if err != nil {
		return err
	}
	defer conn.Release()
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
	if db.closed {
		db.mu.Unlock()
		<-db.slots
		return nil, fmt.Errorf("database is closed")
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
	conn := &Conn{db: db}
	if mapping.Connect(db.raw, &conn.raw) == mapping.StateError {
		return nil, fmt.Errorf("connect to database")
	}
	return conn, nil
}

// Close folds the log into the file and closes it. Connections must be idle.
func (db *DB) Close() error {
	db.mu.Lock()
	if db.closed {
		db.mu.Unlock()
		return nil
	}
	db.closed = true
	idle := db.idle
	db.idle = nil
	db.mu.Unlock()
	for _, conn := range idle {
		mapping.Disconnect(&conn.raw)
	}
	conn, err := db.connect()
	if err == nil {
		_, err = conn.Exec(context.Background(), "CHECKPOINT")
		mapping.Disconnect(&conn.raw)
	}
	mapping.Close(&db.raw)
	if err != nil {
		return opError("checkpoint at close", err)
	}
	return nil
}
