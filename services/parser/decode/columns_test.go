package decode

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	catalogv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/catalog/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

const (
	productHeader  = "product_id,product_name,category,price,stock_level,color"
	customerHeader = "customer_id,name,email,registration_date,customer_tier"
)

func products(t testing.TB) *Products {
	t.Helper()
	d, err := NewProducts(reading, []byte(productHeader))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func customers(t testing.TB) *Customers {
	t.Helper()
	d, err := NewCustomers(reading, []byte(customerHeader))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDecodeProduct(t *testing.T) {
	t.Parallel()
	got, fault := products(t).Decode([]byte(`P-1,"Mug, ""large""",Home,12.50,-3,"red ` + "\n" + `ish"`))
	if fault != nil {
		t.Fatal(fault)
	}
	want := &catalogv1.Product{
		ProductId: "P-1", ProductName: `Mug, "large"`, Category: "Home", Price: usd(12, 500_000_000), StockLevel: -3,
		Source: &pipelinev1.RecordSource{FileId: "file", ParseId: "parse", LandedAt: timestamppb.New(landed),
			ContentHash: got.Source.ContentHash, Warnings: []string{"unknown_field"}, UnknownFields: `{"color":"red \u000aish"}`},
	}
	if diff := cmp.Diff(proto.Message(want), got.Message, protocmp.Transform()); diff != "" {
		t.Errorf("product (-want +got):\n%s", diff)
	}
}

func TestDecodeCustomer(t *testing.T) {
	t.Parallel()
	got, fault := customers(t).Decode([]byte(`C-1,Ann,,2024-02-29, Gold `))
	if fault != nil {
		t.Fatal(fault)
	}
	want := &catalogv1.Customer{
		CustomerId: "C-1", Name: "Ann", RegistrationDate: "2024-02-29", CustomerTier: "gold",
		Source: &pipelinev1.RecordSource{FileId: "file", ParseId: "parse", LandedAt: timestamppb.New(landed),
			ContentHash: got.Source.ContentHash},
	}
	if diff := cmp.Diff(proto.Message(want), got.Message, protocmp.Transform()); diff != "" {
		t.Errorf("customer (-want +got):\n%s", diff)
	}
}

func TestRowFaults(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ customer, product, rule, path string }{
		"too few columns":       {product: `P-1,Mug,Home,5`, rule: "invalid_csv"},
		"too many columns":      {product: `P-1,Mug,Home,5,1,red,x`, rule: "invalid_csv"},
		"quote inside":          {product: `P-1,Mu"g,Home,5,1,red`, rule: "invalid_csv"},
		"text behind quotes":    {product: `P-1,"Mu"g,Home,5,1,red`, rule: "invalid_csv"},
		"quotes not closed":     {product: `P-1,Mug,Home,5,1,"red`, rule: "invalid_csv"},
		"Latin-1":               {product: "P-1,caf\xe9,Home,5,1,red", rule: "invalid_utf8"},
		"NUL":                   {product: "P-1,a\x00,Home,5,1,red", rule: "invalid_text", path: "product_name"},
		"no id":                 {product: `,Mug,Home,5,1,`, rule: "missing_field", path: "product_id"},
		"long id":               {product: strings.Repeat("x", 257) + `,Mug,Home,5,1,`, rule: "invalid_text", path: "product_id"},
		"no price":              {product: `P-1,Mug,Home,,1,`, rule: "missing_field", path: "price"},
		"price with a currency": {product: `P-1,Mug,Home,$5,1,`, rule: "invalid_amount", path: "price"},
		"price negative":        {product: `P-1,Mug,Home,-5,1,`, rule: "invalid_amount", path: "price"},
		"price NaN":             {product: `P-1,Mug,Home,NaN,1,`, rule: "invalid_amount", path: "price"},
		"price exponent":        {product: `P-1,Mug,Home,1e99,1,`, rule: "invalid_amount", path: "price"},
		"stock a fraction":      {product: `P-1,Mug,Home,5,1.5,`, rule: "invalid_quantity", path: "stock_level"},
		"stock enormous":        {product: `P-1,Mug,Home,5,99999999999,`, rule: "invalid_quantity", path: "stock_level"},
		"date impossible":       {customer: `C-1,Ann,a@example.com,2025-02-29,gold`, rule: "invalid_timestamp", path: "registration_date"},
		"date with a time":      {customer: `C-1,Ann,a@example.com,2025-02-28T00:00:00,gold`, rule: "invalid_timestamp", path: "registration_date"},
		"no customer id":        {customer: `,Ann,a@example.com,,`, rule: "missing_field", path: "customer_id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var d Decoder = products(t)
			if tc.customer != "" {
				d = customers(t)
			}
			_, fault := d.Decode([]byte(tc.customer + tc.product))
			if fault == nil {
				t.Fatal("accepted")
			}
			if string(fault.Rule) != tc.rule || fault.Path != tc.path || fault.Message == "" {
				t.Errorf("fault %v, want %s at %q", fault, tc.rule, tc.path)
			}
		})
	}
}

