package pubsubfront

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
	maxChunkBytes = maxRequestBytes + 1<<16
)

var errChunk = errors.New("chunk is damaged")

// encodeChunks encodes messages, giving them the ids firstID, firstID+1, and so
// on. Messages must be clean, as checkMessage means it.
func encodeChunks(msgs [][]byte, firstID uint64, now time.Time) [][]byte {
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
			b = append(b, fieldMessageID<<3|byte(protowire.BytesType), byte(len(digits)))
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
	b = protowire.AppendTag(b, fieldPublishTime, protowire.BytesType)
	return protowire.AppendBytes(b, ts)
}

// decodeChunk finds a chunk's publish time (Unix nanoseconds) and its messages.
func decodeChunk(payload []byte) (published int64, msgs []message, err error) {
	if len(payload) < chunkHeader || payload[0] != chunkFormat {
		return 0, nil, fmt.Errorf("%w: no header", errChunk)
	}
	published = int64(binary.BigEndian.Uint64(payload[1:]))
	off := chunkHeader
	count, n := binary.Uvarint(payload[off:])
	if n <= 0 || count == 0 || count > maxRequestMessages {
		return 0, nil, fmt.Errorf("%w: count", errChunk)
	}
	off += n
	msgs = make([]message, count)
	for i := range msgs {
		size, n := binary.Uvarint(payload[off:])
		if n <= 0 || size > uint64(len(payload)-off-n) {
			return 0, nil, fmt.Errorf("%w: cut short", errChunk)
		}
		off += n
		msgs[i] = message{offset: uint32(off), size: uint32(size)}
		off += int(size)
	}
	if off != len(payload) {
		return 0, nil, fmt.Errorf("%w: bytes after the end", errChunk)
	}
	return published, msgs, nil
}
