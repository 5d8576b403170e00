package provision

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/structpb"

	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
)

// The text is the contract that consumers see: when the proto grows, so must this.
func TestDefinitionOfOrder(t *testing.T) {
	t.Parallel()
	const want = `// ecommerce.orders.v1.Order, with what it uses nested in it.
syntax = "proto3";

message Order {
  string order_id = 1;
  string customer_id = 2;
  Timestamp order_timestamp = 3;
  repeated OrderItem items = 4;
  Money total_amount = 5;
  PaymentStatus payment_status = 6;
  string payment_status_text = 7;
  ShippingAddress shipping_address = 8;
  RecordSource source = 9;
  Timestamp updated_at = 10;
  Money tax_amount = 11;
  optional bool tax_included = 12;
  Money shipping_amount = 13;
  Money discount_amount = 14;
  Money refunded_amount = 15;
  int32 utc_offset_seconds = 16;

  message Money {
    string currency_code = 1;
    int64 units = 2;
    int32 nanos = 3;
  }

  message OrderItem {
    string product_id = 1;
    int64 quantity = 2;
    Money unit_price = 3;
    Money discount_amount = 4;
  }

  enum PaymentStatus {
    PAYMENT_STATUS_UNSPECIFIED = 0;
    PAYMENT_STATUS_COMPLETED = 1;
    PAYMENT_STATUS_PENDING = 2;
    PAYMENT_STATUS_FAILED = 3;
    PAYMENT_STATUS_REFUNDED = 4;
    PAYMENT_STATUS_PARTIALLY_REFUNDED = 5;
    PAYMENT_STATUS_CANCELLED = 6;
  }

  message RecordSource {
    string file_id = 1;
    string parse_id = 2;
    int64 record_index = 3;
    string content_hash = 4;
    Timestamp landed_at = 5;
    repeated string warnings = 6;
    string unknown_fields = 7;
    int64 byte_offset = 8;
    int64 byte_length = 9;
  }

  message ShippingAddress {
    string street = 1;
    string city = 2;
    string state = 3;
    string zipcode = 4;
    string country = 5;
  }

  message Timestamp {
    int64 seconds = 1;
    int32 nanos = 2;
  }
}
`
	got, err := definition((*ordersv1.Order)(nil).ProtoReflect().Descriptor())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("definition (-want +got):\n%s", diff)
	}
}

func TestDefinitionsCanBeWritten(t *testing.T) {
	t.Parallel()
	for topic, message := range contracts {
		text, err := definition(message)
		if err != nil || !strings.Contains(text, "\nmessage "+string(message.Name())+" {\n") {
			t.Errorf("%s: %v, error %v", topic, text, err)
		}
	}
	var withMap protoreflect.ProtoMessage = (*structpb.Struct)(nil)
	if _, err := definition(withMap.ProtoReflect().Descriptor()); err == nil || !strings.Contains(err.Error(), "field google.protobuf.Struct.fields is a map") {
		t.Errorf("error %v, want one that names the field", err)
	}
}
