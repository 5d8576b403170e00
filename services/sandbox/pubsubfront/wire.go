package pubsubfront

import (
	"encoding/binary"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/queue"
)

// Responses are encoded here, field by field, and handed to gRPC as the unknown
// fields of an empty response, which it writes as they are.

// Field numbers of StreamingPullResponse and PullResponse (the same), of
// ReceivedMessage and of PublishResponse; all are length-delimited but the last
// of ReceivedMessage.
const (
	tagReceivedMessage = 1<<3 | byte(protowire.BytesType)
	tagAckID           = 1<<3 | byte(protowire.BytesType)
	tagMessage         = 2<<3 | byte(protowire.BytesType)
	tagAttempt         = 3<<3 | byte(protowire.VarintType)
	tagMessageIDs      = 1<<3 | byte(protowire.BytesType)
)

// encodeDeliveries encodes received_messages. The delivery attempt is sent only
// to subscriptions with a dead-letter policy, as in the real service.
func encodeDeliveries(batch []queue.Delivery, withAttempt bool) []byte {
	const perMessage = queue.AckIDChars + 5*binary.MaxVarintLen32 // more than all but the message takes
	room := 0
	for i := range batch {
		room += perMessage + len(batch[i].Message)
	}
	b := make([]byte, 0, room)
	for i := range batch {
		d := &batch[i]
		size := 2 + queue.AckIDChars + 1 + protowire.SizeVarint(uint64(len(d.Message))) + len(d.Message)
		if withAttempt {
			size += 1 + protowire.SizeVarint(uint64(d.ID.Attempt()))
		}
		b = append(b, tagReceivedMessage)
		b = binary.AppendUvarint(b, uint64(size))
		b = append(b, tagAckID, queue.AckIDChars)
		b = d.ID.AppendTo(b)
		b = append(b, tagMessage)
		b = binary.AppendUvarint(b, uint64(len(d.Message)))
		b = append(b, d.Message...)
		if withAttempt {
			b = append(b, tagAttempt)
			b = binary.AppendUvarint(b, uint64(d.ID.Attempt()))
		}
	}
	return b
}

// encodeMessageIDs encodes the message_ids of a PublishResponse.
func encodeMessageIDs(first uint64, n int) []byte {
	const perID = 2 + 20
	b := make([]byte, 0, n*perID)
	for id := first; id < first+uint64(n); id++ {
		at := len(b) + 1
		b = append(b, tagMessageIDs, 0)
		b = strconv.AppendUint(b, id, 10)
		b[at] = byte(len(b) - at - 1)
	}
	return b
}
