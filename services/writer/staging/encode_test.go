package staging

import (
	"slices"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"github.com/google/go-cmp/cmp"
	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	catalogv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/catalog/v1"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	warehousev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/warehouse/v1"
	"github.com/zackkki/ecomm_datapipeline/sql"
)

func exampleOrder() *ordersv1.Order {
	return &ordersv1.Order{
		OrderId:           "o-1",
		CustomerId:        "c-1",
		OrderTimestamp:    &timestamppb.Timestamp{Seconds: 1_790_000_000, Nanos: 126_748_000},
		TotalAmount:       &moneypb.Money{CurrencyCode: "USD", Units: 133, Nanos: 460_000_000},
		PaymentStatusText: "pending",
		Items: []*ordersv1.OrderItem{
			{ProductId: "p-1", Quantity: 2, UnitPrice: &moneypb.Money{CurrencyCode: "USD", Units: 66, Nanos: 730_000_000}},
		},
		ShippingAddress: &ordersv1.ShippingAddress{Street: "1 Main St", City: "New York", State: "NY", Zipcode: "10001", Country: "USA"},
		Source: &pipelinev1.RecordSource{
			FileId: "f", ParseId: "r", RecordIndex: 7, ContentHash: "h", Warnings: []string{"unknown_field"},
			UnknownFields: `{"gift":true}`, LandedAt: timestamppb.New(time.Date(1969, 12, 31, 23, 0, 0, 0, time.UTC)),
		},
	}
}

func TestEncodeOrder(t *testing.T) {
	t.Parallel()
	data, err := proto.Marshal(exampleOrder())
	if err != nil {
		t.Fatal(err)
	}
	table, row, err := encodeOrder(&pubsub.Message{Data: data})
	if err != nil || table != tableOrders {
		t.Fatalf("encodeOrder = %q, %v", table, err)
	}
	var got warehousev1.StagingOrder
	if err := proto.Unmarshal(row, &got); err != nil {
		t.Fatal(err)
	}
	want := &warehousev1.StagingOrder{
		OrderId: "o-1", CustomerId: "c-1", OrderTimestamp: 1_790_000_000_126_748, TotalAmount: "133.46", Currency: "USD",
		PaymentStatus:   "pending",
		Items:           []*warehousev1.StagingOrder_Item{{ProductId: "p-1", Quantity: 2, UnitPrice: "66.73"}},
		ShippingAddress: &warehousev1.StagingOrder_Address{Street: "1 Main St", City: "New York", State: "NY", Zipcode: "10001", Country: "USA"},
		UnknownFields:   proto.String(`{"gift":true}`), Warnings: []string{"unknown_field"},
		FileId: "f", ParseId: "r", RecordIndex: 7, ContentHash: "h", LandedAt: -3_600_000_000, LandedDate: -1,
	}
	if diff := cmp.Diff(want, &got, protocmp.Transform()); diff != "" {
		t.Errorf("row (-want +got):\n%s", diff)
	}
}

// TestZerosAreNotNull holds every encoder to BigQuery's reading of an absent field.
func TestZerosAreNotNull(t *testing.T) {
	t.Parallel()
	tables, err := sql.Tables()
	if err != nil {
		t.Fatal(err)
	}
	source := &pipelinev1.RecordSource{FileId: "f", ParseId: "r"}
	for _, tc := range []struct {
		encode  encoder
		message proto.Message
	}{
		{encodeOrder, &ordersv1.Order{Source: source}},
		{encodeCatalog, &catalogv1.Product{Source: source}},
		{encodeCatalog, &catalogv1.Customer{Source: source, RegistrationDate: "1970-01-01"}},
		{encodeRejected, &pipelinev1.RejectedRecord{Source: source}},
		{encodeDeadLetter("s"), &pipelinev1.FileLanded{}},
	} {
		data, err := proto.Marshal(tc.message)
		if err != nil {
			t.Fatal(err)
		}
		name, wire, err := tc.encode(&pubsub.Message{Data: data, Attributes: map[string]string{
			"schema": string(tc.message.ProtoReflect().Descriptor().FullName()),
		}})
		if err != nil {
			t.Fatal(err)
		}
		present := map[protowire.Number]bool{}
		for rest := wire; len(rest) > 0; {
			number, _, n := protowire.ConsumeField(rest)
			if n < 0 {
				t.Fatalf("%s: %v", name, protowire.ParseError(n))
			}
			present[number], rest = true, rest[n:]
		}
		fields := rowTypes[name].ProtoReflect().Descriptor().Fields()
		table := tables[slices.IndexFunc(tables, func(t sql.Table) bool { return t.Name == name })]
		if fields.Len() != len(table.Columns) {
			t.Errorf("%s: the row has %d fields, the table %d columns", name, fields.Len(), len(table.Columns))
		}
		for _, column := range table.Columns {
			field := fields.ByName(protoreflect.Name(column.Name))
			if field == nil {
				t.Errorf("%s.%s: no such field in the row", name, column.Name)
			} else if column.Mode == "REQUIRED" && !present[field.Number()] {
				t.Errorf("%s.%s is required, but a zero is left out", name, column.Name)
			}
		}
	}
}

func TestEncodeRefusesGarbage(t *testing.T) {
	t.Parallel()
	for name, encode := range map[string]encoder{"order": encodeOrder, "catalog": encodeCatalog, "rejected": encodeRejected} {
		for _, data := range []string{"\xff\xff", ""} {
			if _, _, err := encode(&pubsub.Message{Data: []byte(data)}); err == nil {
				t.Errorf("%s: %q was encoded", name, data)
			}
		}
	}
}

func TestEncodeDeadLetter(t *testing.T) {
	t.Parallel()
	published := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		attrs map[string]string
		want  *warehousev1.DeadLetter
	}{
		"given up by a service": {
			map[string]string{"message_id": "7", "error": "decode\xff", "delivery_attempts": "3", "file_id": "f", "parse_id": "r", "record_index": "5"},
			&warehousev1.DeadLetter{MessageId: "7", Error: "decode\uFFFD", DeliveryAttempts: 3, FileId: proto.String("f"), ParseId: proto.String("r"), RecordIndex: proto.Int64(5)},
		},
		"given up by Pub/Sub": {
			map[string]string{"CloudPubSubDeadLetterSourceDeliveryCount": "20"},
			&warehousev1.DeadLetter{MessageId: "9", Error: "delivered too often without an answer", DeliveryAttempts: 20},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &pubsub.Message{ID: "9", Data: []byte("x"), Attributes: tc.attrs, PublishTime: published}
			_, row, err := encodeDeadLetter("s")(m)
			if err != nil {
				t.Fatal(err)
			}
			var got warehousev1.DeadLetter
			if err := proto.Unmarshal(row, &got); err != nil {
				t.Fatal(err)
			}
			tc.want.Subscription, tc.want.Data = "s", []byte("x")
			tc.want.DeadLetteredAt, tc.want.DeadLetteredDate = published.UnixMicro(), 20758
			if diff := cmp.Diff(tc.want, &got, protocmp.Transform(),
				protocmp.IgnoreFields(&warehousev1.DeadLetter{}, "dead_letter_id", "attributes")); diff != "" {
				t.Errorf("row (-want +got):\n%s", diff)
			}
		})
	}
}

func BenchmarkEncodeOrder(b *testing.B) {
	data, err := proto.Marshal(exampleOrder())
	if err != nil {
		b.Fatal(err)
	}
	m := &pubsub.Message{Data: data}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := encodeOrder(m); err != nil {
			b.Fatal(err)
		}
	}
}
