package verify

import (
	"context"
	"fmt"

	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// catalogs computes the dimensions and their histories from all catalogs and compares them.
// Of a file that was read more than once the bytes of the last reading stand for all.
func (r *recomputation) catalogs(ctx context.Context, kept []*keptFile, found *findings) error {
	var files []reference.File
	for _, k := range kept {
		if k.kind == "products" || k.kind == "customers" {
			file := k.opened(ctx, r.Clients)
			file.RefusedLater = k.refusedLater().has
			files = append(files, file)
		}
	}
	want, err := reference.Compute(files, r.archive.Policy)
	if err != nil {
		return fmt.Errorf("compute the dimensions: %w", err)
	}
	for _, check := range []func(context.Context, *reference.Warehouse, *findings) error{
		r.compareProducts, r.compareCustomers, r.compareProductHistory, r.compareCustomerHistory,
	} {
		if err := check(ctx, want, found); err != nil {
			return err
		}
	}
	for _, k := range kept {
		o, ours := want.Files[k.ID]
		if ours && k.isCurrent && k.namesAll && k.verdict == o.Verdict && k.leftOut != o.LeftOut {
			found.of(Violation{"archive_ledger", fmt.Sprintf("%s: left_out is %s, the files give %s", k.Name, orNone(k.leftOut), orNone(o.LeftOut))})
		}
	}
	return nil
}
