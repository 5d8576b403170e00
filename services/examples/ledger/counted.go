package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math/big"
	"slices"
	"strings"

	"go.etcd.io/bbolt"
	"google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/proto"

	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// counted are the orders that count, by order_id.
type counted struct {
	orders map[string]claim
	// waiting are files whose records have not all come yet, or whose completion cannot name
	// all that must be left out: what they hold in the end, the warehouse's order_keys tell.
	waiting int
}

// claim is the record that a transaction of the warehouse has made an order's version that counts.
type claim struct {
	transaction int64
	order       *ordersv1.Order
}

// add enters a record: of an order, the one that the latest transaction brought counts.
func (c *counted) add(transaction int64, order *ordersv1.Order) {
	if have, ok := c.orders[order.GetOrderId()]; !ok || transaction > have.transaction {
		c.orders[order.GetOrderId()] = claim{transaction, order}
	}
}

// counted computes, from all that is kept, which orders count.
func (s *store) counted() (*counted, error) {
	c := &counted{orders: make(map[string]claim)}
	return c, s.db.View(func(tx *bbolt.Tx) error {
		readings := make(map[string]string) // the newest of each file that is loaded
		err := tx.Bucket(filesBucket).ForEach(func(_, data []byte) error {
			done := new(pipelinev1.FileCompleted)
			if err := proto.Unmarshal(data, done); err != nil {
				return err
			}
			file := done.GetFile()
			if file.GetKind() != pipelinev1.FileKind_FILE_KIND_ORDERS || done.GetVerdict() != pipelinev1.Verdict_VERDICT_LOADED {
				return nil
			}
			readings[file.GetFileId()] = done.GetParseId()
			return c.addFile(tx, done)
		})
		if err != nil {
			return err
		}
		return tx.Bucket(restoredBucket).ForEach(func(data, _ []byte) error {
			r := new(pipelinev1.RestoredRange)
			if err := proto.Unmarshal(data, r); err != nil {
				return err
			}
			if readings[r.GetFileId()] != r.GetParseId() {
				return nil // that reading has been replaced
			}
			return eachRecord(tx, r.GetParseId(), r.GetFirst(), r.GetLast(), func(order *ordersv1.Order) {
				c.add(r.GetTransactionNumber(), order)
			})
		})
	})
}

// addFile enters what a loaded file brought, less what its completion tells to leave out.
func (c *counted) addFile(tx *bbolt.Tx, done *pipelinev1.FileCompleted) error {
	missing := done.GetRecords() - done.GetRejected() - done.GetNotRepublished()
	ranges := done.GetLeftOut() // in order of position, as the records are
	err := eachRecord(tx, done.GetParseId(), 0, done.GetRecords()-1, func(order *ordersv1.Order) {
		index := order.GetSource().GetRecordIndex()
		for len(ranges) > 0 && ranges[0].GetLast() < index {
			ranges = ranges[1:]
		}
		isLeftOut := len(ranges) > 0 && ranges[0].GetFirst() <= index
		if !isLeftOut {
			c.add(done.GetTransactionNumber(), order)
		}
		if !isLeftOut || ranges[0].GetOutcome() != pipelinev1.RecordOutcome_RECORD_OUTCOME_REFUSED {
			missing-- // a refused one is among the rejected
		}
	})
	if missing > 0 || done.GetLeftOutTruncated() {
		c.waiting++
	}
	return err
}

// eachRecord visits the records of a reading from first to last, in order of position.
func eachRecord(tx *bbolt.Tx, parseID string, first, last int64, visit func(*ordersv1.Order)) error {
	end := recordKey(parseID, last)
	cursor := tx.Bucket(recordsBucket).Cursor()
	for key, data := cursor.Seek(recordKey(parseID, first)); key != nil && bytes.Compare(key, end) <= 0; key, data = cursor.Next() {
		order := new(ordersv1.Order)
		if err := proto.Unmarshal(data, order); err != nil {
			return fmt.Errorf("record %x: %w", key, err)
		}
		visit(order)
	}
	return nil
}

// balance is what the orders come to.
type balance struct {
	Orders  int    `json:"orders"`
	Total   string `json:"total"`   // sum of total_amount
	Waiting int    `json:"waiting"` // files that are not settled; until it is 0 the sums are not final
}

func (c *counted) balance() balance {
	sum := new(big.Int)
	for claim := range maps.Values(c.orders) {
		sum.Add(sum, nanos(claim.order.GetTotalAmount()))
	}
	return balance{Orders: len(c.orders), Total: decimal(sum), Waiting: c.waiting}
}

// list writes the orders that count, sorted: id, total, payment status.
func (s *store) list(out io.Writer) error {
	c, err := s.counted()
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(c.orders)) {
		order := c.orders[id].order
		if _, err := fmt.Fprintf(out, "%s %s %s\n", id, decimal(nanos(order.GetTotalAmount())), order.GetPaymentStatusText()); err != nil {
			return err
		}
	}
	return nil
}

const nanosPerUnit = 1_000_000_000

// nanos is an amount in billionths, which no sum can round.
func nanos(m *money.Money) *big.Int {
	n := new(big.Int).Mul(big.NewInt(m.GetUnits()), big.NewInt(nanosPerUnit))
	return n.Add(n, big.NewInt(int64(m.GetNanos())))
}

// decimal writes billionths exactly and without needless zeros.
func decimal(n *big.Int) string {
	text := new(big.Rat).SetFrac(n, big.NewInt(nanosPerUnit)).FloatString(9)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
