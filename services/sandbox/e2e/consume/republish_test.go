package consume

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

const history = "late-joiner"

// TestLateJoiner has a consumer join when much has happened: orders of every kind were loaded, replaced
// and brought back. It reads the feed from now on and, at the same time, what republish gives it, twice,
// while files land and earlier ones are read again. Its orders are those of the facts, and what it was
// given is what the parser had published.
func TestLateJoiner(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	subscribe(t, p, topology.TopicOrdersValidated, "witness", "")
	faults := generate.Shares{rules.DuplicateOrderReplay: 0.05, rules.DuplicateOrderConflict: 0.05, rules.InvalidQuantity: 0.05}
	p.Land(t, "orders/day.json", harness.OrderFile(t, 61, 300, faults))
	p.Land(t, "orders/everything.json", []byte(everything))
	p.AwaitFiles(t, 2)
	p.Land(t, "orders/a.json", []byte(harness.Version("o-1", 1, 1, "10.00", "pending")+harness.Version("o-2", 1, 3, "5.00", "completed")+
		harness.Version("o-3", 1, 1, "1.00", "pending")+harness.Version("o-3", 2, 2, "2.00", "pending")))
	p.AwaitFiles(t, 3)
	p.Land(t, "orders/b.json", []byte(harness.Version("o-1", 1, 2, "12.00", "completed")+harness.Version("o-2", 1, 2, "4.00", "pending")+
		harness.Version("o-3", 3, 5, "3.00", "refunded")))
	p.AwaitFiles(t, 4)
	b := p.FileID(t, "orders/b.json")
	p.ReplaceBytes(t, b, harness.Version("o-2", 1, 4, "6.00", "completed"))
	p.BringBack(t, 1, "reprocess", b) // the first versions of o-1 and o-3 count again

	examples := newLedgers(t, p)[:1] // what republish gives, one consumer reads
	examples[0].orders, examples[0].files = examples[0].orders+","+history, examples[0].files+","+history+".files"
	republish := func() {
		t.Helper()
		out, err := p.Pipelinectl(t, "republish", "--subscription", history, "--from", "2020-01-01", "--to", "2030-12-31")
		if err != nil || !strings.Contains(out, "orders-validated.republished."+history) {
			t.Fatalf("republish: %v\n%s", err, out)
		}
	}
	republish()
	subscribe(t, p, "orders-validated.republished."+history, "second-witness", "")
	p.Land(t, "orders/new.json", harness.OrderFile(t, 62, 100, faults))
	p.AwaitFiles(t, 5)
	republish()
	checkRepublished(t, p)
	running := examples.run(t)
	running.awaitBalance(t, p)
	p.Land(t, "orders/c.json", []byte(harness.Version("o-1", 1, 9, "20.00", "completed")+harness.Version("o-2", 1, 1, "4.00", "pending")))
	p.AwaitFiles(t, 6)
	p.ReplaceBytes(t, p.FileID(t, "orders/c.json"), harness.Version("o-7", 1, 4, "1.00", "completed"))
	p.BringBack(t, 1, "reprocess", p.FileID(t, "orders/c.json")) // and once more
	running.awaitBalance(t, p)
	running.endAndReconcile(t, p)

	if out, err := p.Pipelinectl(t, "republish", "--subscription", history, "--remove"); err != nil {
		t.Errorf("remove: %v\n%s", err, out)
	}
	out, err := p.Pipelinectl(t, "republish", "--subscription", topology.TopicOrdersValidated+".go")
	if err == nil || !strings.Contains(err.Error(), "choose another name") {
		t.Errorf("a subscription to the feed: %v\n%s", err, out)
	}
}

// everything is an order with all that an order may have, and one with as little as it may.
const everything = `{"order_id":"full","customer_id":"C-1","order_timestamp":"2026-11-01T10:00:00.123456+05:30","updated_at":"2026-11-02T00:00:00.5Z","currency":"USD",` +
	`"items":[{"product_id":"P-1","quantity":3,"unit_price":0.333333333,"discount_amount":0.01},{"product_id":null,"quantity":1,"unit_price":5}],` +
	`"tax_amount":0.5,"tax_included":false,"shipping_amount":4.25,"discount_amount":1.000000001,"refunded_amount":2,"total_amount":9.739999998,` +
	`"payment_status":"canceled","shipping_address":{"street":"Übergasse \"1\"","city":"東京","state":"","zipcode":"01","country":"japan"},"gift":true}
{"order_id":"bare","customer_id":null,"order_timestamp":"2026-11-01T10:00:00Z","items":[{"product_id":null,"quantity":1,"unit_price":0}],"total_amount":0,"payment_status":"On Hold","shipping_address":null}
`

// checkRepublished compares what was published again with what the parser had published.
func checkRepublished(t *testing.T, p *harness.Pipeline) {
	t.Helper()
	count := p.MustQuery(t, "SELECT (SELECT COUNT(*) FROM v_order_versions), (SELECT COUNT(*) FROM staging_orders)")[0]
	again := receive(t, p, "second-witness", int(count[0].(int64)), record(t))
	first := receive(t, p, "witness", int(count[1].(int64)), record(t))
	for key, m := range again {
		original, known := first[key]
		if !known {
			t.Errorf("%s was not published before", key)
			continue
		}
		for _, m := range []published{original, m} {
			// The trace and the topic's schema are those of the publication.
			maps.DeleteFunc(m.attributes, func(name, _ string) bool {
				return name == topology.AttrTraceparent || strings.HasPrefix(name, "googclient_")
			})
		}
		if diff := cmp.Diff(original.attributes, m.attributes); diff != "" {
			t.Errorf("attributes of %s (-first +again):\n%s", key, diff)
		}
		if diff := cmp.Diff(original.order, m.order, protocmp.Transform(),
			protocmp.IgnoreFields(&pipelinev1.RecordSource{}, "warnings", "unknown_fields", "byte_offset", "byte_length")); diff != "" {
			t.Errorf("%s (-first +again):\n%s", key, diff)
		}
	}
}

type published struct {
	order      *ordersv1.Order
	attributes map[string]string
}

// record is the order of a message, by its place.
func record(t *testing.T) func(*pubsub.Message) (string, published) {
	return func(m *pubsub.Message) (string, published) {
		order := new(ordersv1.Order)
		if err := proto.Unmarshal(m.Data, order); err != nil {
			t.Error(err)
		}
		return fmt.Sprintf("record %d of reading %s", order.GetSource().GetRecordIndex(), order.GetSource().GetParseId()), published{order, m.Attributes}
	}
}
