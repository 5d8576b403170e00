package pubsubfront

import (
	"bytes"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/store"
)

// Field numbers of google.pubsub.v1.PubsubMessage. Messages stay in their wire
// encoding all the way through; these are all that is ever read of them.
const (
	fieldData        = 1
	fieldAttributes  = 2
	fieldMessageID   = store.FieldMessageID
	fieldPublishTime = store.FieldPublishTime
	fieldOrderingKey = 5
)

// Limits from https://cloud.google.com/pubsub/quotas#resource_limits.
const (
	maxRequestMessages = store.MaxMessages
	maxRequestBytes    = store.MaxBytes
	maxAttributes      = 100
	maxAttributeKey    = 256
	maxAttributeValue  = 1024
	maxOrderingKey     = 1024
)

var googPrefix = []byte("goog")

// checkMessage validates one encoded PubsubMessage as Publish received it. The
// second result is false if the message carries fields that a publisher does not
// set (an id, a time, something unknown): those must be left out before it is
// stored. What it passes, every protobuf library can read: a message that broke
// the receiving client's decoder would poison the whole response it came in.
func checkMessage(msg []byte) (clean bool, err error) {
	clean = true
	attributes, hasData := 0, false
	for b := msg; len(b) > 0; {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return false, errMalformed(protowire.ParseError(n))
		}
		if typ != protowire.BytesType || num > fieldOrderingKey || num == fieldMessageID || num == fieldPublishTime {
			clean = false
			m := protowire.ConsumeFieldValue(num, typ, b[n:])
			if m < 0 {
				return false, errMalformed(protowire.ParseError(m))
			}
			b = b[n+m:]
			continue
		}
		value, m := protowire.ConsumeBytes(b[n:])
		if m < 0 {
			return false, errMalformed(protowire.ParseError(m))
		}
		b = b[n+m:]
		switch num {
		case fieldData:
			hasData = len(value) > 0
		case fieldAttributes:
			attributes++
			if err := checkAttribute(value); err != nil {
				return false, err
			}
		case fieldOrderingKey:
			if len(value) > maxOrderingKey || !utf8.Valid(value) {
				return false, errInvalid("The ordering key must be valid UTF-8 of at most %d bytes.", maxOrderingKey)
			}
		}
	}
	if attributes > maxAttributes {
		return false, errInvalid("A message has %d attributes, but the maximum is %d.", attributes, maxAttributes)
	}
	if attributes == 0 && !hasData {
		return false, errInvalid("One or more messages in the publish request is empty. Each message must contain either non-empty data, or at least one attribute.")
	}
	return clean, nil
}

// checkAttribute validates one entry of the attribute map.
func checkAttribute(entry []byte) error {
	var key, value []byte
	for len(entry) > 0 {
		num, typ, n := protowire.ConsumeTag(entry)
		if n < 0 {
			return errMalformed(protowire.ParseError(n))
		}
		m := protowire.ConsumeFieldValue(num, typ, entry[n:])
		if m < 0 {
			return errMalformed(protowire.ParseError(m))
		}
		if typ == protowire.BytesType && num <= 2 {
			v, _ := protowire.ConsumeBytes(entry[n:])
			// Each of them: the last one counts, but a decoder refuses the entry for any.
			if !utf8.Valid(v) {
				return errInvalid("Attribute keys and values must be valid UTF-8.")
			}
			if num == 1 {
				key = v
			} else {
				value = v
			}
		}
		entry = entry[n+m:]
	}
	switch {
	case len(key) == 0:
		return errInvalid("An attribute key must not be empty.")
	case len(key) > maxAttributeKey:
		return errInvalid("An attribute key is %d bytes long, but the maximum is %d.", len(key), maxAttributeKey)
	case len(value) > maxAttributeValue:
		return errInvalid("The value of attribute %.64q is %d bytes long, but the maximum is %d.", key, len(value), maxAttributeValue)
	case bytes.HasPrefix(key, googPrefix):
		return errInvalid("The attribute key %.64q begins with goog, which is reserved.", key)
	}
	return nil
}

// appendClean copies the fields of a checked message that a publisher may set.
func appendClean(dst, msg []byte) []byte {
	for len(msg) > 0 {
		num, typ, n := protowire.ConsumeTag(msg)
		m := protowire.ConsumeFieldValue(num, typ, msg[n:])
		if typ == protowire.BytesType && (num == fieldData || num == fieldAttributes || num == fieldOrderingKey) {
			dst = append(dst, msg[:n+m]...)
		}
		msg = msg[n+m:]
	}
	return dst
}

func errMalformed(err error) error {
	return errInvalid("The request is not a valid protocol buffer: %v.", err)
}
