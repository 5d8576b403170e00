package recovery

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestReceivingRefused has Pub/Sub refuse to deliver, by each status that its client takes
// for final. The services wait until they are let in again, and say so meanwhile.
func TestReceivingRefused(t *testing.T) {
	t.Parallel()
	s, _ := harness.StartStack(t, harness.NewConfig(t.TempDir(), "all"))
	p := harness.Connect(t, s.Endpoints(), s.DashboardURL())
	ready := func(want bool) func() (bool, error) {
		return func() (bool, error) {
			response, err := http.Get(s.ReadyURL())
			if err != nil {
				return false, err
			}
			defer response.Body.Close()
			return (response.StatusCode == http.StatusOK) == want, nil
		}
	}
	var files harness.Landed
	for i, status := range []string{"resource_exhausted", "permission_denied", "unauthenticated", "failed_precondition"} {
		// The first message breaks the stream, and then no other can be opened.
		harness.FaultsCall(t, http.MethodPut, s.FaultsURL(), "pubsub.StreamingPull drop", "pubsub.StreamingPull fail "+status)
		files.Add(t, p, fmt.Sprintf("orders/%s.json", status), harness.OrderFile(t, uint64(70+i), 20, nil))
		harness.Await(t, "not ready after "+status, ready(false))
		harness.FaultsCall(t, http.MethodDelete, s.FaultsURL())
		harness.Await(t, "ready again after "+status, ready(true))
	}
	p.AwaitFiles(t, len(files.Sources))
	harness.VerifyAll(t, p, files.Sources)
}
