package pubsubfront

import (
	"encoding/base64"
	"encoding/binary"
)

// An ackID names one delivery of one message. The incarnation tells a
// subscription from an earlier one of the same name, whose chunks had the same
// numbers; the lease number tells a delivery from an earlier one of the same
// message, so that a late extension or nack does not touch the present holder.
type ackID struct {
	incarnation uint32
	seq         uint64 // of the chunk, in the subscription's stream
	index       uint16 // of the message, in the chunk
	lease       uint32 // counts the deliveries of the message
}

const (
	ackIDBytes = 4 + 8 + 2 + 4
	ackIDChars = ackIDBytes / 3 * 4 // 24: base64 without padding
)

func (id ackID) appendTo(dst []byte) []byte {
	var b [ackIDBytes]byte
	binary.BigEndian.PutUint32(b[0:], id.incarnation)
	binary.BigEndian.PutUint64(b[4:], id.seq)
	binary.BigEndian.PutUint16(b[12:], id.index)
	binary.BigEndian.PutUint32(b[14:], id.lease)
	return base64.RawURLEncoding.AppendEncode(dst, b[:])
}

func parseAckID(s string) (ackID, error) {
	var src [ackIDChars]byte
	var b [ackIDBytes]byte
	if len(s) != ackIDChars {
		return ackID{}, errBadAckID(s)
	}
	copy(src[:], s)
	if n, err := base64.RawURLEncoding.Decode(b[:], src[:]); err != nil || n != ackIDBytes {
		return ackID{}, errBadAckID(s)
	}
	return ackID{
		incarnation: binary.BigEndian.Uint32(b[0:]),
		seq:         binary.BigEndian.Uint64(b[4:]),
		index:       binary.BigEndian.Uint16(b[12:]),
		lease:       binary.BigEndian.Uint32(b[14:]),
	}, nil
}

func errBadAckID(s string) error {
	return errInvalid("You have passed an invalid ack ID to the service (ack_id=%.64q).", s)
}
