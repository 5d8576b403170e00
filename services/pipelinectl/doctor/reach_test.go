package doctor

import (
	"errors"
	"fmt"
	"testing"

	"google.golang.org/api/googleapi"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestIsDisabled(t *testing.T) {
	t.Parallel()
	refused := func(reason string) error {
		s, err := status.New(codes.PermissionDenied, "refused").WithDetails(&errdetails.ErrorInfo{Reason: reason, Domain: "googleapis.com"})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Errorf("ask: %w", s.Err())
	}
	older := func(reason string) error {
		return fmt.Errorf("ask: %w", &googleapi.Error{Code: 403, Errors: []googleapi.ErrorItem{{Reason: reason}}})
	}
	for _, tt := range []struct {
		name string
		err  error
		want bool
	}{
		{"gRPC", refused("SERVICE_DISABLED"), true},
		{"gRPC, no permission", refused("IAM_PERMISSION_DENIED"), false},
		{"HTTP", fmt.Errorf("ask: %w", &googleapi.Error{Code: 403, Body: `{"error": {"code": 403, "details": [` +
			`{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED", "domain": "googleapis.com"}]}}`}), true},
		{"HTTP, an older API", older("accessNotConfigured"), true},
		{"HTTP, no permission", older("forbidden"), false},
		{"no answer", errors.New("SERVICE_DISABLED stands in its text"), false},
	} {
		if got := isDisabled(tt.err); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
