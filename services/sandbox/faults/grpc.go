package faults

import (
	"context"
	"path"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// GRPC returns the interceptors of a front's gRPC server.
func (i *Injector) GRPC(front string) []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
			return i.unary(ctx, req, front+"."+path.Base(info.FullMethod), next)
		}),
		grpc.ChainStreamInterceptor(func(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
			return i.stream(srv, stream, front+"."+path.Base(info.FullMethod), next)
		}),
	}
}

func (i *Injector) unary(ctx context.Context, req any, method string, next grpc.UnaryHandler) (any, error) {
	s := i.strike(method, fail, lost, delay, drop)
	wait(ctx, s)
	if s.effect == fail {
		return nil, status.Error(s.code, s.message(method))
	}
	resp, err := next(ctx, req)
	if err != nil {
		return nil, err
	}
	switch s.effect {
	case lost:
		return nil, status.Error(s.code, s.message(method))
	case drop: // what a client sees of a connection that broke
		return nil, status.Error(codes.Unavailable, s.message(method))
	}
	return resp, nil
}

func (i *Injector) stream(srv any, stream grpc.ServerStream, method string, next grpc.StreamHandler) error {
	s := i.strike(method, fail, delay)
	wait(stream.Context(), s)
	if s.effect == fail {
		return status.Error(s.code, s.message(method))
	}
	f := &faultyStream{ServerStream: stream, injector: i, method: method, broken: make(chan struct{})}
	err := next(srv, f)
	select {
	case <-f.broken: // whatever the handler made of it
		return f.err
	default:
		return err
	}
}

// faultyStream breaks at a message. It stays broken: from then on both
// directions return the error. Streams live long, so those that opened before
// there was a plan heed it too.
type faultyStream struct {
	grpc.ServerStream
	injector *Injector
	method   string

	once   sync.Once
	err    error // read after broken is closed
	broken chan struct{}
}

func (f *faultyStream) breakOff(s strike) error {
	f.once.Do(func() {
		if s.effect == drop {
			s.code = codes.Unavailable
		}
		f.err = status.Error(s.code, s.message(f.method))
		close(f.broken)
	})
	return f.err
}

// RecvMsg implements grpc.ServerStream. The receiving proper runs beside it,
// because a handler that waits for a request must learn that the sending side
// broke; when the handler then returns, gRPC ends the receiving too.
func (f *faultyStream) RecvMsg(m any) error {
	received := make(chan error, 1)
	go func() { received <- f.ServerStream.RecvMsg(m) }()
	select {
	case <-f.broken:
		return f.err
	case err := <-received:
		if err != nil {
			return err
		}
	}
	if s := f.injector.strike(f.method, drop); s.effect != "" {
		return f.breakOff(s)
	}
	return nil
}

// SendMsg implements grpc.ServerStream.
func (f *faultyStream) SendMsg(m any) error {
	select {
	case <-f.broken:
		return f.err
	default:
	}
	s := f.injector.strike(f.method, lost, drop)
	if s.effect == lost {
		return f.breakOff(s)
	}
	if err := f.ServerStream.SendMsg(m); err != nil {
		return err
	}
	if s.effect == drop {
		return f.breakOff(s)
	}
	return nil
}
