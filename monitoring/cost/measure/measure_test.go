package measure_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/monitoring/cost/measure"
	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

// TestColumns finds a table whose schema has changed without its weight.
func TestColumns(t *testing.T) {
	t.Parallel()
	sizes, err := measure.Take()
	if err != nil {
		t.Fatal(err)
	}
	tables, err := schema.Tables()
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[string][]string)
	for _, table := range tables {
		for _, c := range table.Columns {
			want[table.Name] = append(want[table.Name], c.Name)
		}
		slices.Sort(want[table.Name])
	}
	for table, columns := range map[string]measure.Columns{
		"staging_orders": sizes.Order.Staging, "staging_products": sizes.Product.Staging, "staging_customers": sizes.Customer.Staging,
		"fact_orders": sizes.Fact, "order_keys": sizes.Key, "dim_products": sizes.DimProduct, "dim_customers": sizes.DimCustomer,
	} {
		if diff := cmp.Diff(want[table], slices.Sorted(maps.Keys(columns))); diff != "" {
			t.Errorf("columns of %s (-schema +weighed):\n%s", table, diff)
		}
	}
}
