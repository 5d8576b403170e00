package consume

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

type ledgerBalance struct {
	Orders  int64  `json:"orders"`
	Total   string `json:"total"`
	Waiting int    `json:"waiting"`
}

// factOrders are the orders in the facts, each once.
const factOrders = "SELECT DISTINCT order_id, total_amount, payment_status_text FROM fact_orders"

// awaitBalance waits until the balance of each example is that of the facts.
func (all runningLedgers) awaitBalance(t *testing.T, p *harness.Pipeline) {
	t.Helper()
	row := p.MustQuery(t, "SELECT COUNT(*), SUM(o.total_amount) FROM ("+factOrders+") AS o")[0]
	total, ok := row[1].(*big.Rat)
	if !ok {
		t.Fatalf("the sum of the facts is a %T", row[1])
	}
	want := ledgerBalance{Orders: row[0].(int64), Total: strings.TrimSuffix(strings.TrimRight(total.FloatString(9), "0"), ".")}
	for _, e := range all {
		harness.Await(t, fmt.Sprintf("the balance %+v", want), func() (bool, error) {
			got := e.last()
			return got == want, fmt.Errorf("the balance of the example in %s is %+v", e.name, got)
		})
	}
}
