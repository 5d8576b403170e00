package generate

import (
	"bytes"
	"encoding/csv"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

func TestCatalogs(t *testing.T) {
	t.Parallel()
	var products, customers bytes.Buffer
	if _, err := WriteProducts(&products, CatalogOptions{Seed: 1, Count: 100}); err != nil {
		t.Fatal(err)
	}
	if _, err := WriteCustomers(&customers, CatalogOptions{Seed: 1, Count: 1000, Today: to}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		data   *bytes.Buffer
		header []string
		rows   int
		last   string
	}{
		{"products", &products, []string{"product_id", "product_name", "category", "price", "stock_level"}, 100, "PROD-1099"},
		{"customers", &customers, []string{"customer_id", "name", "email", "registration_date", "customer_tier"}, 1000, "CUST-1999"},
	} {
		rows, err := csv.NewReader(tt.data).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.header, rows[0]); diff != "" {
			t.Errorf("%s: header (-want +got):\n%s", tt.name, diff)
		}
		if len(rows) != tt.rows+1 || rows[tt.rows][0] != tt.last {
			t.Errorf("%s: %d rows, the last is %q", tt.name, len(rows)-1, rows[len(rows)-1])
		}
	}
}

func TestCatalogFaults(t *testing.T) {
	t.Parallel()
	const n, share = 10_000, 0.05
	shares := func(ids []rules.ID) Shares {
		s := Shares{}
		for _, id := range ids {
			s[id] = share
		}
		return s
	}
	var out bytes.Buffer
	products, err := WriteProducts(&out, CatalogOptions{Count: n, Faults: shares(ProductFaults())})
	if err != nil {
		t.Fatal(err)
	}
	customers, err := WriteCustomers(&out, CatalogOptions{Count: n, Today: to, Faults: shares(CustomerFaults())})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		counts map[rules.ID]int
		known  []rules.ID
	}{{products, ProductFaults()}, {customers, CustomerFaults()}} {
		for _, rule := range tt.known {
			if got := tt.counts[rule]; math.Abs(float64(got)-n*share) > 100 {
				t.Errorf("%d rows break %s, want about %.0f", got, rule, n*share)
			}
		}
	}
}
