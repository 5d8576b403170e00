// Package identity derives the pipeline's ids from what they identify, so that
// doing a step again gives the same ids and changes nothing.
package identity

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"hash"
	"strconv"
)

// An id is 128 bits of SHA-256 in lower-case base32: 26 characters, safe in
// object names, labels and URLs. Two of 10^15 ids collide with probability 10^-9.
const idBytes = 16

var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// FileID identifies one generation of one object. A re-upload under the same
// name is a new generation, so a new file.
func FileID(bucket, name string, generation int64) string {
	return New("file", bucket, name, strconv.FormatInt(generation, 10))
}

// ParseID identifies one reading of a file: the same file read by the same
// rules under the same policies gives the same rows.
func ParseID(fileID, rulesVersion string, policies ...string) string {
	return New(append([]string{"parse", fileID, rulesVersion}, policies...)...)
}

// DeadLetterID identifies a dead letter by the subscription that gave it up and
// the id of the original message.
func DeadLetterID(subscription, messageID string) string {
	return New("dead-letter", subscription, messageID)
}

// ReplayedLetterID identifies the dead letter of a message that was replayed so many
// times: all copies that replays publish of it, whichever of its dead letters they replay,
// give one dead letter.
func ReplayedLetterID(subscription, firstMessageID string, replays int64) string {
	return New("dead-letter", subscription, firstMessageID, strconv.FormatInt(replays, 10))
}

// New derives an id from parts; no two lists of parts give the same bytes to the hash.
func New(parts ...string) string {
	h := NewHasher()
	for _, p := range parts {
		h.String(p)
	}
	return h.Sum()
}

// Hasher derives an id from a record's canonical fields. Reset makes it ready
// for the next record. Not for concurrent use.
type Hasher struct {
	h   hash.Hash
	buf []byte
	sum [sha256.Size]byte
}

// NewHasher returns an empty Hasher.
func NewHasher() *Hasher { return &Hasher{h: sha256.New(), buf: make([]byte, 0, 1024)} }

// Reset forgets all fields.
func (h *Hasher) Reset() {
	h.h.Reset()
	h.buf = h.buf[:0]
}

// String adds a text field.
func (h *Hasher) String(s string) {
	h.buf = binary.AppendUvarint(h.buf, uint64(len(s)))
	h.buf = append(h.buf, s...)
}

// Bytes adds a field of bytes; equal bytes and text are the same field.
func (h *Hasher) Bytes(b []byte) {
	h.buf = binary.AppendUvarint(h.buf, uint64(len(b)))
	h.buf = append(h.buf, b...)
}

// Int adds a number.
func (h *Hasher) Int(v int64) { h.buf = binary.AppendVarint(h.buf, v) }

// Sum is the id of the fields so far.
func (h *Hasher) Sum() string {
	h.h.Reset()
	h.h.Write(h.buf)
	return encoding.EncodeToString(h.h.Sum(h.sum[:0])[:idBytes])
}
