package operate

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/command"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// screen takes what a command prints, to be read while the command runs.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

// last is what was printed from so many bytes on, and how many there are now.
func (s *screen) last(from int) (string, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()[from:], s.text.Len()
}

// TestStatusWatch: who watches sees the status again and again, is told when it cannot be seen, sees it
// again afterwards, and ends it with status 0.
func TestStatusWatch(t *testing.T) {
	t.Parallel()
	config := harness.NewConfig(t.TempDir(), "all")
	started, _ := harness.StartStack(t, config)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out := &screen{}
	root := command.Root()
	root.Writer, root.ErrWriter = out, out
	ended := make(chan error, 1)
	go func() {
		ended <- root.Run(ctx, []string{"pipelinectl", "--env-file", config.DataDir + "/endpoints.env", "status", "--watch", "--interval", "10ms"})
	}()
	seen := 0
	await := func(words string) {
		t.Helper()
		harness.Await(t, words, func() (bool, error) {
			text, n := out.last(seen)
			if strings.Contains(text, words) {
				seen = n
				return true, nil
			}
			return false, nil
		})
	}
	await("All is well.")
	await("All is well.")
	harness.FaultsCall(t, http.MethodPut, started.FaultsURL(), "bigquery.jobs.* fail permission_denied")
	await("cannot look, will try again in 10ms")
	harness.FaultsCall(t, http.MethodDelete, started.FaultsURL())
	await("All is well.")
	stop()
	if err := <-ended; err != nil {
		t.Errorf("ended with Ctrl-C: %v", err)
	}
}
