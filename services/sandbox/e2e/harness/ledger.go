package harness

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
)

type LedgerBalance struct {
	Orders  int64  `json:"orders"`
	Total   string `json:"total"`
	Waiting int    `json:"waiting"`
}

// FactOrders are the orders in the facts, each once.
const FactOrders = "SELECT DISTINCT order_id, total_amount, payment_status_text FROM fact_orders"

// AwaitBalance waits until the example's balance is that of the facts.
func (p *Pipeline) AwaitBalance(t *testing.T, last func() LedgerBalance) {
	t.Helper()
	row := p.MustQuery(t, "SELECT COUNT(*), SUM(o.total_amount) FROM ("+FactOrders+") AS o")[0]
	total, ok := row[1].(*big.Rat)
	if !ok {
		t.Fatalf("the sum of the facts is a %T", row[1])
	}
	want := LedgerBalance{Orders: row[0].(int64), Total: strings.TrimSuffix(strings.TrimRight(total.FloatString(9), "0"), ".")}
	Await(t, fmt.Sprintf("the balance %+v", want), func() (bool, error) {
		got := last()
		return got == want, fmt.Errorf("the balance is %+v", got)
	})
}
