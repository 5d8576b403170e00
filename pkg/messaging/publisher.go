// Package messaging is how services talk: publishers with bounded memory, and a
// consumer loop that decides in one place what becomes of a message.
package messaging

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/protobuf/proto"

	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// Publisher publishes protos to one topic. Safe for concurrent use.
type Publisher struct {
	publisher *pubsub.Publisher
}

// NewPublisher opens a publisher. It batches up to Pub/Sub's limit of 1000
// messages, and Publish blocks while 16 MiB await confirmation: the client's own
// default is to buffer without a bound.
func NewPublisher(client *pubsub.Client, topic string) *Publisher {
	p := client.Publisher(topic)
	p.PublishSettings.CountThreshold = 1000
	p.PublishSettings.ByteThreshold = 1 << 20
	p.PublishSettings.DelayThreshold = 5 * time.Millisecond
	p.PublishSettings.NumGoroutines = 4
	p.PublishSettings.FlowControlSettings = pubsub.FlowControlSettings{
		MaxOutstandingMessages: 20_000,
		MaxOutstandingBytes:    16 << 20,
		LimitExceededBehavior:  pubsub.FlowControlBlock,
	}
	return &Publisher{publisher: p}
}

// Publish queues a message and returns its future result; only a result without
// an error is durable. The attribute schema is added, and traceparent, that of ctx, if it
// is not given; attrs is kept, so the caller must not change it afterwards.
func (p *Publisher) Publish(ctx context.Context, m proto.Message, attrs map[string]string) *pubsub.PublishResult {
	data, err := proto.Marshal(m)
	if err != nil {
		// Only invalid UTF-8 can get here, which every decoder refuses. An empty
		// message without attributes is refused by Pub/Sub, so this fails the result.
		return p.publisher.Publish(ctx, &pubsub.Message{})
	}
	if _, given := attrs[topology.AttrTraceparent]; !given {
		if trace := telemetry.Traceparent(ctx); trace != "" {
			attrs[topology.AttrTraceparent] = trace
		}
	}
	attrs[topology.AttrSchema] = string(m.ProtoReflect().Descriptor().FullName())
	return p.publisher.Publish(ctx, &pubsub.Message{Data: data, Attributes: attrs})
}

// PublishSync publishes one message and waits until it is durable.
func (p *Publisher) PublishSync(ctx context.Context, m proto.Message, attrs map[string]string) error {
	result := p.Publish(ctx, m, attrs)
	p.publisher.Flush()
	if _, err := result.Get(ctx); err != nil {
		return fmt.Errorf("publish to %s: %w", p.publisher.ID(), err)
	}
	return nil
}

// Stop sends what is queued and waits for it.
func (p *Publisher) Stop() { p.publisher.Stop() }
