package queue

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
)

// An AckID names one delivery of one message. The incarnation tells a
// subscription from an earlier one of the same name, whose chunks had the same
// numbers; the lease number tells a delivery from an earlier one of the same
// message, so that a late extension or nack does not touch the present holder.
type AckID struct {
	incarnation uint32
	seq         uint64 // of the chunk, in the subscription's stream
	index       uint16 // of the message, in the chunk
	lease       uint32 // counts the deliveries of the message
}

const (
	ackIDBytes = 4 + 8 + 2 + 4
	// AckIDChars is an id's length: base64 without padding.
	AckIDChars = ackIDBytes / 3 * 4
)

// Attempt counts the deliveries of the message, this one included.
func (id AckID) Attempt() uint32 { return id.lease }

// AppendTo appends the id's text, of AckIDChars characters.
func (id AckID) AppendTo(dst []byte) []byte {
	var b [ackIDBytes]byte
	binary.BigEndian.PutUint32(b[0:], id.incarnation)
	binary.BigEndian.PutUint64(b[4:], id.seq)
	binary.BigEndian.PutUint16(b[12:], id.index)
	binary.BigEndian.PutUint32(b[14:], id.lease)
	return base64.RawURLEncoding.AppendEncode(dst, b[:])
}

func parseAckID(s string) (AckID, error) {
	var src [AckIDChars]byte
	var b [ackIDBytes]byte
	if len(s) != AckIDChars {
		return AckID{}, &AckIDError{s}
	}
	copy(src[:], s)
	if n, err := base64.RawURLEncoding.Decode(b[:], src[:]); err != nil || n != ackIDBytes {
		return AckID{}, &AckIDError{s}
	}
	return AckID{
		incarnation: binary.BigEndian.Uint32(b[0:]),
		seq:         binary.BigEndian.Uint64(b[4:]),
		index:       binary.BigEndian.Uint16(b[12:]),
		lease:       binary.BigEndian.Uint32(b[14:]),
	}, nil
}

// AckIDError is the error for a text that no delivery had for its id.
type AckIDError struct{ Text string }

func (e *AckIDError) Error() string { return fmt.Sprintf("%.64q is not an ack id", e.Text) }
