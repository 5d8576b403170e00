package reference

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var start = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// landed is a file that landed, and was loaded, so many minutes after start.
func landed(id, name string, landedAt, loadedAt int, lines ...string) File {
	return File{
		ID: id, Name: "landing/" + name,
		LandedAt: start.Add(time.Duration(landedAt) * time.Minute),
		LoadedAt: start.Add(time.Duration(loadedAt) * time.Minute),
		Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(strings.Join(lines, "\n") + "\n")), nil
		},
	}
}

const (
	productHeader  = "product_id,product_name,category,price,stock_level"
	customerHeader = "customer_id,name,email,registration_date,customer_tier"
	address        = `"shipping_address":{"street":"1 Main St","city":"Austin","state":"tx","zipcode":"78701","country":"USA"}`

	orderA = `{"order_id":"A","customer_id":"C1","order_timestamp":"2026-11-01T10:59:59.5","items":[` +
		`{"product_id":"P1","quantity":2,"unit_price":10.10},{"product_id":"P2","quantity":1,"unit_price":0.05}],` +
		`"total_amount":20.25,"payment_status":"Completed ",` + address + `}`
	orderB = `{"order_id":"B","customer_id":"C2","order_timestamp":"2026-11-01T12:30:00+02:00","items":[` +
		`{"product_id":"P1","quantity":1,"unit_price":9.75}],"total_amount":9.75,"payment_status":"refunded","shipping_address":{"country":" France "}}`
	orderC = `{"order_id":"C","customer_id":"C1","order_timestamp":"2026-11-01T10:00:00Z","items":[` +
		`{"product_id":"P1","quantity":1,"unit_price":0.01}],"total_amount":0.01,"payment_status":"pending","shipping_address":{}}`
)

func compute(t *testing.T, files ...File) *Warehouse {
	t.Helper()
	w, err := Compute(files, Policy{})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func equal(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Fact{}), cmpopts.IgnoreFields(Outcome{}, "FindingRows"), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// Two orders of one hour, a line of which is known; all figures worked out by hand.
func TestFactsAndAggregates(t *testing.T) {
	t.Parallel()
	w := compute(t,
		landed("p", "products/p.csv", 0, 1, productHeader, "P1,Chair,Home,12.5,3"),
		landed("c", "customers/c.csv", 0, 1, customerHeader, "C1,Ann,ann@example.com,2026-01-02,Gold"),
		landed("o", "orders/o.json", 2, 3, orderA, orderB, orderC))
	a := Fact{
		CustomerID: "C1", Tier: "gold", Time: time.Date(2026, 11, 1, 10, 59, 59, 5e8, time.UTC),
		ProductID: "P1", ProductName: "Chair", ProductKnown: true, Category: "Home", CategoryLine: 1,
		Quantity: 2, UnitPrice: 10_100_000_000, LineTotal: 20_200_000_000, Total: 20_250_000_000, Status: "completed", StatusText: "completed",
		Street: "1 Main St", City: "Austin", State: "tx", Zipcode: "78701", Country: "USA", Area: "South", FileID: "o",
	}
	a2 := a
	a2.ProductID, a2.ProductName, a2.ProductKnown, a2.Category = "P2", "", false, "unknown"
	a2.Quantity, a2.UnitPrice, a2.LineTotal = 1, 50_000_000, 50_000_000
	b := Fact{
		CustomerID: "C2", Tier: "unknown", Time: time.Date(2026, 11, 1, 10, 30, 0, 0, time.UTC),
		ProductID: "P1", ProductName: "Chair", ProductKnown: true, Category: "Home", CategoryLine: 1,
		Quantity: 1, UnitPrice: 9_750_000_000, LineTotal: 9_750_000_000, Total: 9_750_000_000, Status: "refunded", StatusText: "refunded",
		Country: " France ", Area: "France", FileID: "o", Record: 1,
	}
	c := a
	c.Time, c.Quantity, c.UnitPrice, c.LineTotal, c.Total = time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC), 1, 10_000_000, 10_000_000, 10_000_000
	c.Status, c.StatusText, c.Street, c.City, c.State, c.Zipcode, c.Country, c.Area, c.Record = "pending", "pending", "", "", "", "", "", "none", 2
	equal(t, "facts", map[LineKey]Fact{{"A", 1}: a, {"A", 2}: a2, {"B", 1}: b, {"C", 1}: c}, w.Facts)
	equal(t, "hours", map[time.Time]Hour{time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC): {
		Orders: 3, Customers: 2, Revenue: 30_010_000_000, Average: 10_003_333_333,
		Completed: 1, Pending: 1, Refunded: 1, CompletedRevenue: 20_250_000_000,
		NetRevenue: 30_010_000_000, HeadlineRevenue: 30_010_000_000, PaidRevenue: 20_250_000_000,
	}}, w.Hours)
	today := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	equal(t, "categories", map[CategoryKey]CategoryDay{
		{today, "Home"}:    {Orders: 3, Units: 4, Revenue: 29_960_000_000, CompletedRevenue: 20_200_000_000, HeadlineRevenue: 29_960_000_000, PaidRevenue: 20_200_000_000},
		{today, "unknown"}: {Orders: 1, Units: 1, Revenue: 50_000_000, CompletedRevenue: 50_000_000, HeadlineRevenue: 50_000_000, PaidRevenue: 50_000_000},
	}, w.Categories)
	equal(t, "ledger of the orders", Outcome{
		Kind: "orders", Verdict: "loaded", Records: 3, Loaded: 3, Lines: 4,
		Findings: map[string]int64{"missing_customer": 1, "missing_product": 1},
		Open:     map[string]int64{"missing_customer": 1, "missing_product": 1},
	}, w.Files["o"])
	equal(t, "products", map[string]Product{"P1": {"Chair", "Home", 12_500_000_000, Level{3, true}, "p", false}}, w.Products)
	equal(t, "customers", map[string]Customer{"C1": {"Ann", "ann@example.com", "2026-01-02", "gold", "c", false}}, w.Customers)
}

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

