package storagefront

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/storagefront/store"
)

// shutdownTimeout bounds how long Close waits for requests under way.
const shutdownTimeout = 10 * time.Second

// Notifier publishes a bucket's notifications. An error means that the message
// was not taken: the server retries it, for up to seven days, so a message
// whose error came after the fact arrives twice. Publish is called
// concurrently, and must not keep attributes or data after it returns.
type Notifier interface {
	// Publish sends one message to topic, which has the form projects/P/topics/T.
	Publish(ctx context.Context, topic string, attributes map[string]string, data []byte) error
}

// Config says how to run a server.
type Config struct {
	Dir        string                          // the data folder; made if absent, used by one server at a time
	Addr       string                          // host:port to listen on; port 0 picks one
	Host       string                          // name that clients call it by, for links in resources; empty: the address it listens on
	Notifier   Notifier                        // nil: notification configs are kept but nothing is sent
	Logger     *slog.Logger                    // nil: slog.Default()
	Middleware func(http.Handler) http.Handler // nil: none
}

// Server is a running storage front.
type Server struct {
	store  *store.Store
	http   *http.Server
	addr   string
	base   string // http://host:port, for links in resources
	log    *slog.Logger
	served chan error
	unused unusedConns
}

// Start reads the data folder back, repairs what a crash left, delivers the
// notifications it still owes and serves until Close. ctx bounds the start; its
// end later stops nothing.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	return start(ctx, cfg, time.Now)
}

func start(ctx context.Context, cfg Config, now func() time.Time) (_ *Server, err error) {
	if cfg.Dir == "" {
		return nil, errors.New("storagefront: Config.Dir is empty")
	}
	s := &Server{log: cfg.Logger, served: make(chan error, 1)}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.store, err = store.Open(ctx, cfg.Dir, now, s.log); err != nil {
		return nil, fmt.Errorf("storagefront: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.store.Close())
		}
	}()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("storagefront: listen on %q: %w", cfg.Addr, err)
	}
	s.addr = listener.Addr().String()
	s.base = "http://" + s.addr
	if cfg.Host != "" {
		_, port, _ := net.SplitHostPort(s.addr)
		s.base = "http://" + net.JoinHostPort(cfg.Host, port)
	}
	if cfg.Notifier != nil {
		s.store.Deliver(ctx, func(ctx context.Context, ev *store.Event, n *store.NotificationConfig) error {
			return s.publish(ctx, cfg.Notifier, ev, n)
		})
	}

	var handler http.Handler = http.HandlerFunc(s.serve)
	if cfg.Middleware != nil {
		handler = cfg.Middleware(handler)
	}
	handler = patiently(handler)
	handler = withBasePath(handler) // before the middleware, which knows methods by their paths
	s.http = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second, // the other times are patiently's
		IdleTimeout:       2 * time.Minute,
		ConnState:         s.unused.note,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	s.http.RegisterOnShutdown(s.unused.close)
	go func() { s.served <- s.http.Serve(listener) }()
	return s, nil
}

// Addr is the host:port that the server listens on.
func (s *Server) Addr() string { return s.addr }

// Close ends the server: it lets requests finish for a bounded time, stops
// delivering, and leaves what is undelivered to the next start.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("storagefront: requests cut off: %w", err), s.http.Close())
	}
	if serr := <-s.served; !errors.Is(serr, http.ErrServerClosed) {
		err = errors.Join(err, fmt.Errorf("storagefront: serve: %w", serr))
	}
	return errors.Join(err, s.store.Close())
}
