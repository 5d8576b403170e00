package pubsubfront

import (
	"context"
	"fmt"
	"strconv"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/proto"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/store"
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

// bury publishes a message of a subscription to its dead-letter topic.
func (s *Server) bury(ctx context.Context, sub *subscription, message []byte, attempts uint32) error {
	letter := new(pubsubpb.PubsubMessage)
	if err := proto.Unmarshal(message, letter); err != nil {
		return fmt.Errorf("decode a dead letter: %w", err)
	}
	project, id, _ := splitName(sub.name, "subscriptions")
	if letter.Attributes == nil {
		letter.Attributes = make(map[string]string, 4)
	}
	letter.Attributes[attrSourceCount] = strconv.FormatUint(uint64(attempts), 10)
	letter.Attributes[attrSourceSub] = id
	letter.Attributes[attrSourceSubProject] = project
	letter.Attributes[attrSourcePublishTime] = letter.PublishTime.AsTime().Format(sourceTimeFormat)
	letter.MessageId, letter.PublishTime = "", nil
	ctx, cancel := context.WithTimeout(ctx, store.RequestTimeout)
	defer cancel()
	_, policy, _ := sub.settings()
	return s.republish(ctx, policy.deadLetterTopic, letter)
}