// A guest's order that is not shipped, with a line of no product, and one that was called off.
func TestNoneIsNotUnknown(t *testing.T) {
	t.Parallel()
	guest := `{"order_id":"G","customer_id":null,"order_timestamp":"2026-11-01T10:00:00Z","updated_at":"2026-11-01T10:30:00Z","items":[` +
		`{"product_id":null,"quantity":2,"unit_price":5,"discount_amount":1}],"tax_amount":0.9,"shipping_amount":2,"refunded_amount":4,` +
		`"total_amount":11.9,"payment_status":"partially_refunded","shipping_address":null}`
	off := `{"order_id":"X","customer_id":"C1","order_timestamp":"2026-11-01T10:10:00Z","items":[{"product_id":"P1","quantity":1,"unit_price":7}],` +
		`"refunded_amount":7,"total_amount":7,"payment_status":"Canceled","shipping_address":null}`
	w := compute(t, landed("o", "orders/o.json", 0, 0, guest, off))
	equal(t, "the guest's line", Fact{
		Tier: "guest", Time: time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC), UpdatedAt: time.Date(2026, 11, 1, 10, 30, 0, 0, time.UTC),
		Category: "none", CategoryLine: 1, Quantity: 2, UnitPrice: 5_000_000_000, LineTotal: 9_000_000_000, Total: 11_900_000_000,
		LineDiscount: Stated{1_000_000_000, true}, Tax: Stated{900_000_000, true}, Shipping: Stated{2_000_000_000, true},
		Refunded: Stated{4_000_000_000, true}, Status: "partially_refunded", StatusText: "partially_refunded", Area: "none", FileID: "o",
	}, w.Facts[LineKey{"G", 1}])
	if f := w.Facts[LineKey{"X", 1}]; f.Status != "cancelled" || f.StatusText != "canceled" {
		t.Errorf("the status is %q, in the source's word %q", f.Status, f.StatusText)
	}
	equal(t, "hours", map[time.Time]Hour{time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC): {
		Orders: 2, Customers: 1, Revenue: 18_900_000_000, Average: 9_450_000_000, PartlyRefunded: 1, Cancelled: 1,
		CancelledRevenue: 7_000_000_000, RefundedRevenue: 11_000_000_000, NetRevenue: 7_900_000_000, HeadlineRevenue: 7_900_000_000, PaidRevenue: 7_900_000_000,
	}}, w.Hours)
	equal(t, "findings", map[string]int64{"missing_customer": 1, "missing_product": 1}, w.Files["o"].Findings)
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

