package loading

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/epoch"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// replaced finds the days that earlier readings of the files left facts and
// findings on. It is asked after the fence's epoch, so that it holds when the
// transaction starts, and only for files that were brought back: it reads two
// columns of order_keys from eleven years.
func (w *warehouse) replaced(ctx context.Context, manifests []*pipelinev1.FileManifest, known *facts) error {
	again := slices.DeleteFunc(slices.Clone(manifests), func(m *pipelinev1.FileManifest) bool {
		return topology.Revision(m.GetFile()) == 1
	})
	if len(again) == 0 {
		return nil
	}
	byLanding := func(a, b *pipelinev1.FileManifest) int {
		return a.GetFile().GetLandedAt().AsTime().Compare(b.GetFile().GetLandedAt().AsTime())
	}
	first := slices.MinFunc(again, byLanding).GetFile().GetLandedAt().AsTime()
	last := slices.MaxFunc(again, byLanding).GetFile().GetLandedAt().AsTime()
	rows, err := w.read(ctx, "loading/replaced", nil, []bigquery.QueryParameter{
		{Name: "file_ids", Value: fileIDs(again)},
		{Name: "from_date", Value: civil.DateOf(first.UTC().AddDate(-rules.MaxOrderAgeYears, 0, -1))},
		{Name: "to_date", Value: civil.DateOf(last.UTC().AddDate(rules.MaxOrderLeadYears, 0, 1))},
	})
	if err != nil {
		return err
	}
	for {
		var row struct {
			What string     `bigquery:"what"`
			Day  civil.Date `bigquery:"day"`
		}
		if err := rows.Next(&row); errors.Is(err, iterator.Done) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read the days of earlier readings: %w", err)
		}
		day := epoch.Day(row.Day.In(time.UTC))
		if row.What == "finding" {
			known.findings = append(known.findings, day)
		} else {
			known.replaced = append(known.replaced, day)
		}
	}
}
