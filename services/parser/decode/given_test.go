package decode

import (
	"testing"

	catalogv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/catalog/v1"
)

// TestOptionalColumns reads rows whose optional columns are missing, empty or blank: all of them say
// the same, which is less than any value does.
func TestOptionalColumns(t *testing.T) {
	t.Parallel()
	product := func(header, row string) (*catalogv1.Product, string) {
		t.Helper()
		d, err := NewProducts(reading, []byte(header))
		if err != nil {
			t.Fatal(err)
		}
		a, fault := d.Decode([]byte(row))
		if fault != nil {
			t.Fatalf("%s: %v", row, fault)
		}
		return a.Message.(*catalogv1.Product), a.Source.ContentHash
	}
	const all = "product_id,product_name,category,price,stock_level"
	_, bare := product("product_id,product_name,price", "P-1,Mug,5")
	for _, same := range [][2]string{
		{all, "P-1,Mug,,5,"},
		{all, `P-1,Mug," ",5,"  "`},
		{"price,stock_level,product_name,product_id", "5,,Mug,P-1"},
	} {
		p, hash := product(same[0], same[1])
		if p.GetCategory() != "" || !p.GetStockLevelMissing() || p.GetStockLevel() != 0 || hash != bare {
			t.Errorf("%q: %v, hash as of the bare row: %t", same, p, hash == bare)
		}
	}
	hashes := map[string]string{bare: "none"}
	for _, row := range []string{"P-1,Mug,Home,5,", "P-1,Mug,,5,0", "P-1,Mug,,5,1", "P-1,Mug,Home,5,0", "P-1,Mug,none,5,"} {
		_, hash := product(all, row)
		if other, twice := hashes[hash]; twice {
			t.Errorf("%s has the hash of %s", row, other)
		}
		hashes[hash] = row
	}

	customer := func(header, row string) (*catalogv1.Customer, string) {
		t.Helper()
		d, err := NewCustomers(reading, []byte(header))
		if err != nil {
			t.Fatal(err)
		}
		a, fault := d.Decode([]byte(row))
		if fault != nil {
			t.Fatalf("%s: %v", row, fault)
		}
		return a.Message.(*catalogv1.Customer), a.Source.ContentHash
	}
	_, bare = customer("customer_id,name,email", "C-1,Ann,")
	for _, same := range []string{"C-1,Ann,,,", "C-1,Ann,, , "} {
		c, hash := customer(customerHeader, same)
		if c.GetRegistrationDate() != "" || c.GetCustomerTier() != "" || hash != bare {
			t.Errorf("%q: %v, hash as of the bare row: %t", same, c, hash == bare)
		}
	}
	for _, other := range []string{"C-1,Ann,,2024-02-29,", "C-1,Ann,,,gold"} {
		if _, hash := customer(customerHeader, other); hash == bare {
			t.Errorf("%q has the hash of a customer without day and tier", other)
		}
	}
	// A row that is active says nothing by it.
	for text, inactive := range map[string]bool{"": false, "true": false, "Yes": false, "1": false, " TRUE ": false, "false": true, "No": true, "0": true, " no": true} {
		p, hash := product("product_id,product_name,price,active", "P-1,Mug,5,"+text)
		c, other := customer("customer_id,name,email,active", "C-1,Ann,,"+text)
		if p.GetInactive() != inactive || c.GetInactive() != inactive {
			t.Errorf("%q: product inactive: %t, customer: %t", text, p.GetInactive(), c.GetInactive())
		}
		_, active := product("product_id,product_name,price", "P-1,Mug,5")
		if (hash == active) == inactive || (other == bare) == inactive {
			t.Errorf("%q: a row that is active must keep its hash, one that is not must not", text)
		}
	}
	// What one row says is not said by the next.
	d := products(t)
	for _, tc := range []struct {
		row   string
		stock bool
	}{{"P-1,Mug,Home,5,7,", true}, {"P-2,Mug,,5,,", false}, {"P-3,Mug,,5,0,", true}} {
		a, fault := d.Decode([]byte(tc.row))
		if fault != nil {
			t.Fatal(fault)
		}
		if p := a.Message.(*catalogv1.Product); p.GetStockLevelMissing() == tc.stock || (p.GetCategory() != "") != (tc.row == "P-1,Mug,Home,5,7,") {
			t.Errorf("%s: %v", tc.row, p)
		}
	}
}
