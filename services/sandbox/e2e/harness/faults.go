package harness

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// FaultsCall calls the sandbox's /faults, with the rules of a plan if one is given.
func FaultsCall(t *testing.T, method, url string, plan ...string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(strings.Join(plan, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s: %s", method, url, response.Status, text)
	}
	return string(text)
}

// DeliverSoon has Pub/Sub deliver again at once what a consumer gives back.
func (p *Pipeline) DeliverSoon(t *testing.T, topic, consumer string) {
	t.Helper()
	client, err := p.Endpoints.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	soon := durationpb.New(10 * time.Millisecond)
	if _, err := client.SubscriptionAdminClient.UpdateSubscription(t.Context(), &pubsubpb.UpdateSubscriptionRequest{
		Subscription: &pubsubpb.Subscription{
			Name:        fmt.Sprintf("projects/%s/subscriptions/%s", p.Endpoints.ProjectID, topology.Subscription(topic, consumer)),
			RetryPolicy: &pubsubpb.RetryPolicy{MinimumBackoff: soon, MaximumBackoff: soon},
		},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"retry_policy"}},
	}); err != nil {
		t.Fatal(err)
	}
}

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
					again := maps.Clone(m.Attributes)
					again[echoes] = m.ID
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
