package pubsubfront

import (
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// filter decides by a message's attributes whether a subscription delivers it.
// The zero filter delivers everything. Grammar and meaning:
// https://cloud.google.com/pubsub/docs/subscription-message-filter#filtering_syntax
type filter struct{ root condition }

// condition is a node of a filter's expression.
type condition func(attributes attributeList) bool

// attributeList is an encoded PubsubMessage, read for its attributes.
type attributeList []byte

// matches says whether an encoded message, which checkMessage has passed, is to
// be delivered.
func (f filter) matches(message []byte) bool {
	return f.root == nil || f.root(message)
}

// get finds the value of an attribute.
func (l attributeList) get(key string) (string, bool) {
	found, value := false, ""
	for b := []byte(l); len(b) > 0; {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return "", false
		}
		m := protowire.ConsumeFieldValue(num, typ, b[n:])
		if m < 0 {
			return "", false
		}
		if num == fieldAttributes && typ == protowire.BytesType {
			entry, _ := protowire.ConsumeBytes(b[n:])
			// As in any map on the wire, the last entry of a key counts.
			if k, v := entryOf(entry); string(k) == key {
				found, value = true, string(v)
			}
		}
		b = b[n+m:]
	}
	return value, found
}

// entryOf reads an entry of the attribute map.
func entryOf(entry []byte) (key, value []byte) {
	for len(entry) > 0 {
		num, typ, n := protowire.ConsumeTag(entry)
		if n < 0 {
			return nil, nil
		}
		m := protowire.ConsumeFieldValue(num, typ, entry[n:])
		if m < 0 {
			return nil, nil
		}
		if typ == protowire.BytesType {
			v, _ := protowire.ConsumeBytes(entry[n:])
			switch num {
			case 1:
				key = v
			case 2:
				value = v
			}
		}
		entry = entry[n+m:]
	}
	return key, value
}

func has(key string) condition {
	return func(l attributeList) bool { _, ok := l.get(key); return ok }
}

func equals(key, want string) condition {
	return func(l attributeList) bool { v, ok := l.get(key); return ok && v == want }
}

func hasPrefix(key, prefix string) condition {
	return func(l attributeList) bool { v, ok := l.get(key); return ok && strings.HasPrefix(v, prefix) }
}

func not(c condition) condition {
	return func(l attributeList) bool { return !c(l) }
}

func and(a, b condition) condition {
	return func(l attributeList) bool { return a(l) && b(l) }
}

func or(a, b condition) condition {
	return func(l attributeList) bool { return a(l) || b(l) }
}