func TestDuplicates(t *testing.T) {
	t.Parallel()
	changed := strings.Replace(orderA, `"2026-11-01T10:59:59.5"`, `"2026-11-01T10:59:58"`, 1)
	rewritten := strings.Replace(orderA, "20.25", "2025e-2", 1) // the same, written otherwise
	late := landed("late", "orders/late.json", 5, 7, changed)
	early := landed("early", "orders/early.json", 4, 7, orderA, rewritten)
	for name, files := range map[string][]File{
		"one transaction":          {late, early},
		"the earlier loaded first": {landed("late", "orders/late.json", 5, 8, changed), early},
	} {
		w := compute(t, files...)
		equal(t, name+": early", Outcome{
			Kind: "orders", Verdict: "loaded", Records: 2, Loaded: 1, Lines: 2, Duplicates: 1, LeftOut: "1-1 duplicate",
			Findings: map[string]int64{"duplicate_order_replay": 1, "missing_customer": 1, "missing_product": 2},
			Open:     map[string]int64{"missing_customer": 1, "missing_product": 2},
		}, w.Files["early"])
		equal(t, name+": late", Outcome{
			Kind: "orders", Verdict: "loaded", Records: 1, Duplicates: 1, LeftOut: "0-0 conflict",
			Findings: map[string]int64{"duplicate_order_conflict": 1},
		}, w.Files["late"])
	}
	// What is loaded stays, also against a file that landed before but is loaded after.
	w := compute(t, landed("late", "orders/late.json", 5, 6, changed), early)
	if f := w.Facts[LineKey{"A", 1}]; f.FileID != "late" || w.Files["early"].Duplicates != 2 {
		t.Errorf("owner %s, duplicates %d; want the file loaded first and 2", f.FileID, w.Files["early"].Duplicates)
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

func TestFileVerdicts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		file File
		want Outcome
	}{
		{"unknown kind", landed("f", "invoices/a.json", 0, 0, orderA), Outcome{Kind: "unknown", Reason: "unknown_kind"}},
		{"no folder", landed("f", "a.json", 0, 0, orderA), Outcome{Kind: "unknown", Reason: "unknown_kind"}},
		{"empty", landed("f", "orders/a.json", 0, 0), Outcome{Kind: "orders", Findings: map[string]int64{"empty_file": 1}}},
		{"header alone", landed("f", "products/a.csv", 0, 0, productHeader), Outcome{Kind: "products", Findings: map[string]int64{"empty_file": 1}}},
		{"binary", landed("f", "orders/a.json", 0, 0, "\x00\x01\x02\xff\xfe"), Outcome{Kind: "orders", Reason: "unreadable_file"}},
		{"broken gzip", landed("f", "orders/a.gz", 0, 0, "\x1f\x8b and no more"), Outcome{Kind: "orders", Reason: "unreadable_file"}},
		{"wrong header", landed("f", "products/a.csv", 0, 0, customerHeader, "a,b,c,d,e"), Outcome{Kind: "products", Reason: "header_mismatch"}},
		{
			"mostly refused", landed("f", "orders/a.json", 0, 0, "{", "{", orderA),
			Outcome{Kind: "orders", Reason: "mostly_refused", Records: 3, Rejected: 2, Held: 1, LeftOut: "2-2 held", Refused: map[string]int64{"malformed_json": 2}},
		},
		{
			"mostly refused by bytes", landed("f", "orders/a.json", 0, 0, strings.Repeat("x", 3*len(orderA)), orderA, orderB),
			Outcome{Kind: "orders", Reason: "mostly_refused", Records: 3, Rejected: 1, Held: 2, LeftOut: "1-2 held", Refused: map[string]int64{"malformed_json": 1}},
		},
		{
			"the rest counts as one", landed("f", "orders/a.json", 0, 0, append(slices.Repeat([]string{"x"}, 10_000), orderA, "x", "x")...),
			Outcome{Kind: "orders", Reason: "mostly_refused", Records: 10_001, Rejected: 10_001, Refused: map[string]int64{"malformed_json": 10_000, "rest_refused": 1}},
		},
		{
			"one record per line of an order", landed("f", "orders/a.json", 0, 0, orderA, strings.Replace(orderA, "20.25", "20.5", 1)),
			Outcome{Kind: "orders", Reason: "contradicting_records", Records: 2, Held: 2, LeftOut: "0-1 held", Findings: map[string]int64{"duplicate_order_conflict": 1}},
		},
		{
			"cut off inside a record", landed("f", "orders/a.gz", 0, 0, unfinished(t, orderA+"\n"+orderB[:40])),
			Outcome{Kind: "orders", Reason: "truncated_gzip", Records: 2, Rejected: 1, Held: 1, LeftOut: "0-0 held", Refused: map[string]int64{"malformed_json": 1}},
		},
		{
			"cut off between records", landed("f", "orders/a.gz", 0, 0, unfinished(t, orderA+"\n")),
			Outcome{Kind: "orders", Reason: "truncated_gzip", Records: 1, Held: 1, LeftOut: "0-0 held"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := compute(t, tt.file)
			tt.want.Verdict = "loaded"
			if tt.want.Reason != "" {
				tt.want.Verdict = "quarantined"
				conflicts := tt.want.Findings["duplicate_order_conflict"]
				tt.want.Findings = map[string]int64{tt.want.Reason: 1}
				if conflicts > 0 {
					tt.want.Findings["duplicate_order_conflict"], tt.want.Findings["duplicate_order_replay"] = conflicts, 0
				}
			}
			for rule, n := range tt.want.Refused {
				tt.want.Findings[rule] = n
			}
			equal(t, "outcome", tt.want, w.Files["f"])
			if len(w.Facts) > 0 {
				t.Error("a quarantined file left facts")
			}
		})
	}
}

