package staging

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/protobuf/proto"

	"github.com/zackkki/ecomm_datapipeline/pkg/identity"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	warehousev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/warehouse/v1"
)

// Attributes that Pub/Sub itself sets when its dead-letter policy gives a
// message up (cloud.google.com/pubsub/docs/handling-failures).
const (
	attrSourceSubscription = "CloudPubSubDeadLetterSourceSubscription"
	attrSourceDeliveries   = "CloudPubSubDeadLetterSourceDeliveryCount"
)

// encodeDeadLetter keeps letters given up by a service, which says why, and
// those given up by Pub/Sub, which does not.
func encodeDeadLetter(subscription string) encoder {
	return func(m *pubsub.Message) (string, []byte, error) {
		attrs := m.Attributes
		messageID, reason, attempts := attrs[topology.AttrMessageID], attrs[topology.AttrError], attrs[topology.AttrAttempts]
		if messageID == "" {
			messageID = m.ID
		}
		if reason == "" {
			reason, attempts = "delivered too often without an answer", attrs[attrSourceDeliveries]
		}
		attributes, err := json.Marshal(attrs)
		if err != nil {
			return "", nil, fmt.Errorf("encode attributes: %w", err)
		}
		deliveries, _ := strconv.ParseInt(attempts, 10, 64) // unknown is 0
		row := &warehousev1.DeadLetter{
			DeadLetterId:     identity.DeadLetterID(subscription, messageID),
			Subscription:     subscription,
			MessageId:        valid(messageID),
			Data:             m.Data,
			Attributes:       string(attributes),
			Error:            valid(reason),
			DeliveryAttempts: deliveries,
			FileId:           nonEmpty(valid(attrs[topology.AttrFileID])),
			ParseId:          nonEmpty(valid(attrs[topology.AttrParseID])),
			DeadLetteredAt:   m.PublishTime.UnixMicro(),
			DeadLetteredDate: epochDay(m.PublishTime),
		}
		if index, err := strconv.ParseInt(attrs[topology.AttrRecordIndex], 10, 64); err == nil {
			row.RecordIndex = &index
		}
		encoded, err := proto.Marshal(row)
		return tableDeadLetters, encoded, err
	}
}

func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
