package loading

import (
	"context"
	"slices"

	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// isCatalog tells whether a file is one of products or customers, which only few batches
// bring: what is done for them, the others leave out.
func isCatalog(m *pipelinev1.FileManifest) bool { return isOfProducts(m) || isOfCustomers(m) }

func isOfProducts(m *pipelinev1.FileManifest) bool {
	return m.GetFile().GetKind() == pipelinev1.FileKind_FILE_KIND_PRODUCTS
}

func isOfCustomers(m *pipelinev1.FileManifest) bool {
	return m.GetFile().GetKind() == pipelinev1.FileKind_FILE_KIND_CUSTOMERS
}

func isOfOrders(m *pipelinev1.FileManifest) bool { return !isCatalog(m) }

// catalogModes are the warehouse's words for what a file is a catalog of.
var catalogModes = map[pipelinev1.CatalogMode]string{
	pipelinev1.CatalogMode_CATALOG_MODE_FULL:  "full",
	pipelinev1.CatalogMode_CATALOG_MODE_PARTS: "parts",
	pipelinev1.CatalogMode_CATALOG_MODE_DELTA: "delta",
}

// catalogMode is the word for a file's mode; empty for one of orders.
func catalogMode(m *pipelinev1.FileManifest) string {
	mode := catalogModes[m.GetCatalogMode()]
	if mode == "" && isCatalog(m) { // read by an earlier release
		return catalogModes[pipelinev1.CatalogMode_CATALOG_MODE_FULL]
	}
	return mode
}

// openFindingDays finds the days of findings that name a missing product or customer, so that
// those which the catalogs name can be closed. Of more days than a job may change, the oldest
// come first; the others are found by the next catalog.
func (s *starSchema) openFindingDays(ctx context.Context, p *plan) error {
	for row, err := range warehouse.Read[dayRow](ctx, s.questions, "loading/open_findings", nil) {
		if err != nil {
			return err
		}
		p.known.open = append(p.known.open, row.day())
	}
	slices.Sort(p.known.open)
	p.known.open = p.known.open[:min(len(p.known.open), s.maxDays)]
	return nil
}
