package pubsubfront

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"cloud.google.com/go/iam/apiv1/iampb"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/iampolicy"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/store"
)

// Config says where a server keeps its state and where it listens.
type Config struct {
	// Dir holds topics, subscriptions and messages. One process at a time may
	// use it.
	Dir string
	// Addr is the host:port to listen on; port 0 means any free one. Nothing is
	// authenticated, so the host should be a loopback address, and is if Addr is
	// empty.
	Addr string
	// Logger is slog.Default() if nil.
	Logger *slog.Logger
	// Interceptors are further options of the gRPC server. An interceptor sees
	// PublishRequests without their messages and StreamingPullResponses,
	// PullResponses and PublishResponses without their content: those pass
	// through in their encoding.
	Interceptors []grpc.ServerOption
	// Twice and Again, if not nil, are faults on demand. Twice is asked when a
	// message is first delivered: true hands it out twice at once. Again is asked
	// when the only delivery of a message is acknowledged: true delivers it once
	// more. Both get the subscription's name, may be called concurrently, and must
	// answer at once.
	Twice, Again func(subscription string) bool
}

// Server is a running Pub/Sub.
type Server struct {
	log      *slog.Logger
	dir      string
	grpc     *grpc.Server
	listener net.Listener
	served   chan struct{}
	closing  chan struct{}
	watched  chan struct{} // closed when nobody looks after the store any more
	close    func() error

	twice, again func(subscription string) bool // never nil

	nextID atomic.Uint64 // of messages

	admin sync.Mutex // held by whoever creates, changes or deletes a resource
	mu    sync.RWMutex
	state // replaced under admin and mu when the store failed
}

// state is what is kept on disk, and what keeps it there.
type state struct {
	store    *store.Store
	registry *store.Table
	progress *store.Table
	// The maps and what they hold of settings are changed under admin and mu.
	topics  map[string]*topic
	subs    map[string]*subscription
	schemas map[string][]revision // newest first; replaced, never changed
	// By the resource's name; none of one whose policy nobody has set.
	policies map[string]*iampolicy.Policy
}

const (
	// Larger than Pub/Sub's request limit, so that this package says what is
	// wrong with a larger request and not gRPC.
	maxGRPCRequest = 2 * maxRequestBytes
	// Windows larger than gRPC's 64 KiB, because a Publish request or a
	// streamed response is that large: fewer waits and window updates.
	grpcWindow = 4 << 20
	// closeGrace is what requests get to finish in, once streams have ended.
	closeGrace = 2 * time.Second
)

// Start opens the state in cfg.Dir and serves until Close. ctx bounds the start
// alone.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Addr == "" {
		cfg.Addr = "127.0.0.1:0"
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("pubsub front: %w", err)
	}
	kept, err := store.Start(cfg.Dir, cfg.Logger)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("pubsub front: %w", err), listener.Close())
	}
	s := &Server{
		log: cfg.Logger, dir: cfg.Dir, state: state{store: kept}, listener: listener,
		served: make(chan struct{}), closing: make(chan struct{}), watched: make(chan struct{}),
		twice: orNever(cfg.Twice), again: orNever(cfg.Again),
	}
	s.close = sync.OnceValue(s.shutDown)
	// Ids go up across restarts: a process would have to publish a message per
	// nanosecond to reach those of the next.
	s.nextID.Store(uint64(time.Now().UnixNano()))
	if err := s.restore(ctx); err != nil {
		err = errors.Join(err, s.stopSubscriptions(ctx), listener.Close())
		kept.Close()
		return nil, fmt.Errorf("pubsub front: %w", err)
	}
	s.grpc = grpc.NewServer(append([]grpc.ServerOption{
		grpc.ForceServerCodecV2(newCodec()),
		grpc.MaxRecvMsgSize(maxGRPCRequest),
		grpc.InitialWindowSize(grpcWindow),
		grpc.InitialConnWindowSize(grpcWindow),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}),
	}, cfg.Interceptors...)...)
	pubsubpb.RegisterPublisherServer(s.grpc, &publisher{server: s})
	pubsubpb.RegisterSubscriberServer(s.grpc, &subscriber{server: s})
	pubsubpb.RegisterSchemaServiceServer(s.grpc, &schemaService{server: s})
	iampb.RegisterIAMPolicyServer(s.grpc, &iamService{server: s})
	go s.watchStore()
	go func() {
		defer close(s.served)
		if err := s.grpc.Serve(listener); err != nil {
			s.log.ErrorContext(ctx, "pubsub front stopped serving", "error", err)
		}
	}()
	return s, nil
}

func orNever(f func(string) bool) func(string) bool {
	if f == nil {
		return func(string) bool { return false }
	}
	return f
}

// Addr is the host:port that the server listens on.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close ends all streams and requests and writes down what is pending. It takes
// a few seconds at most. Calls after the first return the first's result.
func (s *Server) Close() error { return s.close() }

func (s *Server) shutDown() error {
	close(s.closing) // ends the streams, on which GracefulStop would wait forever
	graceful := make(chan struct{})
	go func() {
		defer close(graceful)
		s.grpc.GracefulStop()
	}()
	select {
	case <-graceful:
	case <-time.After(closeGrace):
		s.grpc.Stop()
		<-graceful
	}
	<-s.served
	<-s.watched
	ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
	defer cancel()
	err := s.stopSubscriptions(ctx)
	s.store.Close()
	if err != nil {
		return fmt.Errorf("close pubsub front: %w", err)
	}
	return nil
}

func (s *Server) stopSubscriptions(ctx context.Context) error {
	s.mu.RLock()
	subs, failed := slices.Collect(maps.Values(s.subs)), s.store.Alive().Err() != nil
	s.mu.RUnlock()
	var errs []error
	for _, sub := range subs {
		sub.queue.Close(errShuttingDown())
		if failed {
			continue // what it knows cannot be written
		}
		if err := sub.queue.Flush(ctx); err != nil {
			errs = append(errs, fmt.Errorf("subscription %s: %w", sub.name, err))
		}
	}
	return errors.Join(errs...)
}
