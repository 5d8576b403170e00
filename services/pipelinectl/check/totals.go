package check

import (
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	moneypb "google.golang.org/genproto/googleapis/type/money"

	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/decode"
)

// Totals are sums over the orders that would be loaded, as exact decimal text.
type Totals struct {
	Currency string `json:"currency"`
	Orders   int64  `json:"orders"`
	Lines    int64  `json:"lines"`
	Guests   int64  `json:"guest_orders"`
	// Repeated counts orders whose id came before in the file: which of them count is
	// decided by the warehouse.
	Repeated int64  `json:"repeated_ids"`
	Gross    string `json:"gross"`
	Refunds  string `json:"refunds"`
	Net      string `json:"net"`
	Tax      string `json:"tax"`
	Shipping string `json:"shipping"`

	ByStatus []StatusTotal `json:"by_status"`
	FirstDay string        `json:"first_day,omitempty"` // of the shop's clock
	LastDay  string        `json:"last_day,omitempty"`
}

// StatusTotal are the orders of one payment status.
type StatusTotal struct {
	Status string `json:"status"`
	Orders int64  `json:"orders"`
	Gross  string `json:"gross"`
}

// collected counts while the file is read.
type collected struct {
	orders, lines, guests, repeated int64
	gross, refunds, tax, shipping   big.Int // billionths
	statuses                        map[string]*ofStatus
	first, last                     int64 // seconds on the shop's clock
	seen                            map[string]struct{}
}

type ofStatus struct {
	orders int64
	gross  big.Int
}

// mostIDs bounds the order ids that are remembered, some 100 MB; repetitions beyond are not
// counted.
const mostIDs = 1_000_000

func newTotals() *collected {
	return &collected{statuses: map[string]*ofStatus{}, seen: map[string]struct{}{}}
}

func (c *collected) add(a *decode.Accepted) {
	order, ok := a.Message.(*ordersv1.Order)
	if !ok {
		return
	}
	if _, ok := c.seen[a.OrderID]; ok {
		c.repeated++
	} else if len(c.seen) < mostIDs {
		c.seen[a.OrderID] = struct{}{}
	}
	at := order.GetOrderTimestamp().GetSeconds() + int64(order.GetUtcOffsetSeconds())
	if c.orders == 0 || at < c.first {
		c.first = at
	}
	if c.orders == 0 || at > c.last {
		c.last = at
	}
	c.orders++
	c.lines += int64(len(order.GetItems()))
	if order.GetCustomerId() == "" {
		c.guests++
	}
	status := strings.ToLower(strings.TrimPrefix(order.GetPaymentStatus().String(), "PAYMENT_STATUS_"))
	if order.GetPaymentStatus() == ordersv1.PaymentStatus_PAYMENT_STATUS_UNSPECIFIED {
		status = "other"
	}
	of := c.statuses[status]
	if of == nil {
		of = &ofStatus{}
		c.statuses[status] = of
	}
	of.orders++
	plus(&of.gross, order.GetTotalAmount())
	plus(&c.gross, order.GetTotalAmount())
	plus(&c.refunds, order.GetRefundedAmount())
	plus(&c.tax, order.GetTaxAmount())
	plus(&c.shipping, order.GetShippingAmount())
}

var billion = big.NewInt(1_000_000_000)

func plus(sum *big.Int, m *moneypb.Money) {
	if m == nil {
		return
	}
	var part big.Int
	sum.Add(sum, part.Mul(big.NewInt(m.GetUnits()), billion))
	sum.Add(sum, big.NewInt(int64(m.GetNanos())))
}

func (c *collected) sum(currency string) *Totals {
	var net big.Int
	net.Sub(&c.gross, &c.refunds)
	t := &Totals{
		Currency: currency, Orders: c.orders, Lines: c.lines, Guests: c.guests, Repeated: c.repeated, Gross: decimal(&c.gross), Refunds: decimal(&c.refunds),
		Net: decimal(&net), Tax: decimal(&c.tax), Shipping: decimal(&c.shipping), ByStatus: []StatusTotal{},
	}
	for _, status := range slices.Sorted(maps.Keys(c.statuses)) {
		of := c.statuses[status]
		t.ByStatus = append(t.ByStatus, StatusTotal{status, of.orders, decimal(&of.gross)})
	}
	if c.orders > 0 {
		t.FirstDay, t.LastDay = time.Unix(c.first, 0).UTC().Format(time.DateOnly), time.Unix(c.last, 0).UTC().Format(time.DateOnly)
	}
	return t
}

// decimal writes billionths with two decimals, or as many more as there are.
func decimal(n *big.Int) string {
	text := new(big.Int).Abs(n).String()
	if len(text) < 10 {
		text = strings.Repeat("0", 10-len(text)) + text
	}
	whole, fraction := text[:len(text)-9], strings.TrimRight(text[len(text)-9:], "0")
	for len(fraction) < 2 {
		fraction += "0"
	}
	if n.Sign() < 0 {
		whole = "-" + whole
	}
	return whole + "." + fraction
}