// unfinished is a gzip stream that lacks its end, without the line break that
// landed appends.
func unfinished(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestArrayAndBeyond(t *testing.T) {
	t.Parallel()
	w := compute(t, landed("o", "orders/o.json", 0, 0, " [", orderA, ",", orderB, "]"))
	if o := w.Files["o"]; o.Loaded != 2 {
		t.Errorf("outcome %+v, want two orders loaded", o)
	}
	for name, f := range map[string]File{
		"broken array": landed("o", "orders/o.json", 0, 0, "[", orderA, orderB, "]"),
		"large amount": landed("o", "orders/o.json", 0, 0, strings.Replace(orderA, "20.25", "20000000000", 1)),
		"open quote":   landed("o", "products/o.csv", 0, 0, productHeader, `P1,"Chair,Home,1,1`),
	} {
		if _, err := Compute([]File{f}, Policy{}); !errors.Is(err, ErrBeyond) {
			t.Errorf("%s: error %v, want ErrBeyond", name, err)
		}
	}
}

// A reading takes the place of the file's earlier one; what other files were found
// to repeat stays with them.
func TestRevisions(t *testing.T) {
	t.Parallel()
	again := landed("f1", "orders/a.json", 0, 20, orderC)
	w := compute(t,
		landed("f1", "orders/a.json", 0, 0, orderA, orderB),
		landed("f2", "orders/b.json", 1, 10, orderA),
		again,
		landed("f3", "orders/c.json", 2, 30, orderB),
	)
	got := make(map[string][3]int64)
	for id, o := range w.Files {
		got[id] = [3]int64{o.Records, o.Loaded, o.Duplicates}
	}
	equal(t, "records, loaded, duplicates", map[string][3]int64{"f1": {1, 1, 0}, "f2": {1, 0, 1}, "f3": {1, 1, 0}}, got)
	owners := make(map[string]string)
	for key, f := range w.Facts {
		owners[key.OrderID] = f.FileID
	}
	equal(t, "owners", map[string]string{"B": "f3", "C": "f1"}, owners)
}

func TestAcceptRefused(t *testing.T) {
	t.Parallel()
	first := landed("f", "orders/a.json", 0, 0, orderA, "{", "{")
	second := landed("f", "orders/a.json", 0, 10, orderA, "{", "{")
	second.AcceptRefused = true
	for want, files := range map[string][]File{quarantined: {first}, loaded: {first, second}} {
		equal(t, "verdict", want, compute(t, files...).Files["f"].Verdict)
	}
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

func TestRegion(t *testing.T) {
	t.Parallel()
	for place, want := range map[[2]string]struct {
		region string
		known  bool
	}{
		{"CA", "US"}: {"West", true}, {" ny", "usa "}: {"Northeast", true}, {"TX", "United States"}: {"South", true},
		{"Ohio", "United States of America"}: {"Midwest", true}, {"D.C.", "U.S."}: {"South", true}, {"PR", " USA "}: {"USA", true},
		{"ON", "Canada"}: {"Canada", true}, {"CA", " "}: {"West", true}, {"CA", "CA"}: {"Canada", true}, {"", "DE"}: {"Germany", true},
		{"Georgia", ""}: {"South", true}, {"", "Georgia"}: {"Georgia", true}, {"ZZ", "US"}: {"USA", false}, {"", "US"}: {"USA", true},
		{"", " Atlantis "}: {"Atlantis", false}, {"Ontario", ""}: {unknown, false}, {"", ""}: {unknown, false},
	} {
		region, known := order{city: "X", state: place[0], country: place[1]}.area()
		if region != want.region || known != want.known {
			t.Errorf("%q: %q, %v, want %q, %v", place, region, known, want.region, want.known)
		}
	}
}

// What is left out of one file: neighbours with one outcome in one range, and what the file has
// replaced itself.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	at := func(order, hour string) string {
		return strings.Replace(order, `"items"`, `"updated_at":"2026-11-01T`+hour+`:00:00Z","items"`, 1)
	}
	w := compute(t,
		landed("1", "orders/1.json", 1, 1, orderB, at(orderA, "09"), at(orderA, "11"), orderB, orderB, "{", orderB, at(orderA, "10")),
		landed("2", "orders/2.json", 2, 2, strings.Replace(orderB, "9.75,", "9.50,", 1), at(orderA, "12")))
	for id, want := range map[string]string{
		"1": "1-1 superseded, 3-4 duplicate, 6-6 duplicate, 7-7 stale",
		"2": "0-0 conflict",
	} {
		equal(t, "file "+id, want, w.Files[id].LeftOut)
	}
}
