package staging

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"cloud.google.com/go/pubsub/v2"

	"github.com/zackkki/ecomm_datapipeline/pkg/epoch"
	"github.com/zackkki/ecomm_datapipeline/pkg/identity"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
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
		var r row
		firstID, replays := lineage(attrs)
		if replays > 0 {
			r.text(1, identity.ReplayedLetterID(subscription, firstID, replays))
		} else {
			r.text(1, identity.DeadLetterID(subscription, messageID))
		}
		r.text(2, subscription)
		r.text(3, valid(messageID))
		r.bytes(4, m.Data)
		r.text(5, string(attributes))
		r.text(6, valid(reason))
		r.integer(7, deliveries)
		r.nullableText(8, valid(attrs[topology.AttrFileID]))
		r.nullableText(9, valid(attrs[topology.AttrParseID]))
		if index, err := strconv.ParseInt(attrs[topology.AttrRecordIndex], 10, 64); err == nil {
			r.integer(10, index)
		}
		r.integer(11, m.PublishTime.UnixMicro())
		r.integer(12, int64(epoch.Day(m.PublishTime)))
		if replays > 0 {
			r.text(13, valid(firstID))
			r.integer(14, replays)
		}
		return tableDeadLetters, r.wire, nil
	}
}

// lineage tells what a replayed message was at first, and how often it was replayed;
// 0 for any other message, also if a stranger's attributes make no sense.
func lineage(attrs map[string]string) (firstMessageID string, replays int64) {
	n, err := strconv.ParseInt(attrs[topology.AttrReplays], 10, 64)
	if err != nil || n < 1 || attrs[topology.AttrFirstMessageID] == "" {
		return "", 0
	}
	return attrs[topology.AttrFirstMessageID], n
}

func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
