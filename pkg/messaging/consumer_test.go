package messaging

import (
	"errors"
	"fmt"
	"testing"
)

func TestPermanentErrorsKeepTheirCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	err := fmt.Errorf("handle: %w", Permanent(cause))
	if !IsPermanent(err) || !errors.Is(err, cause) {
		t.Errorf("Permanent is not seen through wrapping: %v", err)
	}
	if IsPermanent(cause) {
		t.Error("an ordinary error is taken for permanent")
	}
}
