package consume

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/feed"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestSubscribe makes a consumer's subscription: a second run changes nothing, one with other settings
// brings it to them, and what Pub/Sub or the pipeline would refuse is refused before anything is made.
func TestSubscribe(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "none")
	client, err := p.Endpoints.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	project := "projects/" + p.Endpoints.ProjectID
	has := func(name string) *pubsubpb.Subscription {
		t.Helper()
		sub, err := client.SubscriptionAdminClient.GetSubscription(t.Context(), &pubsubpb.GetSubscriptionRequest{Subscription: project + "/subscriptions/" + name})
		if err != nil {
			return nil
		}
		return sub
	}
	subscribe := func(args ...string) (string, error) {
		return p.Pipelinectl(t, append([]string{"subscribe"}, args...)...)
	}

	for _, refused := range []struct{ args, want string }{
		{"ab", "3 to 240 letters"},
		{"google-shop", "not with goog"},
		{topology.Subscriptions()[0], "is one of the pipeline's own"},
		{"shop --topic=files-landed", "the feeds are"},
		{"shop --max-deliveries=4", "deliveries are from 5 to 100"},
		{"shop --expires=1h", "it expires after 24h0m0s at the soonest"},
		{"shop --filter=country=DE", "filter"},
	} {
		if out, err := subscribe(strings.Fields(refused.args)...); err == nil || !strings.Contains(err.Error(), refused.want) {
			t.Errorf("subscribe %s: %v, want %q\n%s", refused.args, err, refused.want, out)
		}
	}
	if out, err := subscribe("shop", "--dry-run"); err != nil || !strings.Contains(out, "dry run: nothing was changed") || has("shop") != nil {
		t.Errorf("dry run: %v, there is one: %v\n%s", err, has("shop") != nil, out)
	}

	const german = `attributes.country = "DE"`
	if out, err := subscribe("shop", "--filter", german); err != nil || strings.Count(out, "created") != 3 {
		t.Fatalf("made: %v\n%s", err, out)
	}
	made := has("shop")
	if made.GetFilter() != german || made.GetDeadLetterPolicy().GetDeadLetterTopic() != project+"/topics/shop.dead-letter" || has("shop.dead-letter") == nil {
		t.Errorf("made %v", made)
	}
	if out, err := subscribe("shop", "--filter", german); err != nil || strings.Count(out, "unchanged") != 3 {
		t.Errorf("made again: %v\n%s", err, out)
	}
	if out, err := subscribe("shop", "--filter", german, "--max-deliveries", "9"); err != nil || !strings.Contains(out, "updated") || has("shop").DeadLetterPolicy.MaxDeliveryAttempts != 9 {
		t.Errorf("with other settings: %v\n%s", err, out)
	}
	if out, err := subscribe("shop"); err == nil || !strings.Contains(err.Error(), "a filter cannot be changed") {
		t.Errorf("with another filter: %v\n%s", err, out)
	}
}

// TestTail shows what is published while it looks, by the message's attributes and by its body, and
// leaves no subscription behind.
func TestTail(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	type shown struct {
		out string
		err error
	}
	tail := func(args ...string) <-chan shown {
		done := make(chan shown, 1)
		go func() {
			out, err := p.Pipelinectl(t, append([]string{"--output", "json", "tail", topology.TopicOrdersValidated, "--count", "1", "--timeout", "5m"}, args...)...)
			done <- shown{out, err}
		}()
		return done
	}
	byAttribute := tail("--filter", `attributes.payment_status = "failed"`)
	byBody := tail("--where", "payment_status=pending", "--where", "items.product_id=P-3")
	harness.Await(t, "both look", func() (bool, error) {
		n, err := tails(t.Context(), p)
		return n == 2, err
	})
	p.Land(t, "orders/a.json", []byte(harness.Version("o-1", 1, 1, "10.00", "completed")+harness.Version("o-2", 1, 1, "11.00", "failed")+
		strings.ReplaceAll(harness.Version("o-3", 1, 1, "12.00", "pending"), "P-1", "P-2")+
		strings.ReplaceAll(harness.Version("o-4", 1, 1, "13.00", "pending"), "P-1", "P-3")))
	for want, done := range map[string]<-chan shown{"o-2": byAttribute, "o-4": byBody} {
		s := <-done
		if s.err != nil || !strings.Contains(s.out, "\n1 message\n") {
			t.Errorf("order %s: %v\n%s", want, s.err, s.out)
		}
		var m feed.Message
		var order struct {
			ID string `json:"order_id"`
		}
		start := max(strings.Index(s.out, "{"), 0)
		if err := json.NewDecoder(strings.NewReader(s.out[start:])).Decode(&m); err != nil {
			t.Errorf("order %s: %v in\n%s", want, err, s.out)
		} else if err := json.Unmarshal(m.Body, &order); err != nil || order.ID != want || m.Attributes["order_date"] == "" {
			t.Errorf("shown %+v with body %s, want order %s", m, m.Body, want)
		}
	}
	if n, err := tails(t.Context(), p); n != 0 || err != nil {
		t.Errorf("%d subscriptions are left, %v", n, err)
	}

	for args, want := range map[string]string{
		"orders-validatd":                  "did you mean orders-validated?",
		"":                                 "give one TOPIC",
		"orders-validated --where=nothing": "is not of the form FIELD=VALUE",
	} {
		if out, err := p.Pipelinectl(t, append([]string{"tail"}, strings.Fields(args)...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("tail %s: %v, want %q\n%s", args, err, want, out)
		}
	}
}

// tails is how many subscriptions there are that somebody looks through.
func tails(ctx context.Context, p *harness.Pipeline) (n int, err error) {
	client, err := p.Endpoints.NewPubSub(ctx)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	subs := client.SubscriptionAdminClient.ListSubscriptions(ctx, &pubsubpb.ListSubscriptionsRequest{Project: "projects/" + p.Endpoints.ProjectID})
	for {
		sub, err := subs.Next()
		if errors.Is(err, iterator.Done) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		if strings.Contains(sub.Name, ".tail-") {
			n++
		}
	}
}
