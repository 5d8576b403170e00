package harness

import (
	"context"
	"hash/fnv"
	"sync"
	"testing"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// echoes marks a message that was published again, so that it has no echo itself.
const echoes = "echoes"

// Echo publishes messages of every topic a second time, with another id, while
// the test runs: each that belongs to a file, and a third of those of records.
func Echo(t *testing.T, p *Pipeline) {
	t.Helper()
	client, err := p.Endpoints.NewPubSub(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var receivers sync.WaitGroup
	t.Cleanup(func() {
		stop()
		receivers.Wait()
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	for topic, share := range map[string]uint32{
		topology.TopicLandingNotifications: 1, topology.TopicFilesLanded: 1, topology.TopicFilesParsed: 1, topology.TopicFilesCompleted: 1,
		topology.TopicOrdersValidated: 3, topology.TopicCatalogUpdates: 3, topology.TopicRecordsRejected: 3,
	} {
		name := "projects/" + p.Endpoints.ProjectID + "/subscriptions/" + topic + "." + echoes
		if _, err := client.SubscriptionAdminClient.CreateSubscription(t.Context(), &pubsubpb.Subscription{
			Name: name, Topic: "projects/" + p.Endpoints.ProjectID + "/topics/" + topic, AckDeadlineSeconds: 60,
		}); err != nil {
			t.Fatal(err)
		}
		publisher := client.Publisher(topic)
		receivers.Go(func() {
			defer publisher.Stop()
			err := client.Subscriber(name).Receive(ctx, func(ctx context.Context, m *pubsub.Message) {
				if m.Attributes[echoes] == "" && oneIn(share, m.Data) {
					again := map[string]string{echoes: m.ID}
					for key, value := range m.Attributes {
						again[key] = value
					}
					publisher.Publish(ctx, &pubsub.Message{Data: m.Data, Attributes: again})
				}
				m.Ack()
			})
			if err != nil {
				t.Errorf("listen to %s: %v", topic, err)
			}
		})
	}
}

// oneIn chooses by the bytes, so that a seed always repeats the same records.
func oneIn(n uint32, data []byte) bool {
	h := fnv.New32a()
	_, _ = h.Write(data)
	return h.Sum32()%n == 0
}
