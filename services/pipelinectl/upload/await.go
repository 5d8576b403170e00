package upload

import (
	"context"
	"fmt"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/sleep"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
)

// Outcome is what became of a file, as the ledger has it:
// Records = Loaded + Duplicates + Rejected + Held. Updated of the loaded ones replaced an
// earlier version of their order.
type Outcome struct {
	FileID     string `bigquery:"file_id"`
	Verdict    string `bigquery:"verdict"` // loaded or quarantined
	Reason     string `bigquery:"reason"`  // the rule, if there is one
	Records    int64  `bigquery:"records"`
	Loaded     int64  `bigquery:"loaded"`
	Duplicates int64  `bigquery:"duplicates"`
	Rejected   int64  `bigquery:"rejected"`
	Held       int64  `bigquery:"held"`
	Updated    int64  `bigquery:"updated"`
}

// Whole tells whether the file was loaded and nothing of it refused.
func (o Outcome) Whole() bool { return o.Verdict == "loaded" && o.Rejected == 0 }

// The ledger is asked soon at first, for a small file takes a second or two, and then less
// and less often: each question is billed.
const (
	firstPause = 250 * time.Millisecond
	mostPause  = 10 * time.Second
)

// Await asks the ledger until it holds all files, and tells of each as it is first seen. Its
// error is the context's, or the warehouse's.
func Await(ctx context.Context, ledger *warehouse.Client, fileIDs []string, tell func(Outcome)) error {
	waiting := make(map[string]bool, len(fileIDs))
	for _, id := range fileIDs {
		waiting[id] = true
	}
	for pause := firstPause; ; pause = min(pause*3/2, mostPause) {
		left := make([]string, 0, len(waiting))
		for id := range waiting {
			left = append(left, id)
		}
		found, err := warehouse.All[Outcome](ctx, ledger, "operations/outcomes", warehouse.Params{"file_ids": left})
		if err != nil {
			return fmt.Errorf("ask the ledger what became of the files: %w", err)
		}
		for _, outcome := range found {
			delete(waiting, outcome.FileID)
			tell(outcome)
		}
		if len(waiting) == 0 {
			return nil
		}
		if err := sleep.For(ctx, pause); err != nil {
			return err
		}
	}
}
