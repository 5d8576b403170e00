package watch

import (
	"context"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/openlineage"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/query"
)

// Findings asks the warehouse what was found in files.
type Findings struct{ Source query.Source }

// Findings implements openlineage.Checks.
func (f Findings) Findings(ctx context.Context, files []string, from time.Time) (map[string][]openlineage.Finding, error) {
	result, err := f.Source.Query(ctx, "lineage/findings", query.Params{"file_ids": files, "found_from": from})
	if err != nil {
		return nil, err
	}
	found := make(map[string][]openlineage.Finding)
	for _, row := range result.Rows {
		id := result.Text(row, "file_id")
		found[id] = append(found[id], openlineage.Finding{
			Rule: rules.ID(result.Text(row, "rule")), Severity: rules.Severity(result.Text(row, "severity")), Count: result.Number(row, "findings"),
		})
	}
	return found, nil
}
