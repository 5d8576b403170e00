package pubsubfront

import (
	"bytes"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/store"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{
		"projects/p/topics/abc":             true,
		"projects/p/topics/a-b_c.d~e+f%25":  true,
		"projects/p/topics/ab":              false,
		"projects/p/topics/google":          false,
		"projects/p/topics/1bc":             false,
		"projects/p/topics/a/b/c":           false,
		"projects/p/topics/a b":             false,
		"projects//topics/abc":              false,
		"projects/p/subscriptions/abc":      false,
		"projects/p/topics/":                false,
		"_deleted_topic_":                   false,
		"projects/p/topics/" + long(255):    true,
		"projects/p/topics/" + long(256):    false,
		"":                                  false,
		"projects/p/topics/abc\xff\xfe\x00": false,
	} {
		if err := checkName(name, "topics"); (err == nil) != good {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func long(n int) string { return string(bytes.Repeat([]byte("x"), n)) }

// FuzzPublishRequest: whatever bytes a client sends as a request, what is
// accepted must come out of a chunk as messages that the library can decode.
func FuzzPublishRequest(f *testing.F) {
	for _, req := range []*pubsubpb.PublishRequest{
		{Topic: "projects/p/topics/abc", Messages: []*pubsubpb.PubsubMessage{{Data: []byte("x"), Attributes: map[string]string{"k": "v"}, OrderingKey: "o"}}},
		{Messages: []*pubsubpb.PubsubMessage{{MessageId: "forged", Data: []byte("x")}, {}}},
	} {
		b, err := proto.Marshal(req)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("\x12\x05\x12\x03\x0a\x01\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		req := new(pubsubpb.PublishRequest)
		if err := newCodec().Unmarshal(mem.BufferSlice{mem.SliceBuffer(b)}, req); err != nil {
			return
		}
		msgs := publishedMessages(req)
		for i, msg := range msgs {
			clean, err := checkMessage(msg)
			if err != nil {
				return
			}
			if !clean {
				msgs[i] = appendClean(nil, msg)
			}
		}
		for _, c := range store.EncodeChunks(msgs, 1, time.Unix(1, 0)) {
			if len(msgs) > maxRequestMessages {
				return // refused before it is encoded
			}
			chunk, err := store.ReadChunk(c)
			if err != nil {
				t.Fatal(err)
			}
			err = chunk.Each(func(_ int, offset, size uint32) {
				got := new(pubsubpb.PubsubMessage)
				if err := proto.Unmarshal(c[offset:offset+size], got); err != nil {
					t.Fatalf("a subscriber could not decode %x: %v", msgs, err)
				}
				if got.PublishTime.GetSeconds() != 1 || got.MessageId == "forged" {
					t.Fatalf("id %q, time %v", got.MessageId, got.PublishTime)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
