package topology

import (
	"strings"
	"testing"
	"time"

	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

func TestKindOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]pipelinev1.FileKind{
		"landing/orders/a.json":       pipelinev1.FileKind_FILE_KIND_ORDERS,
		"landing/orders/2026/a.json":  pipelinev1.FileKind_FILE_KIND_ORDERS,
		"landing/products/latest.csv": pipelinev1.FileKind_FILE_KIND_PRODUCTS,
		"landing/customers/c.csv":     pipelinev1.FileKind_FILE_KIND_CUSTOMERS,
		"landing/invoices/a.pdf":      pipelinev1.FileKind_FILE_KIND_UNSPECIFIED,
		"landing/orders":              pipelinev1.FileKind_FILE_KIND_UNSPECIFIED,
		"landing/readme.txt":          pipelinev1.FileKind_FILE_KIND_UNSPECIFIED,
	} {
		if got := KindOf(name); got != want {
			t.Errorf("KindOf(%q) = %v, want %v", name, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	const orders = pipelinev1.FileKind_FILE_KIND_ORDERS
	landed := time.Date(2026, 11, 1, 23, 30, 0, 0, time.FixedZone("", -3600))
	for got, want := range map[string]string{
		StagingName(orders, "id", "landing/orders/a.json"):                    "staging/orders/id/a.json",
		QuarantineName(orders, "id", "landing/orders/x/a.json"):               "quarantine/orders/id/a.json",
		ArchiveName(landed, orders, "id", "landing/orders/a.json"):            "archive/2026/11/02/orders/id/a.json",
		StagingName(orders, "id", "landing/orders/.."):                        "staging/orders/id/unnamed",
		StagingName(orders, "id", "landing/orders/"+strings.Repeat("é", 500)): "staging/orders/id/" + strings.Repeat("é", 256),
		FileIDOfStaging("staging/orders/id/a.json"):                           "id",
		FileIDOfStaging("staging/orders/a.json"):                              "",
		FileIDOfStaging("landing/orders/id/a.json"):                           "",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
