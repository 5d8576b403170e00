// Package bigqueryfront is an embedded BigQuery: its REST API and its Storage
// Write and Read APIs over one DuckDB file, for the official clients, unchanged.
//
// Packages: rest (the API over HTTP), jobs (running statements and loads), storagewrite and
// storageread (the write and read APIs over gRPC), records (rows from JSON and CSV), cell
// (values), staging (rows on their way), catalog (what BigQuery knows of tables), dialect
// (GoogleSQL to DuckDB's SQL), engine (DuckDB), fault (BigQuery's errors).
//
// It stands in for BigQuery in development and tests, and never guesses: what it does
// not serve it refuses with an error that names it. It has no permissions,
// slots, caches, time travel, expiration or billing, and of the quotas those of
// partitions modified by a job and of a table, and of statements that wait to
// change a table; bytes processed are up to two seconds behind, and of large tables by a sample; names of tables that differ only by case are one table; after a
// restart a table may count as recently streamed to for a minute longer, its inserted rows
// count as no longer buffered, and every table counts as modified. It listens
// where it is told to and asks nobody who they are: loopback only.
//
// When the disk is full, appends and calls fail with UNAVAILABLE or backendError (503) and
// jobs with jobBackendError, what was answered stays, and once there is room it goes on.
//
// TestConformance says what of BigQuery it promises, and can be run against
// BigQuery itself (package conformance).
package bigqueryfront

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"google.golang.org/grpc"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/catalog"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/jobs"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/rest"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/staging"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/storageread"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/storagewrite"
)

// Config says where the front keeps its data and listens.
type Config struct {
	// Dir is the folder of the database; it is created if need be.
	Dir string
	// RESTAddr and GRPCAddr are host:port; port 0 takes any.
	RESTAddr, GRPCAddr string
	// ProjectID is the only project there is.
	ProjectID string
	// Logger receives what goes wrong; nil discards it.
	Logger *slog.Logger
	// Middleware wraps the REST API, for instance to inject faults.
	Middleware func(http.Handler) http.Handler
	// JobPanics is told of a panic in a query job, which then fails with
	// internalError; nil lets a panic end the process.
	JobPanics jobs.PanicHandler
	// JobFaults, if not nil, says what befalls query jobs.
	JobFaults jobs.Faults
	// Latency passes before each statement of a query job.
	Latency time.Duration
	// Bucket has the files that load jobs name by gs:// URIs; nil: there are none.
	Bucket rest.Bucket
	// ServerOptions are added to the gRPC server's.
	ServerOptions []grpc.ServerOption
	// Threads per query and MemoryLimit ("4GB") bound DuckDB; zero values
	// mean 2 threads and 4GB.
	Threads     int
	MemoryLimit string
	// CheckpointThreshold ("128MB", which empty means) bounds what a restart after a
	// crash must replay.
	CheckpointThreshold string
}

const (
	// requestTimeout bounds a REST request; one that waits for its job may take 200 s.
	requestTimeout = 5 * time.Minute
	// maxConns bounds the queries that run at once.
	maxConns = 16

	defaultCheckpointThreshold = "128MB"
	// maxMessage leaves room above the write API's limit of 20 MB, so that a
	// request beyond it is refused by its own words.
	maxMessage = 32 << 20
	shutdown   = 2 * time.Second
)

// Server is a running front.
type Server struct {
	db     *engine.DB
	jobs   *jobs.Store
	writes *storagewrite.Server
	rest   *http.Server
	grpc   *grpc.Server

	restListener, grpcListener net.Listener
}

// Start opens the database and serves both APIs until Close. The context bounds
// the start only.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Threads == 0 {
		cfg.Threads = 2
	}
	if cfg.MemoryLimit == "" {
		cfg.MemoryLimit = "4GB"
	}
	if cfg.CheckpointThreshold == "" {
		cfg.CheckpointThreshold = defaultCheckpointThreshold
	}
	s := &Server{}
	if err := s.open(ctx, cfg); err != nil {
		return nil, errors.Join(fmt.Errorf("start embedded BigQuery: %w", err), s.Close())
	}
	go s.serve(cfg.Logger, "REST", func() error { return s.rest.Serve(s.restListener) })
	go s.serve(cfg.Logger, "gRPC", func() error { return s.grpc.Serve(s.grpcListener) })
	return s, nil
}

