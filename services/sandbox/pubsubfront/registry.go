package pubsubfront

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/proto"
)

// Topics and subscriptions are kept as records in a stream. Their names may be
// longer than JetStream's and hold dots, so subjects carry a hash of them, and a
// subscription's stream has a random key for a name: a subscription that is
// created anew never meets the stream, or the ack ids, of its predecessor.
const (
	registryStream = "REGISTRY"
	topicSubject   = "registry.topic."
	subSubject     = "registry.subscription."
	keyChars       = 16
)

type topic struct {
	config   *pubsubpb.Topic // replaced, never changed
	subs     []*subscription // likewise
	queues   []string        // subjects of subs, likewise
	contract *contract       // what config's schema asks, nil without one; likewise
}

func (t *topic) setSubs(subs []*subscription) {
	t.subs, t.queues = subs, make([]string, len(subs))
	for i, sub := range subs {
		t.queues[i] = queueSubject(sub.key)
	}
}

func recordName(prefix, name string) string {
	sum := sha256.Sum256([]byte(name))
	return prefix + hex.EncodeToString(sum[:])
}

func newKey() string {
	var b [keyChars / 2]byte
	rand.Read(b[:]) // never fails: crypto/rand's promise
	return hex.EncodeToString(b[:])
}

func incarnationOf(key string) (uint32, error) {
	b, err := hex.DecodeString(key)
	if err != nil || len(b) != keyChars/2 {
		return 0, fmt.Errorf("subscription key %.32q is damaged", key)
	}
	return binary.BigEndian.Uint32(b), nil
}

func (s *Server) storeTopic(ctx context.Context, t *pubsubpb.Topic) error {
	b, err := proto.Marshal(t)
	if err != nil {
		return fmt.Errorf("encode topic: %w", err)
	}
	return s.registry.put(ctx, recordName(topicSubject, t.Name), b)
}

// A subscription's record: its key, the time it was last sought to, its settings.
func (s *Server) storeSubscription(ctx context.Context, key string, seekTo int64, config *pubsubpb.Subscription) error {
	b := binary.BigEndian.AppendUint64([]byte(key), uint64(seekTo))
	b, err := proto.MarshalOptions{}.MarshalAppend(b, config)
	if err != nil {
		return fmt.Errorf("encode subscription: %w", err)
	}
	return s.registry.put(ctx, recordName(subSubject, config.Name), b)
}

var errRecord = errors.New("registry record is damaged")

// restore reads the registry and opens what it names.
func (s *Server) restore(ctx context.Context) (err error) {
	if s.registry, err = s.engine.openTable(ctx, registryStream, "registry.>", 0); err != nil {
		return err
	}
	// No message, and so no progress, outlives the longest retention.
	if s.progress, err = s.engine.openTable(ctx, progressStream, progressSubject+">", maxRetention); err != nil {
		return err
	}
	err = s.registry.each(ctx, schemaSubject+"*", func(_ string, value []byte) error { return s.restoreSchema(ctx, value) })
	if err != nil {
		return err
	}
	err = s.registry.each(ctx, topicSubject+"*", func(_ string, value []byte) error {
		config := new(pubsubpb.Topic)
		if err := proto.Unmarshal(value, config); err != nil {
			return fmt.Errorf("%w: topic: %w", errRecord, err)
		}
		s.topics[config.Name] = &topic{config: config}
		return nil
	})
	if err != nil {
		return err
	}
	for name := range s.schemas {
		s.renewContracts(name)
	}
	s.renewContracts(deletedSchema)
	err = s.registry.each(ctx, subSubject+"*", func(_ string, value []byte) error {
		return s.restoreSubscription(ctx, value)
	})
	if err != nil {
		return err
	}
	return s.sweepQueues(ctx)
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

// sweepQueues deletes streams that no subscription owns: those left by a process
// that ended between the two steps of a creation or a deletion.
func (s *Server) sweepQueues(ctx context.Context) error {
	owned := make(map[string]bool, len(s.subs))
	for _, sub := range s.subs {
		owned[queueName(sub.key)] = true
	}
	names := s.engine.js.StreamNames(ctx)
	var orphans []string
	for name := range names.Name() {
		if key, ok := strings.CutPrefix(name, queuePrefix); ok && !owned[name] {
			orphans = append(orphans, key)
		}
	}
	if err := names.Err(); err != nil {
		return fmt.Errorf("list streams: %w", err)
	}
	for _, key := range orphans {
		if err := s.engine.deleteQueue(ctx, key); err != nil {
			return err
		}
	}
	return nil
}
