package pubsubfront

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/proto"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/iampolicy"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/queue"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/store"
)

// Topics and subscriptions are kept as records in a stream. Their names may be
// longer than JetStream's and hold dots, so subjects carry a hash of them, and a
// subscription's stream has a random key for a name: a subscription that is
// created anew never meets the stream, or the ack ids, of its predecessor.
const (
	registryKind = "registry"
	topicSubject = registryKind + ".topic."
	subSubject   = registryKind + ".subscription."
	keyChars     = 16
)

type topic struct {
	config   *pubsubpb.Topic // replaced, never changed
	subs     []*subscription // likewise
	queues   []string        // subjects of all that keeps its messages, likewise
	contract *contract       // what config's schema asks, nil without one; likewise
}

func (t *topic) setSubs(subs []*subscription) {
	t.subs = subs
	t.route()
}

// route finds out where messages go to: to each subscription's queue, and to the
// histories. Callers hold mu.
func (t *topic) route() {
	queues := make([]string, 0, len(t.subs)+1)
	if t.config.MessageRetentionDuration != nil {
		queues = append(queues, store.HistorySubject(topicKey(t.config.Name)))
	}
	for _, sub := range t.subs {
		queues = append(queues, store.QueueSubject(sub.key))
		if config, _, _ := sub.settings(); config.RetainAckedMessages {
			queues = append(queues, store.HistorySubject(sub.key))
		}
	}
	t.queues = queues
}

func recordName(prefix, name string) string {
	sum := sha256.Sum256([]byte(name))
	return prefix + hex.EncodeToString(sum[:])
}

// topicKey names a topic's history: a topic that is made anew takes its predecessor's
// away.
func topicKey(name string) string { return recordName("", name) }

func newKey() string {
	var b [keyChars / 2]byte
	rand.Read(b[:]) // never fails: crypto/rand's promise
	return hex.EncodeToString(b[:])
}

func (s *Server) storeTopic(ctx context.Context, t *pubsubpb.Topic) error {
	b, err := proto.Marshal(t)
	if err != nil {
		return fmt.Errorf("encode topic: %w", err)
	}
	return s.registry.Put(ctx, recordName(topicSubject, t.Name), b)
}

// A subscription's record: its key, the time it was last sought to, its settings.
func (s *Server) storeSubscription(ctx context.Context, key string, seekTo int64, config *pubsubpb.Subscription) error {
	b := binary.BigEndian.AppendUint64([]byte(key), uint64(seekTo))
	b, err := proto.MarshalOptions{}.MarshalAppend(b, config)
	if err != nil {
		return fmt.Errorf("encode subscription: %w", err)
	}
	return s.registry.Put(ctx, recordName(subSubject, config.Name), b)
}

var errRecord = errors.New("registry record is damaged")

// restore reads the registry and opens what it names. At the start nobody else is there
// yet; later, callers hold admin and mu.
func (s *Server) restore(ctx context.Context) (err error) {
	s.topics, s.subs = make(map[string]*topic), make(map[string]*subscription)
	s.schemas, s.policies = make(map[string][]revision), make(map[string]*iampolicy.Policy)
	if s.registry, err = s.store.OpenTable(ctx, registryKind, 0); err != nil {
		return err
	}
	// No message, and so no progress, outlives the longest retention.
	if s.progress, err = s.store.OpenTable(ctx, queue.ProgressKind, maxRetention); err != nil {
		return err
	}
	err = s.registry.Each(ctx, schemaSubject+"*", func(_ string, value []byte) error { return s.restoreSchema(ctx, value) })
	if err != nil {
		return err
	}
	err = s.registry.Each(ctx, topicSubject+"*", func(_ string, value []byte) error {
		config := new(pubsubpb.Topic)
		if err := proto.Unmarshal(value, config); err != nil {
			return fmt.Errorf("%w: topic: %w", errRecord, err)
		}
		t := &topic{config: config}
		t.route()
		s.topics[config.Name] = t
		if config.MessageRetentionDuration == nil {
			return nil
		}
		return s.store.OpenHistory(ctx, topicKey(config.Name), config.MessageRetentionDuration.AsDuration())
	})
	if err != nil {
		return err
	}
	for name := range s.schemas {
		s.renewContracts(name)
	}
	s.renewContracts(deletedSchema)
	err = s.registry.Each(ctx, subSubject+"*", func(_ string, value []byte) error {
		return s.restoreSubscription(ctx, value)
	})
	if err != nil {
		return err
	}
	if err := s.restorePolicies(ctx); err != nil {
		return err
	}
	return s.sweep(ctx)
}

func (s *Server) restoreSubscription(ctx context.Context, value []byte) error {
	if len(value) < keyChars+8 {
		return fmt.Errorf("%w: subscription: too short", errRecord)
	}
	key, seekTo := string(value[:keyChars]), int64(binary.BigEndian.Uint64(value[keyChars:]))
	config := new(pubsubpb.Subscription)
	if err := proto.Unmarshal(value[keyChars+8:], config); err != nil {
		return fmt.Errorf("%w: subscription: %w", errRecord, err)
	}
	sub, err := s.openSubscription(ctx, key, seekTo, config)
	if err != nil {
		return fmt.Errorf("open subscription %s: %w", config.Name, err)
	}
	s.subs[config.Name] = sub
	if t := s.topics[config.Topic]; t != nil {
		t.setSubs(append(t.subs, sub))
	}
	return nil
}

// sweep deletes streams that nobody owns: those left by a process
// that ended between the two steps of a creation or a deletion.
func (s *Server) sweep(ctx context.Context) error {
	var queues, histories []string
	for _, sub := range s.subs {
		queues = append(queues, sub.key)
		if sub.config.RetainAckedMessages {
			histories = append(histories, sub.key)
		}
	}
	for name, t := range s.topics {
		if t.config.MessageRetentionDuration != nil {
			histories = append(histories, topicKey(name))
		}
	}
	return s.store.Sweep(ctx, queues, histories)
}
