package pubsubfront

import (
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// The texts follow the real service's, since people search for them.

func errNotFound(name string) error {
	return status.Errorf(codes.NotFound, "Resource not found (resource=%s).", lastPart(name))
}

func errExists(name string) error {
	return status.Errorf(codes.AlreadyExists, "Resource already exists in the project (resource=%s).", lastPart(name))
}

func errBadName(name string) error {
	return status.Errorf(codes.InvalidArgument, "Invalid resource name given (name=%.300q). Refer to https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names for more information.", name)
}

func errInvalid(format string, args ...any) error {
	return status.Errorf(codes.InvalidArgument, format, args...)
}

func errUnimplemented(what string) error {
	return status.Errorf(codes.Unimplemented, "The sandbox's Pub/Sub does not offer %s.", what)
}

func errStorage() error {
	return status.Error(codes.Unavailable, "The service could not reach its storage. Try again.")
}

func errShuttingDown() error {
	return status.Error(codes.Unavailable, "The service is shutting down.")
}
