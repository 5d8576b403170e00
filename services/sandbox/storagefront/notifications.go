package storagefront

import (
	"cmp"
	"encoding/json"
	"net/http"
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

// notification is one notification config. It is immutable.
type notification struct {
	ID               string            `json:"id"`
	Topic            string            `json:"topic"` // as the API writes it, with topicPrefix
	EventTypes       []string          `json:"event_types,omitempty"`
	ObjectNamePrefix string            `json:"object_name_prefix,omitempty"`
	PayloadFormat    string            `json:"payload_format"`
	CustomAttributes map[string]string `json:"custom_attributes,omitempty"`
}

// wants reports whether the config asks for this event. No types means all.
func (n *notification) wants(eventType, name string) bool {
	return strings.HasPrefix(name, n.ObjectNamePrefix) &&
		(len(n.EventTypes) == 0 || slices.Contains(n.EventTypes, eventType))
}

func (n *notification) check() error {
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

// message renders an event as the real service publishes it;
// https://cloud.google.com/storage/docs/pubsub-notifications#format.
func (s *Server) message(ev *event, n *notification) (message, error) {
	attributes := make(map[string]string, 8+len(n.CustomAttributes))
	for k, v := range n.CustomAttributes {
		attributes[k] = v
	}
	attributes["notificationConfig"] = "projects/_/buckets/" + ev.Bucket + "/notificationConfigs/" + n.ID
	attributes["eventType"] = ev.Type
	attributes["payloadFormat"] = n.PayloadFormat
	attributes["bucketId"] = ev.Bucket
	attributes["objectId"] = ev.Object.Name
	attributes["objectGeneration"] = strconv.FormatInt(ev.Object.Generation, 10)
	attributes["eventTime"] = ev.Time.UTC().Format("2006-01-02T15:04:05.000000Z")
	if ev.Overwrote != 0 {
		attributes["overwroteGeneration"] = strconv.FormatInt(ev.Overwrote, 10)
	}
	if ev.OverwrittenBy != 0 {
		attributes["overwrittenByGeneration"] = strconv.FormatInt(ev.OverwrittenBy, 10)
	}
	m := message{topic: strings.TrimPrefix(n.Topic, topicPrefix), attributes: attributes}
	if n.PayloadFormat == payloadJSON {
		var err error
		if m.data, err = json.Marshal(s.objectResource(ev.Object)); err != nil {
			return message{}, err
		}
	}
	return m, nil
}

// config returns a notification config, or nil once it or its bucket is gone.
func (s *store) config(bucketName, id string) *notification {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if b := s.buckets[bucketName]; b != nil {
		return b.configs[id]
	}
	return nil
}

// addConfig stores a config under a new id.
func (s *store) addConfig(bucketName string, n *notification) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[bucketName]
	if b == nil {
		return errNoBucket
	}
	if len(b.configs) >= maxConfigs {
		return invalidf("The bucket has too many notification configurations: the limit is %d.", maxConfigs)
	}
	state := *b.state
	state.LastConfig++
	n.ID = strconv.FormatInt(state.LastConfig, 10)
	return s.write(&record{In: bucketName, Bucket: &state, Config: n})
}

// configs returns a bucket's configs in the order of their making.
func (s *store) configs(bucketName string) ([]*notification, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b := s.buckets[bucketName]
	if b == nil {
		return nil, errNoBucket
	}
	list := make([]*notification, 0, len(b.configs))
	for _, n := range b.configs {
		list = append(list, n)
	}
	slices.SortFunc(list, func(a, b *notification) int {
		return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	return list, nil
}

// dropConfig deletes a config and the events that still waited for it.
func (s *store) dropConfig(bucketName, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[bucketName]
	if b == nil {
		return errNoBucket
	}
	if b.configs[id] == nil {
		return noConfig(bucketName, id)
	}
	return s.write(&record{In: bucketName, DropConfig: id})
}

func noConfig(bucketName, id string) error {
	return &apiError{http.StatusNotFound, "notFound", "Notification " + id + " does not exist in bucket " + bucketName + "."}
}

type notificationResource struct {
	Kind     string `json:"kind"`
	SelfLink string `json:"selfLink"`
	ETag     string `json:"etag"`
	*notification
}

func (s *Server) notificationResource(bucketName string, n *notification) notificationResource {
	return notificationResource{"storage#notification", s.base + "/storage/v1/b/" + bucketName + "/notificationConfigs/" + n.ID, n.ID, n}
}

func (s *Server) insertConfig(w http.ResponseWriter, r *http.Request, bucketName string) error {
	n := new(notification)
	if err := readJSON(r, n); err != nil {
		return err
	}
	if err := n.check(); err != nil {
		return err
	}
	if err := s.store.addConfig(bucketName, n); err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, s.notificationResource(bucketName, n))
	return nil
}

func (s *Server) listConfigs(w http.ResponseWriter, bucketName string) error {
	list, err := s.store.configs(bucketName)
	if err != nil {
		return err
	}
	reply := struct {
		Kind  string                 `json:"kind"`
		Items []notificationResource `json:"items,omitempty"`
	}{Kind: "storage#notifications"}
	for _, n := range list {
		reply.Items = append(reply.Items, s.notificationResource(bucketName, n))
	}
	writeJSON(w, http.StatusOK, reply)
	return nil
}

func (s *Server) getConfig(w http.ResponseWriter, bucketName, id string) error {
	n := s.store.config(bucketName, id)
	if n == nil {
		return noConfig(bucketName, id)
	}
	writeJSON(w, http.StatusOK, s.notificationResource(bucketName, n))
	return nil
}

func (s *Server) deleteConfig(w http.ResponseWriter, bucketName, id string) error {
	if err := s.store.dropConfig(bucketName, id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
