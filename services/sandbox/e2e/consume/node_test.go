package consume

import (
	"testing"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// subscribe makes a subscription with a filter, or with none if that is empty.
func subscribe(t *testing.T, p *harness.Pipeline, topic, subscription, filter string) {
	t.Helper()
	client, err := p.Endpoints.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	prefix := "projects/" + p.Endpoints.ProjectID
	if _, err := client.SubscriptionAdminClient.CreateSubscription(t.Context(), &pubsubpb.Subscription{
		Name: prefix + "/subscriptions/" + subscription, Topic: prefix + "/topics/" + topic, Filter: filter,
	}); err != nil {
		t.Fatal(err)
	}
}
