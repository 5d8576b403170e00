package cloud

import (
	"time"

	"github.com/googleapis/gax-go/v2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
)

// MaxPause is the longest pause before a call or a connection is tried again. The clients'
// own are up to a minute, two for a connection: so long would work stand still after an
// outage that is over. What is asked twelve times a minute by a process is no load.
//
// One pause of the clients' cannot be set: BigQuery's REST calls wait up to 32 s before they
// are tried again.
const MaxPause = 5 * time.Second

// Backoff is the clients' backoff with that longest pause.
func Backoff() gax.Backoff {
	return gax.Backoff{Initial: 100 * time.Millisecond, Max: MaxPause, Multiplier: 2}
}

// publishRetryer tries again what the Pub/Sub client would.
func publishRetryer() gax.Retryer {
	return gax.OnCodes([]codes.Code{
		codes.Aborted, codes.Canceled, codes.Internal, codes.ResourceExhausted, codes.Unknown, codes.Unavailable, codes.DeadlineExceeded,
	}, Backoff())
}

// connectParams are those of gRPC's connections.
func connectParams() grpc.ConnectParams {
	config := backoff.DefaultConfig
	config.MaxDelay = MaxPause
	return grpc.ConnectParams{Backoff: config, MinConnectTimeout: 20 * time.Second} // the latter is gRPC's own
}
