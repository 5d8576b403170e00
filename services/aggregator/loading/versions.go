package loading

import (
	"context"

	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// mayReplace tells whether a record of the file of orders may take the place of an earlier version
// of its order: because it says when it was updated, because the policy lets whatever landed
// later win, or because the file is read again.
func (s *starSchema) mayReplace(m *pipelinev1.FileManifest) bool {
	return isOfOrders(m) && (m.GetHasVersions() || s.duplicates == Latest && len(m.GetOrderDates()) > 0 || isReadAgain(m))
}

// supersededDays finds the days of facts that the files may replace.
func (s *starSchema) supersededDays(ctx context.Context, b *batch, p *plan) error {
	params := b.only(s.mayReplace).params()
	params["standing_dates"] = p.known.standing
	for row, err := range warehouse.Read[dayRow](ctx, s.questions, "loading/versions", params) {
		if err != nil {
			return err
		}
		p.known.replaced = append(p.known.replaced, row.day())
	}
	return nil
}
