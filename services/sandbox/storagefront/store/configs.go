package store

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	eventFinalize       = "OBJECT_FINALIZE"
	eventDelete         = "OBJECT_DELETE"
	eventMetadataUpdate = "OBJECT_METADATA_UPDATE"
	eventArchive        = "OBJECT_ARCHIVE" // in a bucket with versions

	payloadJSON = "JSON_API_V1"
	payloadNone = "NONE"

	maxConfigs = 100 // per bucket, as in the real service

	topicPrefix = "//pubsub.googleapis.com/"
)

var topicName = regexp.MustCompile(`^//pubsub\.googleapis\.com/projects/[^/]+/topics/[^/]+$`)

// NotificationConfig says which events of a bucket are published where. It is immutable.
// Its JSON is the API's and the journal's.
type NotificationConfig struct {
	ID               string            `json:"id"`
	Topic            string            `json:"topic"` // as the API writes it, with topicPrefix
	EventTypes       []string          `json:"event_types,omitempty"`
	ObjectNamePrefix string            `json:"object_name_prefix,omitempty"`
	PayloadFormat    string            `json:"payload_format"`
	CustomAttributes map[string]string `json:"custom_attributes,omitempty"`
}

// TopicName is the topic as Pub/Sub writes it: projects/P/topics/T.
func (n *NotificationConfig) TopicName() string { return strings.TrimPrefix(n.Topic, topicPrefix) }

// HasPayload tells whether messages carry the object's resource.
func (n *NotificationConfig) HasPayload() bool { return n.PayloadFormat == payloadJSON }

// wants reports whether the config asks for this event. No types means all.
func (n *NotificationConfig) wants(eventType, name string) bool {
	return strings.HasPrefix(name, n.ObjectNamePrefix) &&
		(len(n.EventTypes) == 0 || slices.Contains(n.EventTypes, eventType))
}

func (n *NotificationConfig) check() error {
	if !topicName.MatchString(n.Topic) {
		return invalidf("Invalid topic: %q. It must have the form %sprojects/PROJECT/topics/TOPIC.", n.Topic, topicPrefix)
	}
	for _, t := range n.EventTypes {
		switch t {
		case eventFinalize, eventDelete, eventMetadataUpdate, eventArchive:
		default:
			return invalidf("Invalid event type: %q", t)
		}
	}
	if n.PayloadFormat != payloadJSON && n.PayloadFormat != payloadNone {
		return invalidf("Invalid payload format: %q", n.PayloadFormat)
	}
	if len(n.CustomAttributes) > 5 {
		return invalidf("A notification configuration takes at most 5 custom attributes.")
	}
	for k, v := range n.CustomAttributes {
		if len(k) > 256 || len(v) > 1024 {
			return invalidf("A custom attribute's key is at most 256 bytes and its value 1024.")
		}
	}
	return nil
}

// AddConfig keeps a config, under a new id which it returns it with.
func (s *Store) AddConfig(bucketName string, n NotificationConfig) (*NotificationConfig, error) {
	if err := n.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(bucketName)
	if err != nil {
		return nil, err
	}
	if len(b.configs) >= maxConfigs {
		return nil, invalidf("The bucket has too many notification configurations: the limit is %d.", maxConfigs)
	}
	state := *b.state
	state.LastConfig++
	n.ID = strconv.FormatInt(state.LastConfig, 10)
	return &n, s.write(&record{In: bucketName, Bucket: &state, Config: &n})
}

// Config returns a notification config.
func (s *Store) Config(bucketName, id string) (*NotificationConfig, error) {
	if n := s.config(bucketName, id); n != nil {
		return n, nil
	}
	return nil, noConfig(bucketName, id)
}

// config returns a notification config, or nil once it or its bucket is gone.
func (s *Store) config(bucketName, id string) *NotificationConfig {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if b := s.buckets[bucketName]; b != nil {
		return b.configs[id]
	}
	return nil
}

// Configs returns a bucket's configs in the order of their making.
func (s *Store) Configs(bucketName string) ([]*NotificationConfig, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, err := s.bucket(bucketName)
	if err != nil {
		return nil, err
	}
	return slices.SortedFunc(maps.Values(b.configs), func(a, b *NotificationConfig) int {
		return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	}), nil
}

// DropConfig deletes a config and the events that still waited for it.
func (s *Store) DropConfig(bucketName, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.bucket(bucketName)
	if err != nil {
		return err
	}
	if b.configs[id] == nil {
		return noConfig(bucketName, id)
	}
	return s.write(&record{In: bucketName, DropConfig: id})
}

func noConfig(bucketName, id string) error {
	return refuse(NoConfig, "Notification %s does not exist in bucket %s.", id, bucketName)
}
