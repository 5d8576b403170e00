package pubsubfront

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"
)

// Attributes that Pub/Sub adds to a dead letter
// (https://cloud.google.com/pubsub/docs/handling-failures#track_delivery_attempts).
const (
	attrSourceCount       = "CloudPubSubDeadLetterSourceDeliveryCount"
	attrSourceSub         = "CloudPubSubDeadLetterSourceSubscription"
	attrSourceSubProject  = "CloudPubSubDeadLetterSourceSubscriptionProject"
	attrSourcePublishTime = "CloudPubSubDeadLetterSourceTopicPublishTime"
	sourceTimeFormat      = "2006-01-02T15:04:05.000-07:00"
)

// buryRetry is how long a message rests that could not be dead-lettered, for
// instance because the topic does not exist; then it is delivered again.
const buryRetry = 10 * time.Second

// bury sends a message to the dead-letter topic and then acknowledges it.
func (s *subscription) bury(ctx context.Context, at place) {
	err := s.sendLetter(ctx, at)
	if err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
		s.engine.log.WarnContext(ctx, "sending a message to the dead-letter topic failed", "subscription", s.name, "error", err)
		s.mu.Lock()
		defer s.mu.Unlock()
		if at.chunk.messages[at.index].phase == phaseDying {
			s.deliverAgain(at.chunk, at.index, s.now(), buryRetry)
		}
		return
	}
	var done []string
	s.mu.Lock()
	if m := &at.chunk.messages[at.index]; m.phase == phaseDying && s.finish(at.chunk, m) {
		done = append(done, at.chunk.reply)
	}
	s.mu.Unlock()
	s.settled(done...)
}

func (s *subscription) sendLetter(ctx context.Context, at place) error {
	payload, err := s.payload(ctx, at.chunk)
	if err != nil {
		return err
	}
	s.mu.Lock()
	m := at.chunk.messages[at.index]
	topic, attempts := s.policy.deadLetterTopic, m.attempts
	s.mu.Unlock()
	if m.phase != phaseDying {
		return nil
	}
	letter := new(pubsubpb.PubsubMessage)
	if err := proto.Unmarshal(payload[m.offset:m.offset+m.size], letter); err != nil {
		return fmt.Errorf("decode message %d of chunk %d: %w", at.index, at.chunk.seq, err)
	}
	project, id, _ := splitName(s.name, "subscriptions")
	if letter.Attributes == nil {
		letter.Attributes = make(map[string]string, 4)
	}
	letter.Attributes[attrSourceCount] = strconv.FormatUint(uint64(attempts), 10)
	letter.Attributes[attrSourceSub] = id
	letter.Attributes[attrSourceSubProject] = project
	letter.Attributes[attrSourcePublishTime] = letter.PublishTime.AsTime().Format(sourceTimeFormat)
	letter.MessageId, letter.PublishTime = "", nil
	ctx, cancel := context.WithTimeout(ctx, apiTimeout)
	defer cancel()
	return s.republish(ctx, topic, letter)
}
