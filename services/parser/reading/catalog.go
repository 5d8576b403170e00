package reading

import (
	"cmp"
	"fmt"

	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// CatalogMode is what a file of products or customers is a catalog of; empty is full.
type CatalogMode string

// The modes; what they mean is said at their proto.
const (
	CatalogFull  CatalogMode = "full"
	CatalogParts CatalogMode = "parts"
	CatalogDelta CatalogMode = "delta"
)

var catalogModes = map[CatalogMode]pipelinev1.CatalogMode{
	"":           pipelinev1.CatalogMode_CATALOG_MODE_FULL,
	CatalogFull:  pipelinev1.CatalogMode_CATALOG_MODE_FULL,
	CatalogParts: pipelinev1.CatalogMode_CATALOG_MODE_PARTS,
	CatalogDelta: pipelinev1.CatalogMode_CATALOG_MODE_DELTA,
}

// Validate refuses another word.
func (m CatalogMode) Validate() error {
	if _, known := catalogModes[m]; !known {
		return fmt.Errorf("CATALOG_MODE must be full, parts or delta, is %q", string(m))
	}
	return nil
}

// isPart tells whether a file is not the catalog by itself.
func (m CatalogMode) isPart() bool { return m == CatalogParts || m == CatalogDelta }

// catalogMode is that of the file; unspecified for orders. What the file's source says counts more
// than CATALOG_MODE.
func (r *Reading) catalogMode() pipelinev1.CatalogMode {
	switch r.File.GetKind() {
	case pipelinev1.FileKind_FILE_KIND_PRODUCTS, pipelinev1.FileKind_FILE_KIND_CUSTOMERS:
		return catalogModes[cmp.Or(CatalogMode(r.catalog), r.policy.CatalogMode)]
	}
	return pipelinev1.CatalogMode_CATALOG_MODE_UNSPECIFIED
}
