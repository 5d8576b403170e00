package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// A chunk is the messages of one Publish request, as one JetStream message:
//
//	byte     format, 1
//	8 bytes  publish time, Unix nanoseconds, big endian
//	uvarint  number of messages
//	then per message: uvarint length, encoded PubsubMessage with id and time
const (
	chunkFormat = 1
	chunkHeader = 1 + 8

	// A request larger than this becomes several chunks, so that reading a
	// backlog proceeds in small steps.
	chunkSize = 1 << 20
	// A chunk is larger than chunkSize only if a single message is: this is the
	// largest request and what is added to it.
	maxChunkBytes = MaxBytes + 1<<16
)

// Limits of one Publish request (https://cloud.google.com/pubsub/quotas#resource_limits).
const (
	MaxMessages = 1000
	MaxBytes    = 10 << 20 // of its messages
)

// Field numbers of google.pubsub.v1.PubsubMessage for what the service adds to a message.
const (
	FieldMessageID   = 3
	FieldPublishTime = 4
)

// ErrChunk is the error for stored bytes that are no chunk.
var ErrChunk = errors.New("chunk is damaged")

// EncodeChunks encodes messages, giving them the ids firstID, firstID+1, and so
// on. Messages must be well formed and carry neither an id nor a time.
func EncodeChunks(msgs [][]byte, firstID uint64, now time.Time) [][]byte {
	var chunks [][]byte
	publishTime := appendPublishTime(nil, now)
	for len(msgs) > 0 {
		// Take as many messages as a chunk holds, and at least one.
		n, size := 0, 0
		for n < len(msgs) && (n == 0 || size+len(msgs[n]) <= chunkSize) {
			size += len(msgs[n])
			n++
		}
		const perMessage = 64 // more than id, time and length take
		b := make([]byte, 0, chunkHeader+binary.MaxVarintLen32+size+n*perMessage)
		b = append(b, chunkFormat)
		b = binary.BigEndian.AppendUint64(b, uint64(now.UnixNano()))
		b = binary.AppendUvarint(b, uint64(n))
		for _, msg := range msgs[:n] {
			var id [20]byte
			digits := strconv.AppendUint(id[:0], firstID, 10)
			firstID++
			b = binary.AppendUvarint(b, uint64(len(msg)+2+len(digits)+len(publishTime)))
			b = append(b, msg...)
			b = append(b, FieldMessageID<<3|byte(protowire.BytesType), byte(len(digits)))
			b = append(b, digits...)
			b = append(b, publishTime...)
		}
		chunks = append(chunks, b)
		msgs = msgs[n:]
	}
	return chunks
}

func appendPublishTime(b []byte, t time.Time) []byte {
	var ts []byte
	ts = protowire.AppendTag(ts, 1, protowire.VarintType)
	ts = protowire.AppendVarint(ts, uint64(t.Unix()))
	ts = protowire.AppendTag(ts, 2, protowire.VarintType)
	ts = protowire.AppendVarint(ts, uint64(t.Nanosecond()))
	b = protowire.AppendTag(b, FieldPublishTime, protowire.BytesType)
	return protowire.AppendBytes(b, ts)
}

// Chunk is a chunk whose header was read.
type Chunk struct {
	Published int64 // Unix nanoseconds
	Messages  int
	payload   []byte
	body      int // where the messages begin
}

// ReadChunk reads a chunk's header.
func ReadChunk(payload []byte) (Chunk, error) {
	if len(payload) < chunkHeader || payload[0] != chunkFormat {
		return Chunk{}, fmt.Errorf("%w: no header", ErrChunk)
	}
	count, n := binary.Uvarint(payload[chunkHeader:])
	if n <= 0 || count == 0 || count > MaxMessages {
		return Chunk{}, fmt.Errorf("%w: count", ErrChunk)
	}
	return Chunk{
		Published: int64(binary.BigEndian.Uint64(payload[1:])),
		Messages:  int(count),
		payload:   payload,
		body:      chunkHeader + n,
	}, nil
}

// Each calls f with the place of each encoded message in the chunk's payload. An error
// means that the chunk is damaged, whatever f was told by then.
func (c Chunk) Each(f func(i int, offset, size uint32)) error {
	off := c.body
	for i := range c.Messages {
		size, n := binary.Uvarint(c.payload[off:])
		if n <= 0 || size > uint64(len(c.payload)-off-n) {
			return fmt.Errorf("%w: cut short", ErrChunk)
		}
		off += n
		f(i, uint32(off), uint32(size))
		off += int(size)
	}
	if off != len(c.payload) {
		return fmt.Errorf("%w: bytes after the end", ErrChunk)
	}
	return nil
}
