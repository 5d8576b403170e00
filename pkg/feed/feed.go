// Package feed knows what the messages that other teams read say outside of the messages themselves:
// the attributes by which a subscription chooses orders and files.
package feed

import (
	"time"
	"unicode/utf8"

	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// VersionLayout writes a version's time, in UTC: texts of one length, so that the greater one is later.
const VersionLayout = "2006-01-02T15:04:05.000000Z"

// NoRegion is the region of an order that is shipped nowhere.
const NoRegion = "none"

// maxValue is how many bytes Pub/Sub takes as the value of an attribute.
const maxValue = 1024

// Describe adds an order's attributes. locate gives the ISO 3166 code of an address's country, empty if
// it is not known, and its region.
func Describe(attrs map[string]string, o *ordersv1.Order, locate func(country, state string) (code, region string)) {
	set := func(name, value string) {
		if value != "" {
			attrs[name] = cut(value)
		}
	}
	set(topology.AttrPaymentStatus, StatusWord(o))
	set(topology.AttrOrderDate, Date(o).Format(time.DateOnly))
	if updated := o.GetUpdatedAt(); updated != nil {
		set(topology.AttrVersion, updated.AsTime().Format(VersionLayout))
	}
	if a := o.GetShippingAddress(); a != nil {
		code, region := locate(a.GetCountry(), a.GetState())
		set(topology.AttrCountry, code)
		set(topology.AttrRegion, region)
	} else {
		set(topology.AttrRegion, NoRegion)
	}
}

// Date is the shop's day and time of day of an order, as if the shop's clock were at UTC.
func Date(o *ordersv1.Order) time.Time {
	return o.GetOrderTimestamp().AsTime().Add(time.Duration(o.GetUtcOffsetSeconds()) * time.Second)
}

// StatusWord is our word for the payment status, or the source's if it is none of ours: the value of
// fact_orders.payment_status.
func StatusWord(o *ordersv1.Order) string {
	switch o.GetPaymentStatus() {
	case ordersv1.PaymentStatus_PAYMENT_STATUS_COMPLETED:
		return "completed"
	case ordersv1.PaymentStatus_PAYMENT_STATUS_PENDING:
		return "pending"
	case ordersv1.PaymentStatus_PAYMENT_STATUS_FAILED:
		return "failed"
	case ordersv1.PaymentStatus_PAYMENT_STATUS_REFUNDED:
		return "refunded"
	case ordersv1.PaymentStatus_PAYMENT_STATUS_PARTIALLY_REFUNDED:
		return "partially_refunded"
	case ordersv1.PaymentStatus_PAYMENT_STATUS_CANCELLED:
		return "cancelled"
	}
	return o.GetPaymentStatusText()
}

// StatusOf is the payment status that StatusWord calls so; UNSPECIFIED if it is none of ours.
func StatusOf(word string) ordersv1.PaymentStatus {
	switch word {
	case "completed":
		return ordersv1.PaymentStatus_PAYMENT_STATUS_COMPLETED
	case "pending":
		return ordersv1.PaymentStatus_PAYMENT_STATUS_PENDING
	case "failed":
		return ordersv1.PaymentStatus_PAYMENT_STATUS_FAILED
	case "refunded":
		return ordersv1.PaymentStatus_PAYMENT_STATUS_REFUNDED
	case "partially_refunded":
		return ordersv1.PaymentStatus_PAYMENT_STATUS_PARTIALLY_REFUNDED
	case "cancelled":
		return ordersv1.PaymentStatus_PAYMENT_STATUS_CANCELLED
	}
	return ordersv1.PaymentStatus_PAYMENT_STATUS_UNSPECIFIED
}

// DescribeFile adds the attributes of what became of a file.
func DescribeFile(attrs map[string]string, done *pipelinev1.FileCompleted) {
	attrs[topology.AttrKind] = topology.KindFolder(done.GetFile().GetKind())
	attrs[topology.AttrVerdict] = landedfile.VerdictWord(done.GetVerdict())
	if done.GetReason() != "" {
		attrs[topology.AttrReason] = done.GetReason()
	}
}

// cut shortens a text to what an attribute may hold, at the end of a letter.
func cut(value string) string {
	if len(value) <= maxValue {
		return value
	}
	end := maxValue
	for end > 0 && !utf8.RuneStart(value[end]) {
		end--
	}
	return value[:end]
}
