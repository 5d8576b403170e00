package upload

import "testing"

func TestKindOf(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"a/orders/x.json":             "orders",
		"orders_20261101_120000.json": "orders",
		"/data/products_latest.csv":   "products",
		"orders/customers.json":       "orders", // the folder was chosen on purpose
		"customers":                   "customers",
		"17a.products.csv":            "products",
		"Shop-Customers-2026.csv":     "customers",
		"reorders.csv":                "",
		"invoices/a.pdf":              "",
	} {
		if got := KindOf(path); got != want {
			t.Errorf("KindOf(%q) = %q, want %q", path, got, want)
		}
	}
}
