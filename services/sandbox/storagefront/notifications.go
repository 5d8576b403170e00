package storagefront

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/storagefront/store"
)

// publish hands an event to the notifier as the real service publishes it;
// https://cloud.google.com/storage/docs/pubsub-notifications#format.
func (s *Server) publish(ctx context.Context, to Notifier, ev *store.Event, n *store.NotificationConfig) error {
	attributes := make(map[string]string, 9+len(n.CustomAttributes))
	maps.Copy(attributes, n.CustomAttributes)
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
	var data []byte
	if n.HasPayload() {
		var err error
		if data, err = json.Marshal(s.objectResource(ev.Object)); err != nil {
			return err
		}
	}
	return to.Publish(ctx, n.TopicName(), attributes, data)
}

type notificationResource struct {
	Kind     string `json:"kind"`
	SelfLink string `json:"selfLink"`
	ETag     string `json:"etag"`
	*store.NotificationConfig
}

func (s *Server) notificationResource(bucketName string, n *store.NotificationConfig) notificationResource {
	return notificationResource{"storage#notification", s.base + "/storage/v1/b/" + bucketName + "/notificationConfigs/" + n.ID, n.ID, n}
}

func (s *Server) insertConfig(w http.ResponseWriter, r *http.Request, bucketName string) error {
	var sent store.NotificationConfig
	if err := readJSON(r, &sent); err != nil {
		return err
	}
	n, err := s.store.AddConfig(bucketName, sent)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, s.notificationResource(bucketName, n))
	return nil
}

func (s *Server) listConfigs(w http.ResponseWriter, bucketName string) error {
	list, err := s.store.Configs(bucketName)
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
	n, err := s.store.Config(bucketName, id)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, s.notificationResource(bucketName, n))
	return nil
}

func (s *Server) deleteConfig(w http.ResponseWriter, bucketName, id string) error {
	if err := s.store.DropConfig(bucketName, id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
