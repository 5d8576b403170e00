package loading

import (
	"context"
	"slices"

	"cloud.google.com/go/civil"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// isReadAgain tells whether a file was brought back.
func isReadAgain(m *pipelinev1.FileManifest) bool { return landedfile.IsReadAgain(m.GetFile()) }

// replacedDays finds the days that earlier readings of the files, all read again, left facts and
// findings on. It reads two columns of order_keys over all days that an order of theirs can
// have, and so is asked only for such files.
func (s *starSchema) replacedDays(ctx context.Context, again *batch, p *plan) error {
	byLanding := func(a, b *pipelinev1.FileManifest) int {
		return a.GetFile().GetLandedAt().AsTime().Compare(b.GetFile().GetLandedAt().AsTime())
	}
	first := slices.MinFunc(again.manifests, byLanding).GetFile().GetLandedAt().AsTime()
	last := slices.MaxFunc(again.manifests, byLanding).GetFile().GetLandedAt().AsTime()
	for row, err := range warehouse.Read[struct {
		What string `bigquery:"what"`
		dayRow
	}](ctx, s.questions, "loading/replaced", warehouse.Params{
		"file_ids":  again.fileIDs,
		"from_date": civil.DateOf(first.UTC().AddDate(0, 0, -rules.MaxOrderAgeDays-1)),
		"to_date":   civil.DateOf(last.UTC().AddDate(rules.MaxOrderLeadYears, 0, 1)),
	}) {
		switch {
		case err != nil:
			return err
		case row.What == "finding":
			p.known.findings = append(p.known.findings, row.day())
		default:
			p.known.replaced = append(p.known.replaced, row.day())
		}
	}
	return nil
}
