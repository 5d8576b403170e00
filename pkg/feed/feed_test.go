package feed

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
)

func at(t *testing.T, text string) *timestamppb.Timestamp {
	t.Helper()
	moment, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return timestamppb.New(moment)
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		order *ordersv1.Order
		want  map[string]string
	}{
		"all that there is": {
			&ordersv1.Order{
				OrderTimestamp: at(t, "2026-11-01T23:30:00Z"), UtcOffsetSeconds: 3600, UpdatedAt: at(t, "2026-11-03T09:00:00.5Z"),
				PaymentStatus: ordersv1.PaymentStatus_PAYMENT_STATUS_PARTIALLY_REFUNDED, PaymentStatusText: "Partly",
				ShippingAddress: &ordersv1.ShippingAddress{Country: "germany", State: "BE"},
			},
			map[string]string{"payment_status": "partially_refunded", "order_date": "2026-11-02", "version": "2026-11-03T09:00:00.500000Z", "country": "DE", "region": "germany/BE"},
		},
		"not shipped": {
			&ordersv1.Order{OrderTimestamp: at(t, "1969-12-31T23:59:59.999999Z"), PaymentStatusText: "on hold"},
			map[string]string{"payment_status": "on hold", "order_date": "1969-12-31", "region": "none"},
		},
		"an unknown country with a long name": {
			&ordersv1.Order{OrderTimestamp: at(t, "2026-11-01T00:00:00Z"), UtcOffsetSeconds: -1, PaymentStatusText: "x", ShippingAddress: &ordersv1.ShippingAddress{Country: "a" + strings.Repeat("é", 600)}},
			map[string]string{"payment_status": "x", "order_date": "2026-10-31", "region": "a" + strings.Repeat("é", 511)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := make(map[string]string)
			Describe(got, test.order, func(country, state string) (string, string) {
				if state == "" {
					return "", country
				}
				return "DE", country + "/" + state
			})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
		})
	}
}
