package embedded

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// A panic is a defect of a front, never an answer to a request. It must not end
// the process, in which the services run too, and it must not pass unseen: it is
// logged as an error with its stack, and the client is told. The fronts' own
// tests start them without this, so that there a panic ends the test.

const defect = "The embedded cloud has a defect, which its log describes."

func logPanic(ctx context.Context, log *slog.Logger, method string, cause any) {
	log.ErrorContext(ctx, "request panicked", "method", method, "cause", cause, "stack", string(debug.Stack()))
}

// recovering returns the interceptors that answer INTERNAL for a panic.
func recovering(log *slog.Logger) []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (_ any, err error) {
			defer func() {
				if cause := recover(); cause != nil {
					logPanic(ctx, log, info.FullMethod, cause)
					err = status.Error(codes.Internal, defect)
				}
			}()
			return next(ctx, req)
		}),
		grpc.ChainStreamInterceptor(func(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
			defer func() {
				if cause := recover(); cause != nil {
					logPanic(stream.Context(), log, info.FullMethod, cause)
					err = status.Error(codes.Internal, defect)
				}
			}()
			return next(srv, stream)
		}),
	}
}

// recoveringHTTP answers 500 for a panic, which net/http would answer by cutting
// the connection, so that clients take it for a fault of the network and try again.
func recoveringHTTP(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch cause := recover(); cause {
			case nil:
			case http.ErrAbortHandler: // meant to cut the connection
				panic(cause)
			default:
				logPanic(r.Context(), log, r.Method+" "+r.URL.Path, cause)
				http.Error(w, defect, http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}