func (s *Server) open(ctx context.Context, cfg Config) error {
	db, err := engine.Open(engine.Options{
		Path: filepath.Join(cfg.Dir, "warehouse.duckdb"), Threads: cfg.Threads, MemoryLimit: cfg.MemoryLimit,
		CheckpointThreshold: cfg.CheckpointThreshold, Prelude: dialect.Prelude, MaxConns: maxConns, Logger: cfg.Logger,
	})
	if err != nil {
		return err
	}
	s.db = db
	cat, err := catalog.Open(ctx, db, cfg.ProjectID, time.Now)
	if err != nil {
		return err
	}
	if err := staging.Prepare(ctx, db); err != nil {
		return err
	}
	s.jobs = jobs.NewStore(db, cat, time.Now, cfg.Logger, jobs.Options{Panics: cfg.JobPanics, Faults: cfg.JobFaults, Latency: cfg.Latency})
	s.writes = storagewrite.NewServer(db, cat, cfg.Logger)
	db.OnFailure(s.writes.Release, cat.Reload)
	handler, err := rest.NewHandler(rest.Config{Catalog: cat, Jobs: s.jobs, Logger: cfg.Logger, Inserter: s.writes,
		Bucket: cfg.Bucket, UploadDir: filepath.Join(cfg.Dir, "uploads")})
	if err != nil {
		return err
	}
	if cfg.Middleware != nil {
		handler = cfg.Middleware(handler)
	}
	handler = rest.WithBasePath(handler) // before the middleware, which knows methods by their paths
	s.rest = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       requestTimeout,
		WriteTimeout:      requestTimeout,
		IdleTimeout:       2 * time.Minute,
	}
	options := append([]grpc.ServerOption{grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage), grpc.WaitForHandlers(true)}, cfg.ServerOptions...)
	s.grpc = grpc.NewServer(options...)
	storagepb.RegisterBigQueryWriteServer(s.grpc, s.writes)
	storagepb.RegisterBigQueryReadServer(s.grpc, storageread.NewServer(db, cat, s.jobs, cfg.Logger))
	var listen net.ListenConfig
	if s.restListener, err = listen.Listen(ctx, "tcp", cfg.RESTAddr); err != nil {
		return fmt.Errorf("listen for REST: %w", err)
	}
	if s.grpcListener, err = listen.Listen(ctx, "tcp", cfg.GRPCAddr); err != nil {
		return fmt.Errorf("listen for gRPC: %w", err)
	}
	return nil
}

func (s *Server) serve(logger *slog.Logger, api string, serve func() error) {
	if err := serve(); err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, grpc.ErrServerStopped) {
		logger.Error("embedded BigQuery stopped serving", "api", api, "error", err)
	}
}

// RESTAddr is where the REST API listens, as host:port.
func (s *Server) RESTAddr() string { return s.restListener.Addr().String() }

// GRPCAddr is where the write API listens, as host:port.
func (s *Server) GRPCAddr() string { return s.grpcListener.Addr().String() }

// Close stops serving, waits a bounded time for what is in flight, and closes
// the database.
func (s *Server) Close() error {
	var errs []error
	if s.rest != nil {
		ctx, cancel := context.WithTimeout(context.Background(), shutdown)
		defer cancel()
		// Shutdown waits 5 s for connections that were opened and never used,
		// so running out of time is no failure.
		if err := s.rest.Shutdown(ctx); err != nil {
			errs = append(errs, s.rest.Close())
		}
	}
	if s.grpc != nil {
		// Clients keep their streams open, so a graceful stop would not end;
		// appends that were answered are committed, others are retried.
		s.grpc.Stop()
	}
	for _, l := range []net.Listener{s.restListener, s.grpcListener} {
		if l != nil {
			// The servers have closed theirs; closing again is harmless.
			_ = l.Close()
		}
	}
	if s.writes != nil {
		s.writes.Close()
	}
	if s.jobs != nil {
		s.jobs.Close()
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	return errors.Join(errs...)
}
