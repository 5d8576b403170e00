package consume

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"cloud.google.com/go/pubsub/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestFeedAttributes lands orders with places spelt as people spell them, in every status, some with a
// version and some without, in a shop's zone: what their messages say in attributes is what their facts
// say, and a filter gives the facts that it names.
func TestFeedAttributes(t *testing.T) {
	t.Parallel()
	config := harness.NewConfig(t.TempDir(), "all")
	config.Variables["TIME_ZONE"] = "America/New_York"
	p := harness.StartWith(t, config)
	subscribe(t, p, topology.TopicOrdersValidated, "everything", "")
	subscribe(t, p, topology.TopicOrdersValidated, "german", `attributes.country = "DE"`)
	subscribe(t, p, topology.TopicOrdersValidated, "one-day-paid", `attributes.order_date = "2026-11-02" AND attributes.payment_status = "completed"`)
	subscribe(t, p, topology.TopicOrdersValidated, "nowhere", `NOT attributes:country`)
	subscribe(t, p, topology.TopicOrdersValidated, "versions-of-november", `hasPrefix(attributes.version, "2026-11")`)
	p.Land(t, "orders/spelt.json", feedOrders(t))
	p.AwaitFiles(t, 1)

	const shown = "SELECT CONCAT(order_id, ' ', payment_status, ' ', CAST(order_date AS STRING), ' ', region, ' ', COALESCE(FORMAT_TIMESTAMP('%FT%H:%M:%E6SZ', updated_at), '-')) FROM fact_orders WHERE "
	for subscription, facts := range map[string]string{
		"everything":           "TRUE",
		"german":               "region = 'Germany'",
		"one-day-paid":         "order_date = DATE '2026-11-02' AND payment_status = 'completed'",
		"nowhere":              "region NOT IN (SELECT name FROM ref_places WHERE state_code IS NULL) AND region NOT IN ('Northeast', 'Midwest', 'South', 'West', 'USA')",
		"versions-of-november": "updated_at >= TIMESTAMP '2026-11-01' AND updated_at < TIMESTAMP '2026-12-01'",
	} {
		t.Run(subscription, func(t *testing.T) {
			t.Parallel()
			want := make(map[string]bool)
			for _, row := range p.MustQuery(t, shown+facts) {
				want[fmt.Sprint(row[0])] = true
			}
			if len(want) < 2 {
				t.Fatalf("only %d facts", len(want))
			}
			got := receive(t, p, subscription, len(want), said)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("orders (-facts +messages):\n%s", diff)
			}
		})
	}
}

// feedOrders are orders to the places of the other end-to-end tests, and some to nowhere.
func feedOrders(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("../landing/testdata/places.txt")
	if err != nil {
		t.Fatal(err)
	}
	addresses := []any{nil, map[string]string{"city": "X", "country": "Neverland"}, map[string]string{"city": "X"}}
	for line := range strings.Lines(string(text)) {
		if f := strings.Split(line, "|"); len(f) == 6 {
			addresses = append(addresses, map[string]string{"city": "X", "state": f[0], "country": f[1]})
		}
	}
	statuses := []string{"completed", "pending", "failed", "refunded", "partially_refunded", "canceled", "On Hold"}
	var orders strings.Builder
	for i, address := range addresses {
		order := map[string]any{
			"order_id": fmt.Sprintf("o-%04d", i), "customer_id": nil, "payment_status": statuses[i%len(statuses)], "shipping_address": address,
			"order_timestamp": fmt.Sprintf("2026-11-0%dT%02d:59:59.999999", 1+i%3, i%24),
			"items":           []any{map[string]any{"product_id": nil, "quantity": 1, "unit_price": 1}}, "total_amount": 1,
		}
		if i%4 > 0 {
			order["updated_at"] = fmt.Sprintf("2026-1%d-05T10:00:00.%0*dZ", i%2, 1+i%5, i%10)
		}
		line, err := json.Marshal(order)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&orders, "%s\n", line)
	}
	return []byte(orders.String())
}

// said is what a message's attributes say of its order.
func said(m *pubsub.Message) (string, bool) {
	version := m.Attributes[topology.AttrVersion]
	if version == "" {
		version = "-"
	}
	return strings.Join([]string{m.Attributes[topology.AttrOrderID], m.Attributes[topology.AttrPaymentStatus],
		m.Attributes[topology.AttrOrderDate], m.Attributes[topology.AttrRegion], version}, " "), true
}

// receive takes messages of a subscription until n that read gives different keys are there.
func receive[V any](t *testing.T, p *harness.Pipeline, subscription string, n int, read func(*pubsub.Message) (key string, value V)) map[string]V {
	t.Helper()
	client, err := p.Endpoints.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), *harness.Deadline)
	defer cancel()
	var mu sync.Mutex
	got := make(map[string]V)
	err = client.Subscriber(subscription).Receive(ctx, func(_ context.Context, m *pubsub.Message) {
		key, value := read(m)
		mu.Lock()
		defer mu.Unlock()
		got[key] = value
		m.Ack()
		if len(got) >= n {
			cancel()
		}
	})
	if err != nil || len(got) < n {
		t.Fatalf("%d of %d messages of %s came: %v", len(got), n, subscription, err)
	}
	return got
}
