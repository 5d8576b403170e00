package staging

import (
	"maps"
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
	"github.com/zackkki/ecomm_datapipeline/sql/schema"
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
		PaymentStatus: "pending", PaymentStatusText: "pending",
		Items:           []*warehousev1.StagingOrder_Item{{ProductId: "p-1", Quantity: 2, UnitPrice: "66.73"}},
		ShippingAddress: &warehousev1.StagingOrder_Address{Street: "1 Main St", City: "New York", State: "NY", Zipcode: "10001", Country: "USA"},
		UnknownFields:   proto.String(`{"gift":true}`), Warnings: []string{"unknown_field"},
		FileId: "f", ParseId: "r", RecordIndex: 7, ContentHash: "h", LandedAt: -3_600_000_000, LandedDate: -1,
	}
	if diff := cmp.Diff(want, &got, protocmp.Transform()); diff != "" {
		t.Errorf("row (-want +got):\n%s", diff)
	}
}

// TestEncodeOrderWithAllThereIs: what the source states as zero or false stands in the row.
func TestEncodeOrderWithAllThereIs(t *testing.T) {
	t.Parallel()
	o := exampleOrder()
	nothing := &moneypb.Money{CurrencyCode: "USD"}
	o.UpdatedAt = &timestamppb.Timestamp{}
	o.PaymentStatus, o.PaymentStatusText = ordersv1.PaymentStatus_PAYMENT_STATUS_CANCELLED, "canceled"
	o.TaxAmount, o.TaxIncluded = nothing, proto.Bool(false)
	o.ShippingAmount, o.DiscountAmount = nothing, nothing
	o.RefundedAmount = &moneypb.Money{CurrencyCode: "USD", Units: 3, Nanos: 500_000_000}
	o.Items[0].DiscountAmount = nothing
	got := encoded(t, o)
	want := encoded(t, exampleOrder())
	want.UpdatedAt = proto.Int64(0)
	want.PaymentStatus, want.PaymentStatusText = "cancelled", "canceled"
	want.TaxAmount, want.TaxIncluded = proto.String("0"), proto.Bool(false)
	want.ShippingAmount, want.DiscountAmount, want.RefundedAmount = proto.String("0"), proto.String("0"), proto.String("3.5")
	want.Items[0].DiscountAmount = proto.String("0")
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("row (-want +got):\n%s", diff)
	}
}

// TestWhatIsNotGivenIsNull: BigQuery takes an absent field for NULL; an empty text would say
// that there is something.
func TestWhatIsNotGivenIsNull(t *testing.T) {
	t.Parallel()
	o := exampleOrder()
	o.CustomerId, o.ShippingAddress, o.Items[0].ProductId = "", nil, ""
	data, err := proto.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	_, wire, err := encodeOrder(&pubsub.Message{Data: data})
	if err != nil {
		t.Fatal(err)
	}
	fields := fieldsOf(t, wire)
	for _, absent := range []protowire.Number{2, 8, 17, 19, 20, 21, 22, 23} {
		if _, ok := fields[absent]; ok {
			t.Errorf("field %d stands in the row", absent)
		}
	}
	o.ShippingAddress = &ordersv1.ShippingAddress{City: "Reno"}
	if data, err = proto.Marshal(o); err != nil {
		t.Fatal(err)
	}
	if _, wire, err = encodeOrder(&pubsub.Message{Data: data}); err != nil {
		t.Fatal(err)
	}
	fields = fieldsOf(t, wire)
	for nested, want := range map[protowire.Number][]protowire.Number{4: {2, 3}, 8: {2}} {
		if got := slices.Sorted(maps.Keys(fieldsOf(t, fields[nested]))); !slices.Equal(got, want) {
			t.Errorf("field %d holds the fields %v, want %v", nested, got, want)
		}
	}
}

