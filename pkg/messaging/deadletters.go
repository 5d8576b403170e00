package messaging

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"cloud.google.com/go/pubsub/v2"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// maxAttribute is Pub/Sub's limit on an attribute's value in bytes.
const maxAttribute = 1024

// DeadLetters publishes the messages of one subscription that are given up.
type DeadLetters struct {
	subscription string
	publisher    *pubsub.Publisher
}

// NewDeadLetters opens the dead-letter topic of a subscription.
func NewDeadLetters(client *pubsub.Client, subscription string) *DeadLetters {
	return &DeadLetters{
		subscription: subscription,
		publisher:    client.Publisher(topology.DeadLetterTopic(subscription)),
	}
}

// Send publishes m with the reason and waits until it is durable; only then may
// m be acknowledged. The body is kept as it was.
func (d *DeadLetters) Send(ctx context.Context, m *pubsub.Message, reason error) error {
	attrs := make(map[string]string, len(m.Attributes)+4)
	for key, value := range m.Attributes {
		// Pub/Sub adds some of its own, of a topic's schema, and refuses to have
		// them published.
		if !strings.HasPrefix(key, "goog") {
			attrs[key] = value
		}
	}
	attrs[topology.AttrError] = cut(reason.Error())
	attrs[topology.AttrSubscription] = d.subscription
	attrs[topology.AttrMessageID] = m.ID
	if m.DeliveryAttempt != nil {
		attrs[topology.AttrAttempts] = strconv.Itoa(*m.DeliveryAttempt)
	}
	result := d.publisher.Publish(ctx, &pubsub.Message{Data: m.Data, Attributes: attrs})
	d.publisher.Flush()
	if _, err := result.Get(ctx); err != nil {
		return fmt.Errorf("publish dead letter of %s: %w", d.subscription, err)
	}
	return nil
}

// Stop sends what is queued and waits for it.
func (d *DeadLetters) Stop() { d.publisher.Stop() }

func cut(s string) string {
	if len(s) > maxAttribute {
		s = s[:maxAttribute]
	}
	return strings.ToValidUTF8(s, "")
}
