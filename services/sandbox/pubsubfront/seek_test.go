package pubsubfront_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront"
)

// seeker is a front with a topic, orders, and what a seek needs.
type seeker struct {
	server *pubsubfront.Server
	*pubsub.Client
	dir   string
	start time.Time // before anything was published
}

func newSeeker(t *testing.T, retention time.Duration) *seeker {
	t.Helper()
	s := &seeker{dir: t.TempDir(), start: time.Now().Add(-time.Minute)}
	s.server, s.Client = start(t, s.dir)
	topic := &pubsubpb.Topic{Name: topicName("orders")}
	if retention > 0 {
		topic.MessageRetentionDuration = durationpb.New(retention)
	}
	if _, err := s.TopicAdminClient.CreateTopic(t.Context(), topic); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *seeker) restart(t *testing.T) {
	t.Helper()
	if err := s.server.Close(); err != nil {
		t.Fatal(err)
	}
	s.server, s.Client = start(t, s.dir)
}

func (s *seeker) seek(t *testing.T, sub string, to time.Time) {
	t.Helper()
	_, err := s.SubscriptionAdminClient.Seek(t.Context(), &pubsubpb.SeekRequest{
		Subscription: subName(sub), Target: &pubsubpb.SeekRequest_Time{Time: timestamppb.New(to)}})
	if err != nil {
		t.Fatalf("seek %s to %s: %v", sub, to, err)
	}
}

// expect acknowledges messages until a last one, published now, and as many others as are
// wanted have come, in whatever order, and compares those. A message that comes twice is
// there twice, in this call or the next.
func (s *seeker) expect(t *testing.T, what, sub string, want ...string) {
	t.Helper()
	last := fmt.Sprintf("last-%d-", time.Now().UnixNano())
	publish(t, s.Client, "orders", last, 1)
	var got []string
	ended := false
	receive(t, s.Client, sub, func(m *pubsub.Message) bool {
		m.Ack()
		if data := string(m.Data); data == last+"0" {
			ended = true
		} else if !strings.HasPrefix(data, "last-") {
			got = append(got, data)
		}
		return ended && len(got) >= len(want)
	}, func(r *pubsub.ReceiveSettings) { r.NumGoroutines, r.MaxOutstandingMessages = 1, 1 })
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func retainAcked(s *pubsubpb.Subscription) { s.RetainAckedMessages = true }

// TestReplay: what the topic or the subscription retains comes back, once, after a seek
// to before it, also for who joined later and after a restart.
func TestReplay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		topic        time.Duration
		subscription []func(*pubsubpb.Subscription)
		late         bool // whether a subscription that comes later finds the past
	}{
		"by the topic":        {topic: time.Hour, late: true},
		"by the subscription": {subscription: []func(*pubsubpb.Subscription){retainAcked}},
		"by both":             {topic: time.Hour, subscription: []func(*pubsubpb.Subscription){retainAcked}, late: true},
		"by nobody":           {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSeeker(t, test.topic)
			createSub(t, s.Client, "orders", "early", test.subscription...)
			publish(t, s.Client, "orders", "a", 2)
			middle := time.Now()
			publish(t, s.Client, "orders", "b", 1)
			s.expect(t, "at first", "early", "a0", "a1", "b0")
			replayed := func(all ...string) []string {
				if name == "by nobody" {
					return nil
				}
				return all
			}
			s.seek(t, "early", s.start)
			s.expect(t, "after a seek to the start", "early", replayed("a0", "a1", "b0")...)
			s.seek(t, "early", middle)
			s.expect(t, "after a seek to the middle", "early", replayed("b0")...)

			createSub(t, s.Client, "orders", "late", test.subscription...)
			s.expect(t, "before the late one seeks", "late")
			s.seek(t, "late", s.start)
			if test.late {
				s.expect(t, "after the late one seeks", "late", "a0", "a1", "b0")
			} else {
				s.expect(t, "after the late one seeks", "late")
			}

			s.restart(t)
			s.seek(t, "early", s.start)
			s.expect(t, "after a restart", "early", replayed("a0", "a1", "b0")...)
			s.seek(t, "early", s.start)
			s.seek(t, "early", time.Now())
			s.expect(t, "after a seek to the present", "early")
		})
	}
}

