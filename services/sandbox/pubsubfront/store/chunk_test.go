package store

import (
	"bytes"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/proto"
)

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
	chunks := EncodeChunks(msgs, 100, time.Unix(7, 8))
	if len(chunks) != 7 {
		t.Errorf("%d chunks, want 7 of 3 messages", len(chunks))
	}
	var got []string
	for _, c := range chunks {
		chunk, err := ReadChunk(c)
		if err != nil || chunk.Published != time.Unix(7, 8).UnixNano() {
			t.Fatalf("published %d: %v", chunk.Published, err)
		}
		err = chunk.Each(func(_ int, offset, size uint32) {
			msg := new(pubsubpb.PubsubMessage)
			if err := proto.Unmarshal(c[offset:offset+size], msg); err != nil {
				t.Error(err)
			}
			got = append(got, msg.MessageId)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(got) != 20 || got[0] != "100" || got[19] != "119" {
		t.Errorf("message ids %v", got)
	}
}

// TestRecordsThatOutliveTheirChunks: a queue that lost its end to a power cut gives the
// numbers of the lost chunks to new ones, of which old records say nothing.
func TestRecordsThatOutliveTheirChunks(t *testing.T) {
	t.Parallel()
	queue := QueueState{First: 90, Last: 100}
	for seq, want := range map[uint64]bool{89: false, 90: true, 100: true, 101: false} {
		if got := queue.Holds(seq); got != want {
			t.Errorf("record %d: in the queue %v, want %v", seq, got, want)
		}
	}
	if (QueueState{First: 1}).Holds(1) {
		t.Error("an empty queue holds a chunk")
	}
}
