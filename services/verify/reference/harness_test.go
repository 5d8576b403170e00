package reference

import (
	"io"
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
