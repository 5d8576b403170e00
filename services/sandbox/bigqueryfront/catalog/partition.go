package catalog

import (
	"fmt"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
)

// Partition is the expression of the partition that a row is in, or empty if the table
// has none by a column.
func Partition(t *bq.Table) string {
	if t == nil || t.TimePartitioning == nil || t.TimePartitioning.Field == "" {
		return ""
	}
	unit := t.TimePartitioning.Type
	if unit == "" {
		unit = "DAY"
	}
	return fmt.Sprintf("COALESCE(CAST(date_trunc('%s', %s) AS VARCHAR), '')", unit, engine.QuoteIdent(t.TimePartitioning.Field))
}
