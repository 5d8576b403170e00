package upload

import (
	"context"
	"fmt"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
)

// Finding counts what was found of a rule in a file, of the rules that keep out what breaks them.
type Finding struct {
	FileID   string `bigquery:"file_id"`
	Rule     string `bigquery:"rule"`
	Findings int64  `bigquery:"findings"`
	Sample   string `bigquery:"sample"` // the text of one of them
}

// findingsBefore is how much earlier than this machine's clock a finding may be dated.
const findingsBefore = time.Hour

// Findings asks what was found in files that landed after a time of this machine's clock, the
// most frequent first.
func Findings(ctx context.Context, ledger *warehouse.Client, fileIDs []string, landed time.Time) (map[string][]Finding, error) {
	rows, err := warehouse.All[Finding](ctx, ledger, "operations/upload_findings", warehouse.Params{
		"file_ids": fileIDs, "since": landed.Add(-findingsBefore),
	})
	if err != nil {
		return nil, fmt.Errorf("ask what was found in the files: %w", err)
	}
	byFile := make(map[string][]Finding)
	for _, row := range rows {
		byFile[row.FileID] = append(byFile[row.FileID], row)
	}
	return byFile, nil
}
