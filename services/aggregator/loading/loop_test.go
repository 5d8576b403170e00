package loading

import (
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// TestNoLookBeforeItsTransaction: until a transaction may begin, the loop goes on and asks the
// warehouse nothing. The service of this test has none that could be asked.
func TestNoLookBeforeItsTransaction(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct{ wait, want time.Duration }{
		"soon":        {10 * time.Second, 10 * time.Second},
		"not so soon": {10 * time.Minute, idleRound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &Service{now: func() time.Time { return now }, next: now.Add(tc.wait)}
			s.config.CompletenessInterval, s.config.IncompleteAfter = time.Second, 15*time.Minute
			files := map[string]*waiting{"p-1": {since: now.Add(-time.Minute), manifest: &pipelinev1.FileManifest{
				ParseId: "p-1", Records: 3, File: &pipelinev1.LandedFile{FileId: "f-1", LandedAt: timestamppb.New(now)},
			}}}
			if got := s.round(t.Context(), files); got != tc.want {
				t.Errorf("the next round is in %s, want %s", got, tc.want)
			}
			files["p-1"].since = now.Add(-time.Hour)
			if !s.anyOverdue(files) {
				t.Error("a file that waits for its records for an hour is not looked after")
			}
		})
	}
}
