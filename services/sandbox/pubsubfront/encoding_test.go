package pubsubfront

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
)

func TestAckIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []ackID{{}, {1, 2, 3, 4}, {1<<32 - 1, 1<<64 - 1, 1<<16 - 1, 1<<32 - 1}} {
		text := string(id.appendTo(nil))
		if got, err := parseAckID(text); err != nil || got != id || len(text) != ackIDChars {
			t.Errorf("%q: %+v, %v, want %+v", text, got, err, id)
		}
	}
	for _, text := range []string{"", "short", "with an illegal \x00 characte", "AAAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAAAAAAA"} {
		if _, err := parseAckID(text); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

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

func TestBackoff(t *testing.T) {
	t.Parallel()
	p := policy{retry: true, minBackoff: 10 * time.Second, maxBackoff: time.Minute}
	for attempts, want := range map[uint32]time.Duration{
		1: 10 * time.Second, 2: 20 * time.Second, 3: 40 * time.Second, 4: time.Minute, 5: time.Minute, 1<<32 - 1: time.Minute,
	} {
		if got := p.backoff(attempts); got != want {
			t.Errorf("after %d deliveries %s, want %s", attempts, got, want)
		}
	}
	if got := (policy{}).backoff(3); got != 0 {
		t.Errorf("without a policy %s", got)
	}
}

// TestChunkSplit: a large request becomes several chunks, and nothing is lost.
func TestChunkSplit(t *testing.T) {
	t.Parallel()
	var msgs [][]byte
	for i := range 20 {
		msg, err := proto.Marshal(&pubsubpb.PubsubMessage{Data: bytes.Repeat([]byte{byte(i)}, 300<<10)})
		if err != nil {
			t.Fatal(err)
		}
		msgs = append(msgs, msg)
	}
	chunks := encodeChunks(msgs, 100, time.Unix(7, 8))
	if len(chunks) != 7 {
		t.Errorf("%d chunks, want 7 of 3 messages", len(chunks))
	}
	var got []string
	for _, c := range chunks {
		published, states, err := decodeChunk(c)
		if err != nil || published != time.Unix(7, 8).UnixNano() {
			t.Fatalf("published %d: %v", published, err)
		}
		for _, m := range states {
			msg := new(pubsubpb.PubsubMessage)
			if err := proto.Unmarshal(c[m.offset:m.offset+m.size], msg); err != nil {
				t.Fatal(err)
			}
			got = append(got, msg.MessageId)
		}
	}
	if len(got) != 20 || got[0] != "100" || got[19] != "119" {
		t.Errorf("message ids %v", got)
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	c := &chunk{open: 2, messages: []message{{attempts: 3}, {phase: phaseDone, attempts: 1}, {}}}
	restored := &chunk{open: 3, messages: make([]message, 3)}
	newRecord(c).apply(restored)
	if restored.open != 2 || restored.messages[0].attempts != 3 || restored.messages[1].phase != phaseDone || restored.messages[2].attempts != 0 {
		t.Errorf("restored %+v", restored)
	}
}

func TestQueue(t *testing.T) {
	t.Parallel()
	var q queue[int]
	var got, want []int
	next := 0
	for round := range 300 {
		for range 1 + round%7 {
			q.push(next)
			want = append(want, next)
			next++
		}
		for range min(q.len(), round%6) {
			got = append(got, q.pop())
		}
	}
	for q.len() > 0 {
		got = append(got, q.pop())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

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
		for _, c := range encodeChunks(msgs, 1, time.Unix(1, 0)) {
			if len(msgs) > maxRequestMessages {
				return // refused before it is encoded
			}
			_, states, err := decodeChunk(c)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range states {
				got := new(pubsubpb.PubsubMessage)
				if err := proto.Unmarshal(c[m.offset:m.offset+m.size], got); err != nil {
					t.Fatalf("a subscriber could not decode %x: %v", msgs, err)
				}
				if got.PublishTime.GetSeconds() != 1 || got.MessageId == "forged" {
					t.Fatalf("id %q, time %v", got.MessageId, got.PublishTime)
				}
			}
		}
	})
}

// FuzzStored: damaged files yield errors, not crashes.
func FuzzStored(f *testing.F) {
	f.Add(encodeChunks([][]byte{{0x0a, 1, 'x'}}, 1, time.Unix(1, 0))[0])
	f.Fuzz(func(t *testing.T, b []byte) {
		_, states, err := decodeChunk(b)
		if err != nil {
			if !errors.Is(err, errChunk) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		c := &chunk{open: len(states), messages: states}
		record(b).apply(c)
		for _, m := range states {
			_ = b[m.offset : m.offset+m.size]
		}
	})
}

// TestRecordsThatOutliveTheirChunks: a queue that lost its end to a power cut gives the
// numbers of the lost chunks to new ones, of which old records say nothing.
func TestRecordsThatOutliveTheirChunks(t *testing.T) {
	t.Parallel()
	queue := jetstream.StreamState{FirstSeq: 90, LastSeq: 100}
	for seq, want := range map[uint64]bool{89: false, 90: true, 100: true, 101: false} {
		if got := inQueue(seq, queue); got != want {
			t.Errorf("record %d: in the queue %v, want %v", seq, got, want)
		}
	}
	if inQueue(1, jetstream.StreamState{FirstSeq: 1}) {
		t.Error("an empty queue holds a chunk")
	}
}
