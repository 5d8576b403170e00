package cloud

import (
	"testing"

	"github.com/googleapis/gax-go/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// TestPausesAreBounded: however long an outage lasts, what is published is tried again soon
// after it, by the options that the client itself uses.
func TestPausesAreBounded(t *testing.T) {
	t.Parallel()
	client, err := Config{ProjectID: "p", PubSubHost: "127.0.0.1:1"}.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var settings gax.CallSettings
	for _, option := range client.TopicAdminClient.CallOptions.Publish {
		option.Resolve(&settings)
	}
	retryer := settings.Retry()
	for n := range 100 {
		pause, again := retryer.Retry(status.Error(codes.Unavailable, "away"))
		if !again || pause > MaxPause {
			t.Fatalf("attempt %d: pause %v, again %v", n, pause, again)
		}
	}
	if _, again := retryer.Retry(status.Error(codes.InvalidArgument, "wrong")); again {
		t.Error("what is wrong is tried again")
	}
	if got := connectParams().Backoff.MaxDelay; got != MaxPause {
		t.Errorf("connections pause up to %v", got)
	}
}
