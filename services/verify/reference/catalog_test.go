package reference

import (
	"fmt"
	"testing"
)

// Catalogs that give a product no category and no stock, and a customer no day and no tier: the
// columns are missing, or the rows leave them empty.
func TestCatalogsGiveLess(t *testing.T) {
	t.Parallel()
	order := `{"order_id":"A","customer_id":"C1","order_timestamp":"2026-11-01T10:00:00Z","items":[{"product_id":"P1","quantity":1,"unit_price":7}],` +
		`"total_amount":7,"payment_status":"completed","shipping_address":null}`
	for name, catalogs := range map[string][2][]string{
		"missing": {{"product_id,product_name,price", "P1,Chair,12.50"}, {"customer_id,name,email", "C1,Ann,ann@example.com"}},
		"empty": {
			{"product_id,product_name,category,price,stock_level", "P1,Chair,,12.50,"},
			{"customer_id,name,email,registration_date,customer_tier", "C1,Ann,ann@example.com,, "},
		},
	} {
		for when, minute := range map[string]int{"before the order": 0, "after the order": 2} {
			w := compute(t, landed("o", "orders/o.json", 1, 1, order),
				landed("p", "products/p.csv", minute, minute, catalogs[0]...), landed("c", "customers/c.csv", minute, minute, catalogs[1]...))
			equal(t, name+" "+when+": products", map[string]Product{"P1": {"Chair", "", 12_500_000_000, Level{}, "p", false}}, w.Products)
			equal(t, name+" "+when+": customers", map[string]Customer{"C1": {"Ann", "ann@example.com", "", "", "c", false}}, w.Customers)
			if f := w.Facts[LineKey{"A", 1}]; f.Category != "none" || f.Tier != "none" || f.Orphan() || !f.IsCustomerKnown() {
				t.Errorf("%s %s: the line is %+v", name, when, f)
			}
		}
	}
}

// A row retires by its own word, and comes back with the next file that names it.
func TestRetiredRows(t *testing.T) {
	t.Parallel()
	const header = "product_id,product_name,price,active"
	w := compute(t,
		landed("1", "products/1.csv", 1, 1, header, "P1,Chair,1,yes", "P2,Lamp,2,", "P3,Bed,3,1", "P4,Cup,4,perhaps"),
		landed("2", "products/2.csv", 2, 2, header, "P1,Chair,1,No", "P2,Lamp,2,0", "P3,Bed,3,true"),
		landed("3", "products/3.csv", 3, 3, "product_id,product_name,price", "P1,Chair,1", "P3,Bed,3"),
	)
	equal(t, "refused", map[string]int64{"wrong_type": 1}, w.Files["1"].Refused)
	got := map[string]bool{}
	for id, p := range w.Products {
		got[id] = p.Inactive
	}
	equal(t, "inactive", map[string]bool{"P1": false, "P2": true, "P3": false}, got)
	if len(w.ProductHistory) != 3 { // P1 active and inactive, P2 active
		t.Errorf("history %v", w.ProductHistory)
	}
}

func TestLateCatalogRepairsOnlyTheUnknown(t *testing.T) {
	t.Parallel()
	w := compute(t,
		landed("p1", "products/p.csv", 0, 0, productHeader, "P1,Chair,Home,12.5,3"),
		landed("o", "orders/o.json", 1, 1, orderA),
		landed("p2", "products/p.csv", 2, 2, productHeader, "P1,Stool,Office,12.5,3", "P2,Lamp,Light,1,1"),
		landed("c", "customers/c.csv", 3, 3, customerHeader, "C1,Ann,ann@example.com,2026-01-02,gold"))
	for key, want := range map[LineKey][3]string{
		{"A", 1}: {"Chair", "Home", "gold"}, // known when it was loaded: it keeps what it had
		{"A", 2}: {"Lamp", "Light", "gold"},
	} {
		f := w.Facts[key]
		equal(t, "line "+key.OrderID, want, [3]string{f.ProductName, f.Category, f.Tier})
	}
	if len(w.Categories) != 2 {
		t.Errorf("categories %v, want Home and Light", w.Categories)
	}
}

func TestCatalogLedger(t *testing.T) {
	t.Parallel()
	w := compute(t,
		landed("1", "products/a.csv", 1, 1, productHeader, "P1,Chair,Home,12.5,3", "P2,Lamp,Light,1,1", "P1,Chair,Home,12.50,4"),
		landed("2", "products/a.csv", 2, 2, productHeader, "P1,Chair,Home,12.5,4", "P2,Lamp,Light,2,1"),
		landed("0", "products/old.csv", 0, 3, productHeader, "P1,Old,Home,1,1", "P2,Lamp,Light,2,1"))
	for id, want := range map[string][3]int64{
		"1": {3, 2, 1}, // the earlier row of P1 repeats its key
		"2": {2, 1, 1}, // P1 says what is known
		"0": {2, 1, 1}, // P1 says something else, though too late to be taken over
	} {
		o := w.Files[id]
		equal(t, "file "+id, want, [3]int64{o.Records, o.Loaded, o.Duplicates})
	}
	equal(t, "products", map[string]Product{
		"P1": {"Chair", "Home", 12_500_000_000, Level{4, true}, "2", false}, "P2": {"Lamp", "Light", 2_000_000_000, Level{1, true}, "2", false},
	}, w.Products)
}

func TestDeactivation(t *testing.T) {
	t.Parallel()
	day := func(n int, ids ...string) File {
		rows := []string{productHeader}
		for _, id := range ids {
			rows = append(rows, id+",Lamp,Home,1,1")
		}
		return landed(fmt.Sprint("f", n), fmt.Sprintf("products/%d.csv", n), n, n, rows...)
	}
	first := day(0, "A", "B", "C", "D")
	for name, tt := range map[string]struct {
		files []File
		want  []string
	}{
		"one of four":           {[]File{first, day(1, "A", "B", "C")}, []string{"D"}},
		"two of four, too many": {[]File{first, day(1, "A", "B")}, nil},
		"it comes back":         {[]File{first, day(1, "A", "B", "C"), day(2, "A", "B", "C", "D")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, err := Compute(tt.files, Policy{MaxDeactivateShare: 0.5})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for id, p := range w.Products {
				if p.Inactive {
					got = append(got, id)
				}
			}
			equal(t, "inactive", tt.want, got)
		})
	}
}