// TestCatalogsGiveLess: a stock of 0 is one; none, and the other columns that a catalog may leave out, are NULL.
func TestCatalogsGiveLess(t *testing.T) {
	t.Parallel()
	source := &pipelinev1.RecordSource{FileId: "f", ParseId: "r"}
	for name, tc := range map[string]struct {
		message         proto.Message
		present, absent []protowire.Number
	}{
		"product of an earlier release, nothing in stock": {&catalogv1.Product{Source: source, Category: "Home"}, []protowire.Number{3, 5}, nil},
		"product without a category":                      {&catalogv1.Product{Source: source, StockLevel: 4}, []protowire.Number{5}, []protowire.Number{3}},
		"product without a stock":                         {&catalogv1.Product{Source: source, Category: "Home", StockLevelMissing: true}, []protowire.Number{3}, []protowire.Number{5}},
		"product without both":                            {&catalogv1.Product{Source: source, StockLevelMissing: true}, nil, []protowire.Number{3, 5}},
		"customer without a day":                          {&catalogv1.Customer{Source: source, CustomerTier: "gold"}, []protowire.Number{5}, []protowire.Number{4}},
		"customer without a tier":                         {&catalogv1.Customer{Source: source, RegistrationDate: "1970-01-01"}, []protowire.Number{4}, []protowire.Number{5}},
		"customer without both":                           {&catalogv1.Customer{Source: source}, nil, []protowire.Number{4, 5}},
	} {
		data, err := proto.Marshal(tc.message)
		if err != nil {
			t.Fatal(err)
		}
		_, wire, err := encodeCatalog(&pubsub.Message{Data: data, Attributes: map[string]string{
			"schema": string(tc.message.ProtoReflect().Descriptor().FullName()),
		}})
		if err != nil {
			t.Fatal(err)
		}
		fields := fieldsOf(t, wire)
		for _, number := range tc.present {
			if _, ok := fields[number]; !ok {
				t.Errorf("%s: field %d is NULL", name, number)
			}
		}
		for _, number := range tc.absent {
			if _, ok := fields[number]; ok {
				t.Errorf("%s: field %d stands in the row", name, number)
			}
		}
	}
	if _, _, err := encodeCustomer([]byte("\x22\x01x\x32\x06\x0a\x01f\x12\x01r")); err == nil {
		t.Error("a day that is none was encoded")
	}
}

// encoded is an order's row.
func encoded(t *testing.T, o *ordersv1.Order) *warehousev1.StagingOrder {
	t.Helper()
	data, err := proto.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	_, wire, err := encodeOrder(&pubsub.Message{Data: data})
	if err != nil {
		t.Fatal(err)
	}
	row := &warehousev1.StagingOrder{}
	if err := proto.Unmarshal(wire, row); err != nil {
		t.Fatal(err)
	}
	return row
}

// fieldsOf gives the fields that stand in a message, the last of each as its bytes.
func fieldsOf(t *testing.T, wire []byte) map[protowire.Number][]byte {
	t.Helper()
	fields := map[protowire.Number][]byte{}
	for rest := wire; len(rest) > 0; {
		number, typ, n := protowire.ConsumeField(rest)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		fields[number] = nil
		if typ == protowire.BytesType {
			_, _, tag := protowire.ConsumeTag(rest)
			fields[number], _ = protowire.ConsumeBytes(rest[tag:])
		}
		rest = rest[n:]
	}
	return fields
}

// TestZerosAreNotNull holds every encoder to BigQuery's reading of an absent field.
func TestZerosAreNotNull(t *testing.T) {
	t.Parallel()
	tables, err := schema.Tables()
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
		present := fieldsOf(t, wire)
		fields := rowTypes[name].ProtoReflect().Descriptor().Fields()
		table := tables[slices.IndexFunc(tables, func(t schema.Table) bool { return t.Name == name })]
		if fields.Len() != len(table.Columns) {
			t.Errorf("%s: the row has %d fields, the table %d columns", name, fields.Len(), len(table.Columns))
		}
		for _, column := range table.Columns {
			field := fields.ByName(protoreflect.Name(column.Name))
			if field == nil {
				t.Errorf("%s.%s: no such field in the row", name, column.Name)
				continue
			}
			if _, ok := present[field.Number()]; column.Mode == "REQUIRED" && !ok {
				t.Errorf("%s.%s is required, but a zero is left out", name, column.Name)
			}
		}
	}
}

func TestFaultsOf(t *testing.T) {
	t.Parallel()
	for want, rejected := range map[string]*pipelinev1.RejectedRecord{
		`[{"rule":"wrong_type","field_path":"a","message":"one"}]`: {Rule: "wrong_type", FieldPath: "a", Message: "one"},
		`[{"rule":"wrong_type","field_path":"a","message":"one"},{"rule":"missing_field","field_path":"","message":"two"}]`: {
			Rule: "wrong_type", FieldPath: "a", FirstMessage: "one", Message: "2 faults: (1) a: one (2) two",
			FurtherFaults: []*pipelinev1.RecordFault{{Rule: "missing_field", Message: "two"}},
		},
	} {
		if got, err := faultsOf(rejected); err != nil || got != want {
			t.Errorf("%v: %s, want %s", err, got, want)
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
		"given up after a replay": {
			map[string]string{"message_id": "7", "error": "e", "replay_of": "l", "first_message_id": "3", "replays": "2"},
			&warehousev1.DeadLetter{MessageId: "7", Error: "e", FirstMessageId: proto.String("3"), Replays: proto.Int64(2)},
		},
		"of no replay that we know": {
			map[string]string{"message_id": "7", "error": "e", "first_message_id": "3", "replays": "-1"},
			&warehousev1.DeadLetter{MessageId: "7", Error: "e"},
		},
		"of no message that we know": {
			map[string]string{"message_id": "7", "error": "e", "replays": "2"},
			&warehousev1.DeadLetter{MessageId: "7", Error: "e"},
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
