package main

import (
	"context"
	"fmt"
	"io"
	"math/big"
	"strings"
)

// balance is what the orders that count come to.
type balance struct {
	Orders  int64  `json:"orders"`
	Total   string `json:"total"`   // sum of total_amount
	Waiting int64  `json:"waiting"` // files that are not settled; until it is 0 the sums are not final
}

func (s *store) balance(ctx context.Context) (b balance, err error) {
	var units, nanos int64
	err = s.db.QueryRowContext(ctx, "SELECT orders, units, nanos, waiting FROM balance").Scan(&b.Orders, &units, &nanos, &b.Waiting)
	b.Total = decimal(amount(units, nanos))
	return b, err
}

// counted is an order that counts.
type counted struct {
	id, date, status string
	total            *big.Int // in billionths
}

// counted visits the orders of some days that count, sorted by id. Days are as 2026-11-01.
func (s *store) counted(ctx context.Context, from, to string, visit func(counted) error) error {
	rows, err := s.db.QueryContext(ctx,
		"SELECT order_id, order_date, payment_status, units, nanos FROM counted WHERE order_date BETWEEN ? AND ? ORDER BY order_id", from, to)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c counted
		var units, nanos int64
		if err := rows.Scan(&c.id, &c.date, &c.status, &units, &nanos); err != nil {
			return err
		}
		c.total = amount(units, nanos)
		if err := visit(c); err != nil {
			return err
		}
	}
	return rows.Err()
}

// list writes the orders that count: id, total, payment status.
func (s *store) list(ctx context.Context, out io.Writer) error {
	return s.counted(ctx, "", "9999-12-31", func(c counted) error {
		_, err := fmt.Fprintf(out, "%s %s %s\n", c.id, decimal(c.total), c.status)
		return err
	})
}

const nanosPerUnit = 1_000_000_000

// amount is units and billionths of one, in billionths, which no sum can round.
func amount(units, nanos int64) *big.Int {
	n := new(big.Int).Mul(big.NewInt(units), big.NewInt(nanosPerUnit))
	return n.Add(n, big.NewInt(nanos))
}

// decimal writes billionths exactly and without needless zeros.
func decimal(n *big.Int) string {
	text := new(big.Rat).SetFrac(n, big.NewInt(nanosPerUnit)).FloatString(9)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
