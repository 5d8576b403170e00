package harness

import (
	"bytes"
	"fmt"
	"io"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// ShownFigures are the figures of the model, as the overview writes them; with a
// tier, of its completed orders.
func (p *Pipeline) ShownFigures(t *testing.T, contents map[string][]byte, tier string) map[string]string {
	t.Helper()
	var files []reference.File
	for _, row := range p.MustQuery(t, "SELECT file_id, landing_name, landed_at, loaded_at FROM file_ledger") {
		name := row[1].(string)
		content, ok := contents[strings.TrimPrefix(name, "landing/")]
		if !ok {
			t.Fatalf("the ledger holds %q", name)
		}
		files = append(files, reference.File{
			ID: row[0].(string), Name: name, LandedAt: row[2].(time.Time), LoadedAt: row[3].(time.Time),
			Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
		})
	}
	warehouse, err := reference.Compute(files, p.Policy)
	if err != nil {
		t.Fatal(err)
	}
	orders, paid, customers := 0, int64(0), map[string]bool{}
	revenue, ordered := new(big.Rat), new(big.Rat)
	for key, f := range warehouse.Facts {
		if key.Line != 1 || tier != "" && (f.Tier != tier || f.Status != "completed") {
			continue
		}
		orders++
		if f.CustomerID != "" {
			customers[f.CustomerID] = true
		}
		ordered.Add(ordered, f.Total.Rat())
		switch f.Status {
		case "completed", "partially_refunded", "refunded":
			paid++
			revenue.Add(revenue, f.Revenue().Rat())
		}
	}
	if paid == 0 {
		t.Fatal("the model holds no such order that was paid")
	}
	if tier != "" { // with a status chosen, the page shows what those orders are worth
		revenue = ordered
	}
	return map[string]string{
		"orders": Grouped(fmt.Sprint(orders)), "customers": Grouped(fmt.Sprint(len(customers))),
		"revenue": dollars(revenue), "ordered value": dollars(ordered),
		"aov": dollars(new(big.Rat).Quo(revenue, big.NewRat(paid, 1))),
	}
}

// dollars is an amount to the cent, half away from zero.
func dollars(r *big.Rat) string {
	whole, cents, _ := strings.Cut(r.FloatString(2), ".")
	return "$" + Grouped(whole) + "." + cents
}

func Grouped(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
