package loading

import (
	"context"

	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
)

// standing finds the days on which the warehouse may hold orders of the files of orders: those of
// keys with the fingerprints of their ids. A transaction reads the keys of these days alone.
func (s *starSchema) standing(ctx context.Context, b *batch, p *plan) error {
	params := b.params()
	params["dedup_from"], params["dedup_to"] = s.dedupRange(b.orders, p.now)
	for row, err := range warehouse.Read[dayRow](ctx, s.questions, "loading/standing", params) {
		if err != nil {
			return err
		}
		p.known.standing = append(p.known.standing, row.day())
	}
	return nil
}
