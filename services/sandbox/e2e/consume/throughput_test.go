package consume

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/proto"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestLedgerThroughput has each example take a backlog of orders, and prints how many it took a second,
// from its start to the balance that has them all; go test -v shows it. What it asserts is the balance.
func TestLedgerThroughput(t *testing.T) {
	t.Parallel()
	const files, perFile = 25, 2000
	p := harness.Start(t, "none")
	for _, e := range newLedgers(t, p) {
		publishFiles(t, p, files, perFile)
		begun := time.Now()
		running := e.run(t)
		want := ledgerBalance{Orders: files * perFile, Total: fmt.Sprint(files * perFile * 12)}
		harness.Await(t, fmt.Sprintf("%d orders in %s", want.Orders, e.name), func() (bool, error) {
			got := running.last()
			return got == want, fmt.Errorf("the balance is %+v", got)
		})
		took := time.Since(begun)
		running.end(syscall.SIGTERM)
		t.Logf("the example in %s took %.0f orders a second, and %.0f in a second of a processor, its start and balances included",
			e.name, float64(want.Orders)/took.Seconds(), float64(want.Orders)/running.worked().Seconds())
	}
}

// publishFiles publishes the orders of some files and what became of these.
func publishFiles(t *testing.T, p *harness.Pipeline, files, perFile int) {
	t.Helper()
	client, err := p.Endpoints.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	publish := func(publisher *pubsub.Publisher, m proto.Message) *pubsub.PublishResult {
		data, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return publisher.Publish(context.WithoutCancel(t.Context()), &pubsub.Message{Data: data, Attributes: map[string]string{topology.AttrOrderDate: "2026-11-01", "kind": "orders"}})
	}
	orders, completions := client.Publisher(topology.TopicOrdersValidated), client.Publisher(topology.TopicFilesCompleted)
	var results []*pubsub.PublishResult
	for f := range files {
		parseID := fmt.Sprintf("reading-%d", f)
		for i := range perFile {
			results = append(results, publish(orders, &ordersv1.Order{
				OrderId: fmt.Sprintf("order-%d-%d", f, i), TotalAmount: &money.Money{Units: 12}, PaymentStatusText: "completed",
				Items: []*ordersv1.OrderItem{{ProductId: "P-1", Quantity: 1, UnitPrice: &money.Money{Units: 12}}}, CustomerId: "C-1",
				ShippingAddress: &ordersv1.ShippingAddress{Street: "1 Main St", City: "New York", State: "NY", Zipcode: "10001", Country: "USA"},
				Source:          &pipelinev1.RecordSource{ParseId: parseID, RecordIndex: int64(i)},
			}))
		}
		results = append(results, publish(completions, &pipelinev1.FileCompleted{
			File:    &pipelinev1.LandedFile{FileId: fmt.Sprintf("file-%d", f), Kind: pipelinev1.FileKind_FILE_KIND_ORDERS},
			ParseId: parseID, Revision: 1, Verdict: pipelinev1.Verdict_VERDICT_LOADED, Records: int64(perFile), Loaded: int64(perFile), TransactionNumber: int64(f + 1),
		}))
	}
	for _, r := range results {
		if _, err := r.Get(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
