package cloud

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/googleapis/gax-go/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// streamingPull is the method of a stream of a subscription's messages.
const streamingPull = "/google.pubsub.v1.Subscriber/StreamingPull"

// steadyPull is an interceptor by which a stream of messages that breaks off for a reason that
// passes is opened again after MaxPause at most. The client would do so itself, after pauses
// that grow to 30 s and cannot be set: so long messages would wait after an outage that is
// over. What the client takes for final, it is told.
func steadyPull(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	if method != streamingPull {
		return open(ctx, desc, conn, method, opts...)
	}
	// The connection, once it is there, is used at once.
	opts = append(opts, grpc.WaitForReady(true))
	s := &steadyStream{ctx: ctx, open: func() (grpc.ClientStream, error) { return open(ctx, desc, conn, method, opts...) }}
	backoff := Backoff()
	return s, s.begin(&backoff)
}

// steadyStream is a stream that is opened again. As with any, one goroutine may send while
// another receives.
type steadyStream struct {
	ctx  context.Context
	open func() (grpc.ClientStream, error)

	mu      sync.Mutex
	current grpc.ClientStream
	first   any // the request that a stream begins with
	closed  bool
}

// begin opens the stream, or opens it again; the error is a final one.
func (s *steadyStream) begin(backoff *gax.Backoff) error {
	for {
		opened, err := s.open()
		if err == nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.current = opened
			if s.first != nil {
				_ = opened.SendMsg(s.first) // what went wrong is what is received
			}
			return nil
		}
		if !s.passes(err) {
			return err
		}
		if err := gax.Sleep(s.ctx, backoff.Pause()); err != nil {
			return err
		}
	}
}

// passes tells whether the stream may be opened again.
func (s *steadyStream) passes(err error) bool {
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed || s.ctx.Err() != nil {
		return false
	}
	if errors.Is(err, io.EOF) {
		return true
	}
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Internal, codes.Aborted:
		return true
	}
	return false
}

func (s *steadyStream) stream() grpc.ClientStream {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current
}

// SendMsg implements grpc.ClientStream. What a broken stream does not take is not missed: the
// first request is repeated, and those after it only say that the client is there.
func (s *steadyStream) SendMsg(m any) error {
	s.mu.Lock()
	if s.first == nil {
		s.first = m
	}
	current := s.current
	s.mu.Unlock()
	if err := current.SendMsg(m); !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// RecvMsg implements grpc.ClientStream.
func (s *steadyStream) RecvMsg(m any) error {
	backoff := Backoff()
	for {
		err := s.stream().RecvMsg(m)
		if err == nil || !s.passes(err) {
			return err
		}
		if err := gax.Sleep(s.ctx, backoff.Pause()); err != nil {
			return err
		}
		if err := s.begin(&backoff); err != nil {
			return err
		}
	}
}

// CloseSend implements grpc.ClientStream.
func (s *steadyStream) CloseSend() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	return s.stream().CloseSend()
}

// Header implements grpc.ClientStream.
func (s *steadyStream) Header() (metadata.MD, error) { return s.stream().Header() }

// Trailer implements grpc.ClientStream.
func (s *steadyStream) Trailer() metadata.MD { return s.stream().Trailer() }

// Context implements grpc.ClientStream.
func (s *steadyStream) Context() context.Context { return s.stream().Context() }
