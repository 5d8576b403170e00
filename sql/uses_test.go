package sql

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		stmt          string
		reads, writes []string
	}{
		"a query":              {"SELECT * FROM fact_orders JOIN dim_products USING (product_id)", []string{"dim_products", "fact_orders"}, nil},
		"a view and its table": {"SELECT * FROM v_dead_letters", []string{"dead_letters", "v_dead_letters"}, nil},
		"insert":               {"INSERT INTO file_ledger (a) SELECT 1 FROM batch_files", nil, []string{"file_ledger"}},
		"insert, short":        {"INSERT file_ledger (a) SELECT 1", nil, []string{"file_ledger"}},
		"update from":          {"UPDATE pipeline_fence AS f SET epoch = 1 FROM file_ledger WHERE TRUE", []string{"file_ledger"}, []string{"pipeline_fence"}},
		"delete":               {"DELETE FROM order_keys WHERE order_id IN (SELECT order_id FROM order_keys)", []string{"order_keys"}, []string{"order_keys"}},
		"merge":                {"MERGE `dim_products` AS t USING newest AS s ON t.product_id = s.product_id WHEN MATCHED THEN DELETE", nil, []string{"dim_products"}},
		"merge into":           {"MERGE INTO dim_products AS t USING newest AS s ON FALSE WHEN MATCHED THEN UPDATE SET a = 1", nil, []string{"dim_products"}},
		"truncate":             {"TRUNCATE TABLE ref_regions", nil, []string{"ref_regions"}},
		"neither":              {"-- fact_orders\nSELECT 'fact_orders'", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Parse("", tt.stmt)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.reads, s.Reads); diff != "" {
				t.Errorf("reads (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.writes, s.Writes); diff != "" {
				t.Errorf("writes (-want +got):\n%s", diff)
			}
		})
	}
}
