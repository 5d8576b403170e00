package harness

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"testing"
	"time"

	"cloud.google.com/go/storage"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// Deadline bounds a wait; nothing here takes a tenth of it on an idle machine. On a busy
// one, tests that are run by hand may be given more: -deadline 10m.
var Deadline = flag.Duration("deadline", 3*time.Minute, "how long a test may wait for one thing")

// Await asks again and again until done says so. What done returned last is told when it never does.
func Await(t *testing.T, what string, done func() (bool, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), *Deadline)
	defer cancel()
	for {
		ok, err := done()
		if ok {
			return
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("%s: not within %v (last error: %v)", what, *Deadline, err)
		}
	}
}

// AwaitFiles waits until the ledger holds n files and all of them are put away.
func (p *Pipeline) AwaitFiles(t *testing.T, n int) {
	t.Helper()
	Await(t, fmt.Sprintf("%d files in the ledger", n), func() (bool, error) {
		rows, err := p.Query(t, "SELECT COUNT(*) FROM file_ledger")
		return err == nil && rows[0][0] == int64(n), err
	})
	Await(t, "landing/ and staging/ empty", func() (bool, error) {
		for _, prefix := range []string{"landing/", "staging/"} {
			_, err := p.Bucket().Objects(t.Context(), &storage.Query{Prefix: prefix}).Next()
			if !errors.Is(err, iterator.Done) {
				return false, err
			}
		}
		return true, nil
	})
}

// Staged waits until the only file in staging/ is as it should be.
func (p *Pipeline) Staged(t *testing.T, what string, is func(*storage.ObjectAttrs, *claim.Claim) bool) {
	t.Helper()
	Await(t, what, func() (bool, error) {
		object, err := p.Bucket().Objects(t.Context(), &storage.Query{Prefix: topology.Staging}).Next()
		if errors.Is(err, iterator.Done) {
			return false, errors.New("staging/ is empty")
		}
		if err != nil {
			return false, err
		}
		c, err := claim.Read(object)
		return err == nil && is(object, c), err
	})
}

// Announced waits until the only file in staging/ was announced so many times.
func (p *Pipeline) Announced(t *testing.T, times int) {
	t.Helper()
	p.Staged(t, fmt.Sprintf("announcement %d", times), func(_ *storage.ObjectAttrs, c *claim.Claim) bool { return c.Announcements == times })
}

// Loaded waits for a file's verdict.
func (p *Pipeline) Loaded(t *testing.T, name string) {
	t.Helper()
	Await(t, name+" loaded", func() (bool, error) {
		rows, err := p.Query(t, "SELECT COUNT(*) FROM file_ledger WHERE verdict = 'loaded' AND landing_name = 'landing/"+name+"'")
		return err == nil && rows[0][0] == int64(1), err
	})
}