func TestHeaderFaults(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"name,email,registration_date,customer_tier":        "the header lacks the column customer_id",
		"customer_id,name,registration_date,customer_tier":  "the header lacks the column email",
		customerHeader + ",name":                            `column 6 has a name that stands twice: "name"`,
		customerHeader + ",NAME":                            `column 6 has a name that stands twice: "name"`,
		customerHeader + ",\"":                              "the header is no CSV row: a quoted field does not end",
		customerHeader + ",\xff":                            "the header is not valid UTF-8",
		customerHeader + "," + strings.Repeat("x", maxID+1): "the name of column 6: the text is longer than 256 bytes",
	} {
		_, err := NewCustomers(reading, []byte(header))
		if err == nil || err.Error() != want {
			t.Errorf("header %q: error %v, want %s", header, err, want)
		}
	}
	for _, header := range []string{
		customerHeader,
		"email,name,customer_id",
		"customer_id,name,email,customer_tier",
		customerHeader + ",",
		"," + customerHeader + ", ,",
		" Customer_ID , NAME,email,registration_date,customer_tier",
		`"customer_tier",name,email,registration_date,customer_id,extra`,
	} {
		if _, err := NewCustomers(reading, []byte(header)); err != nil {
			t.Errorf("header %q: %v", header, err)
		}
	}
}

func TestRowHashIsOfTheMeaning(t *testing.T) {
	t.Parallel()
	hash := func(row string) string {
		a, fault := products(t).Decode([]byte(row))
		if fault != nil {
			t.Fatal(fault)
		}
		return a.Source.ContentHash
	}
	want := hash(`P-1,Mug,Home,5,1,`)
	if hash(`"P-1",Mug,"Home",5.00,1.0,`) != want {
		t.Error("another hash for another spelling")
	}
	for _, other := range []string{`P-1,Mug,Home,5,1,red`, `P-1,Mug,Home,5.01,1,`, `P-1,Mug,Home,5,2,`, `P-1M,ug,Home,5,1,`} {
		if hash(other) == want {
			t.Errorf("the same hash for %s", other)
		}
	}
}

// FuzzCSV holds rows that have no carriage return, which encoding/csv alters,
// against encoding/csv, and every outcome against what it promises.
func FuzzCSV(f *testing.F) {
	for _, row := range []string{``, `P-1,Mug,Home,5,1,red`, `"a""b",c,"d,e"`, `a"b,c`, `"a"b`, `,,,,,`, `"`, "\"x\ny\",z"} {
		f.Add([]byte(row))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, d := range []Decoder{products(t), customers(t)} {
			a, fault := d.Decode(raw)
			if (a == nil) == (fault == nil) {
				t.Fatalf("%q: %v, %v", raw, a, fault)
			}
			if fault != nil {
				if strings.HasPrefix(verdict(a, fault), "fault") {
					t.Fatalf("%q: %v", raw, fault)
				}
			} else if _, err := proto.Marshal(a.Message); err != nil {
				t.Fatalf("%q: %v", raw, err)
			}
		}
		row := string(raw)
		reader := csv.NewReader(strings.NewReader(row))
		want, err := reader.Read()
		if err != nil || strings.ContainsRune(row, '\r') || reader.InputOffset() < int64(len(row)) || strings.HasSuffix(row, "\n") || row[0] == '\n' {
			return // not what the splitter gives: one row without its line break
		}
		got, message := splitRow(raw, nil)
		if message != "" {
			t.Fatalf("%q is refused: %s; encoding/csv reads %q", row, message, want)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q (-encoding/csv +ours):\n%s", row, diff)
		}
	})
}

func TestUnnamedColumns(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ header, row, want string }{
		"index of pandas":           {"," + customerHeader, `0,C-1,Ann,,2024-02-29,gold`, "ok+unnamed_column"},
		"last comma everywhere":     {customerHeader + ",", `C-1,Ann,,2024-02-29,gold,`, "ok"},
		"last comma of rows":        {customerHeader, `C-1,Ann,,2024-02-29,gold,`, "ok"},
		"last comma of the header":  {customerHeader + ",", `C-1,Ann,,2024-02-29,gold`, "ok"},
		"two more":                  {customerHeader, `C-1,Ann,,2024-02-29,gold,,`, "invalid_csv"},
		"text behind the last":      {customerHeader, `C-1,Ann,,2024-02-29,gold,x`, "invalid_csv"},
		"text below no name":        {customerHeader + ",", `C-1,Ann,,2024-02-29,gold,x`, "ok+unnamed_column"},
		"one less than the columns": {customerHeader, `C-1,Ann,,2024-02-29`, "invalid_csv"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := NewCustomers(reading, []byte(tc.header))
			if err != nil {
				t.Fatal(err)
			}
			accepted, fault := d.Decode([]byte(tc.row))
			if got := verdict(accepted, fault); got != tc.want {
				t.Errorf("verdict %s (%v), want %s", got, fault, tc.want)
			}
			plain := hashOf(t, customers(t), `C-1,Ann,,2024-02-29,gold`)
			if fault == nil && accepted.Source.ContentHash != plain {
				t.Error("the hash is not that of the row without the column")
			}
		})
	}
}