// TestReplayKeepsTheBacklog: what was not acknowledged comes once after a seek, whether
// a history holds it or not, and counts once.
func TestReplayKeepsTheBacklog(t *testing.T) {
	t.Parallel()
	s := newSeeker(t, 0)
	createSub(t, s.Client, "orders", "node")
	publish(t, s.Client, "orders", "unretained", 1)
	update := &pubsubpb.Topic{Name: topicName("orders"), MessageRetentionDuration: durationpb.New(time.Hour)}
	mask := &fieldmaskpb.FieldMask{Paths: []string{"message_retention_duration"}}
	if _, err := s.TopicAdminClient.UpdateTopic(t.Context(), &pubsubpb.UpdateTopicRequest{Topic: update, UpdateMask: mask}); err != nil {
		t.Fatal(err)
	}
	publish(t, s.Client, "orders", "retained", 1)
	for range 2 {
		s.seek(t, "node", s.start)
		s.restart(t)
	}
	s.seek(t, "node", s.start)
	all, err := s.server.Backlogs(t.Context())
	if err != nil || len(all) != 1 || all[0].Messages != 2 {
		t.Errorf("backlog %v, %v, want 2 messages", all, err)
	}
	s.expect(t, "after the seeks", "node", "retained0", "unretained0")
	s.seek(t, "node", s.start)
	s.expect(t, "what nobody retained is gone once it is acknowledged", "node", "retained0")

	update.MessageRetentionDuration = nil
	if _, err := s.TopicAdminClient.UpdateTopic(t.Context(), &pubsubpb.UpdateTopicRequest{Topic: update, UpdateMask: mask}); err != nil {
		t.Fatal(err)
	}
	s.seek(t, "node", s.start)
	s.expect(t, "without retention", "node")
}

// TestReplayIsFiltered: a filter keeps back what is replayed as it did the first time.
func TestReplayIsFiltered(t *testing.T) {
	t.Parallel()
	s := newSeeker(t, time.Hour)
	createSub(t, s.Client, "orders", "node", func(sub *pubsubpb.Subscription) { sub.Filter = `attributes.kind = "x"` })
	p := s.Publisher("orders")
	defer p.Stop()
	for _, kind := range []string{"x", "y", "x"} {
		if _, err := p.Publish(t.Context(), &pubsub.Message{Data: []byte(kind), Attributes: map[string]string{"kind": kind}}).Get(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		var n atomic.Int64
		receive(t, s.Client, "node", func(m *pubsub.Message) bool {
			m.Ack()
			if string(m.Data) != "x" {
				t.Errorf("%s passed the filter", m.Data)
			}
			return n.Add(1) == 2
		})
		s.seek(t, "node", s.start)
	}
}

// TestTopicMadeAnew has no past.
func TestTopicMadeAnew(t *testing.T) {
	t.Parallel()
	s := newSeeker(t, time.Hour)
	publish(t, s.Client, "orders", "old", 1)
	if err := s.TopicAdminClient.DeleteTopic(t.Context(), &pubsubpb.DeleteTopicRequest{Topic: topicName("orders")}); err != nil {
		t.Fatal(err)
	}
	topic := &pubsubpb.Topic{Name: topicName("orders"), MessageRetentionDuration: durationpb.New(time.Hour)}
	if _, err := s.TopicAdminClient.CreateTopic(t.Context(), topic); err != nil {
		t.Fatal(err)
	}
	createSub(t, s.Client, "orders", "node")
	s.seek(t, "node", s.start)
	s.expect(t, "of the topic that was deleted", "node")
	got, err := s.SubscriptionAdminClient.GetSubscription(t.Context(), &pubsubpb.GetSubscriptionRequest{Subscription: subName("node")})
	if err != nil || got.TopicMessageRetentionDuration.AsDuration() != time.Hour {
		t.Errorf("the topic's retention by the subscription: %v, %v", got.GetTopicMessageRetentionDuration(), err)
	}
}

func TestTopicRetentionBounds(t *testing.T) {
	t.Parallel()
	_, c := start(t, t.TempDir())
	for _, d := range []time.Duration{0, time.Second, 9 * time.Minute, 32 * 24 * time.Hour} {
		_, err := c.TopicAdminClient.CreateTopic(t.Context(), &pubsubpb.Topic{Name: topicName("orders"), MessageRetentionDuration: durationpb.New(d)})
		if status.Code(err) != codes.InvalidArgument {
			t.Errorf("retention of %s: %v", d, err)
		}
	}
}
