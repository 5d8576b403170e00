package republish

import (
	"encoding/json"
	"fmt"
	"time"

	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/feed"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/money"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// content is an order as v_order_versions has it.
type content struct {
	CustomerID        *string    `json:"customer_id"`
	OrderTimestamp    time.Time  `json:"order_timestamp"`
	UpdatedAt         *time.Time `json:"updated_at"`
	Items             []item     `json:"items"`
	TotalAmount       *string    `json:"total_amount"`
	Currency          string     `json:"currency"`
	TaxAmount         *string    `json:"tax_amount"`
	TaxIncluded       *bool      `json:"tax_included"`
	ShippingAmount    *string    `json:"shipping_amount"`
	DiscountAmount    *string    `json:"discount_amount"`
	RefundedAmount    *string    `json:"refunded_amount"`
	PaymentStatus     string     `json:"payment_status"`
	PaymentStatusText *string    `json:"payment_status_text"`
	ShippingAddress   *address   `json:"shipping_address"`
}

type item struct {
	ProductID      *string `json:"product_id"`
	Quantity       int64   `json:"quantity"`
	UnitPrice      *string `json:"unit_price"`
	DiscountAmount *string `json:"discount_amount"`
}

type address struct {
	Street  *string `json:"street"`
	City    *string `json:"city"`
	State   *string `json:"state"`
	Zipcode *string `json:"zipcode"`
	Country *string `json:"country"`
}

// text is what a message says where the warehouse has NULL.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// amounts reads exact text; the first error stays.
type amounts struct {
	currency string
	err      error
}

func (a *amounts) read(s *string) *moneypb.Money {
	if s == nil || a.err != nil {
		return nil
	}
	m, _, err := money.Parse([]byte(*s), a.currency)
	if err != nil {
		a.err = fmt.Errorf("amount %q: %w", *s, err)
	}
	return m
}

// orderOf is the message of an order's version. It says what the parser's message did, but for
// warnings, unknown fields and the place of the record's bytes, which the facts do not keep.
func orderOf(r row) (*ordersv1.Order, error) {
	var c content
	if err := json.Unmarshal([]byte(r.Content), &c); err != nil {
		return nil, err
	}
	a := &amounts{currency: c.Currency}
	order := &ordersv1.Order{
		OrderId:           r.OrderID,
		CustomerId:        text(c.CustomerID),
		OrderTimestamp:    timestamppb.New(c.OrderTimestamp),
		TotalAmount:       a.read(c.TotalAmount),
		PaymentStatus:     feed.StatusOf(c.PaymentStatus),
		PaymentStatusText: text(c.PaymentStatusText),
		TaxAmount:         a.read(c.TaxAmount),
		TaxIncluded:       c.TaxIncluded,
		ShippingAmount:    a.read(c.ShippingAmount),
		DiscountAmount:    a.read(c.DiscountAmount),
		RefundedAmount:    a.read(c.RefundedAmount),
		UtcOffsetSeconds:  int32(r.UTCOffsetSeconds),
		Source: &pipelinev1.RecordSource{
			FileId: r.FileID, ParseId: r.ParseID, RecordIndex: r.RecordIndex, ContentHash: r.ContentHash, LandedAt: timestamppb.New(r.LandedAt),
		},
	}
	if order.PaymentStatusText == "" {
		order.PaymentStatusText = c.PaymentStatus
	}
	if c.UpdatedAt != nil {
		order.UpdatedAt = timestamppb.New(*c.UpdatedAt)
	}
	if to := c.ShippingAddress; to != nil {
		order.ShippingAddress = &ordersv1.ShippingAddress{
			Street: text(to.Street), City: text(to.City), State: text(to.State), Zipcode: text(to.Zipcode), Country: text(to.Country),
		}
	}
	for _, i := range c.Items {
		order.Items = append(order.Items, &ordersv1.OrderItem{
			ProductId: text(i.ProductID), Quantity: i.Quantity, UnitPrice: a.read(i.UnitPrice), DiscountAmount: a.read(i.DiscountAmount),
		})
	}
	return order, a.err
}

// ledgerRow is what republish/orders.sql says of a file.
type ledgerRow struct {
	Kind              string    `json:"kind"`
	LandingName       string    `json:"landing_name"`
	Bytes             int64     `json:"bytes"`
	Revision          int64     `json:"revision"`
	Verdict           string    `json:"verdict"`
	Reason            string    `json:"reason"`
	Records           int64     `json:"records"`
	Loaded            int64     `json:"loaded"`
	Lines             int64     `json:"lines"`
	Duplicates        int64     `json:"duplicates"`
	Rejected          int64     `json:"rejected"`
	Held              int64     `json:"held"`
	Updated           int64     `json:"updated"`
	LoadedAt          time.Time `json:"loaded_at"`
	TransactionNumber int64     `json:"transaction_number"`
	LeftOutTruncated  bool      `json:"left_out_truncated"`
	LeftOut           []struct {
		First   int64  `json:"first_index"`
		Last    int64  `json:"last_index"`
		Outcome string `json:"outcome"`
	} `json:"left_out"`
	Restored []struct {
		FileID            string `json:"file_id"`
		ParseID           string `json:"parse_id"`
		First             int64  `json:"first_index"`
		Last              int64  `json:"last_index"`
		TransactionNumber int64  `json:"transaction_number"`
	} `json:"restored"`
}

// fileOf is the message of what became of a file.
func fileOf(r row, bucket string) (*pipelinev1.FileCompleted, error) {
	var l ledgerRow
	if err := json.Unmarshal([]byte(r.Content), &l); err != nil {
		return nil, err
	}
	done := &pipelinev1.FileCompleted{
		File: &pipelinev1.LandedFile{
			FileId: r.FileID, Kind: topology.KindOf(l.LandingName), Bucket: bucket, LandingName: l.LandingName, Bytes: l.Bytes,
			LandedAt: timestamppb.New(r.LandedAt), Revision: l.Revision,
		},
		ParseId: r.ParseID, Revision: l.Revision, Verdict: landedfile.Verdict(l.Verdict), Reason: l.Reason,
		Records: l.Records, Loaded: l.Loaded, Lines: l.Lines, Duplicates: l.Duplicates, Rejected: l.Rejected, Held: l.Held, Updated: l.Updated,
		LoadedAt: timestamppb.New(l.LoadedAt), TransactionNumber: l.TransactionNumber, LeftOutTruncated: l.LeftOutTruncated,
		NotRepublished: l.Records - l.Rejected - r.Versions,
	}
	for _, o := range l.LeftOut {
		done.LeftOut = append(done.LeftOut, &pipelinev1.RecordRange{First: o.First, Last: o.Last, Outcome: landedfile.Outcome(o.Outcome)})
	}
	for _, o := range l.Restored {
		done.Restored = append(done.Restored, &pipelinev1.RestoredRange{
			FileId: o.FileID, ParseId: o.ParseID, First: o.First, Last: o.Last, TransactionNumber: o.TransactionNumber,
		})
	}
	return done, nil
}
