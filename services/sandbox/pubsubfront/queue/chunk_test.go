package queue

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/store"
)

func TestAckIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []AckID{{}, {1, 2, 3, 4}, {1<<32 - 1, 1<<64 - 1, 1<<16 - 1, 1<<32 - 1}} {
		text := string(id.AppendTo(nil))
		if got, err := parseAckID(text); err != nil || got != id || len(text) != AckIDChars {
			t.Errorf("%q: %+v, %v, want %+v", text, got, err, id)
		}
	}
	for _, text := range []string{"", "short", "with an illegal \x00 characte", "AAAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAAAAAAA"} {
		if _, err := parseAckID(text); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	p := Policy{Retry: true, MinBackoff: 10 * time.Second, MaxBackoff: time.Minute}
	for attempts, want := range map[uint32]time.Duration{
		1: 10 * time.Second, 2: 20 * time.Second, 3: 40 * time.Second, 4: time.Minute, 5: time.Minute, 1<<32 - 1: time.Minute,
	} {
		if got := p.backoff(attempts); got != want {
			t.Errorf("after %d deliveries %s, want %s", attempts, got, want)
		}
	}
	if got := (Policy{}).backoff(3); got != 0 {
		t.Errorf("without a policy %s", got)
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

func TestFIFO(t *testing.T) {
	t.Parallel()
	var q fifo[int]
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

// FuzzStored: damaged files yield errors, not crashes.
func FuzzStored(f *testing.F) {
	f.Add(store.EncodeChunks([][]byte{{0x0a, 1, 'x'}}, 1, time.Unix(1, 0))[0])
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := newChunk(store.Arrival{Payload: b})
		if err != nil {
			if !errors.Is(err, store.ErrChunk) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		record(b).apply(c)
		for _, m := range c.messages {
			_ = b[m.offset : m.offset+m.size]
		}
	})
}
