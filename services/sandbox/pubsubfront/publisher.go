package pubsubfront

import (
	"context"
	"slices"
	"strings"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/labels"
)

// publisher serves google.pubsub.v1.Publisher: here what concerns topics as
// resources, in publish.go what concerns messages.
type publisher struct {
	pubsubpb.UnimplementedPublisherServer
	server *Server
}

// CreateTopic implements pubsubpb.PublisherServer.
func (p *publisher) CreateTopic(ctx context.Context, req *pubsubpb.Topic) (*pubsubpb.Topic, error) {
	s := p.server
	if err := checkName(req.Name, "topics"); err != nil {
		return nil, err
	}
	if err := refuseTopic(req); err != nil {
		return nil, err
	}
	s.admin.Lock()
	defer s.admin.Unlock()
	if s.topic(req.Name) != nil {
		return nil, errExists(req.Name)
	}
	if err := s.store.DeleteHistory(ctx, topicKey(req.Name)); err != nil { // of a predecessor, if a deletion failed half way
		return nil, s.internal(ctx, err)
	}
	config := proto.CloneOf(req)
	config.State = pubsubpb.Topic_ACTIVE
	return config, s.setTopic(ctx, config)
}

// setTopic stores a topic's settings and lets them hold. Callers hold admin.
func (s *Server) setTopic(ctx context.Context, config *pubsubpb.Topic) error {
	contract, err := s.contractOf(config)
	if err != nil {
		return err
	}
	retention := config.MessageRetentionDuration.AsDuration()
	had := s.topic(config.Name).GetMessageRetentionDuration().AsDuration()
	if retention > 0 {
		if err := s.store.OpenHistory(ctx, topicKey(config.Name), retention); err != nil {
			return s.internal(ctx, err)
		}
	}
	if err := s.storeTopic(ctx, config); err != nil {
		return s.internal(ctx, err)
	}
	s.mu.Lock()
	t := s.topics[config.Name]
	if t == nil {
		t = new(topic)
		s.topics[config.Name] = t
	}
	t.config, t.contract = config, contract
	t.route()
	subs := t.subs
	s.mu.Unlock()
	if retention == had {
		return nil
	}
	if err := s.retain(ctx, subs); err != nil {
		return s.internal(ctx, err)
	}
	if retention == 0 {
		if err := s.store.DeleteHistory(ctx, topicKey(config.Name)); err != nil {
			return s.internal(ctx, err)
		}
	}
	return nil
}

// retain has subscriptions follow their topic's retention. Callers hold admin.
func (s *Server) retain(ctx context.Context, subs []*subscription) error {
	for _, sub := range subs {
		config, _, _ := sub.settings()
		p := s.deliveryPolicy(config)
		if _, err := s.store.OpenQueue(ctx, sub.key, p.Retention); err != nil {
			return err
		}
		sub.configure(config, p)
	}
	return nil
}

// refuseTopic refuses what Pub/Sub does not take of topics, or this package not offer.
func refuseTopic(t *pubsubpb.Topic) error {
	if err := labels.Check(t.Labels); err != nil {
		return errInvalid("Invalid label: %v.", err)
	}
	if d := t.MessageRetentionDuration; d != nil {
		if err := checkDuration("message retention duration", d, minRetention, maxRetention); err != nil {
			return err
		}
	}
	switch {
	case t.KmsKeyName != "":
		return errUnimplemented("encryption keys (kms_key_name)")
	case t.IngestionDataSourceSettings != nil:
		return errUnimplemented("import topics (ingestion_data_source_settings)")
	case len(t.MessageTransforms) > 0:
		return errUnimplemented("message transforms")
	}
	return nil
}

// GetTopic implements pubsubpb.PublisherServer.
func (p *publisher) GetTopic(_ context.Context, req *pubsubpb.GetTopicRequest) (*pubsubpb.Topic, error) {
	t := p.server.topic(req.Topic)
	if t == nil {
		return nil, missing(req.Topic, "topics")
	}
	return t, nil
}

// UpdateTopic implements pubsubpb.PublisherServer.
func (p *publisher) UpdateTopic(ctx context.Context, req *pubsubpb.UpdateTopicRequest) (*pubsubpb.Topic, error) {
	s, name := p.server, req.GetTopic().GetName()
	s.admin.Lock()
	defer s.admin.Unlock()
	old := s.topic(name)
	if old == nil {
		return nil, missing(name, "topics")
	}
	config := proto.CloneOf(old)
	paths := req.GetUpdateMask().GetPaths()
	if len(paths) == 0 {
		return nil, errInvalid("The update_mask in the UpdateTopicRequest must be set, and must contain a non-empty paths list.")
	}
	for _, path := range paths {
		switch path {
		case "labels":
			config.Labels = req.Topic.Labels
		case "message_storage_policy":
			config.MessageStoragePolicy = req.Topic.MessageStoragePolicy
		case "message_retention_duration":
			config.MessageRetentionDuration = req.Topic.MessageRetentionDuration
		case "schema_settings":
			config.SchemaSettings = proto.CloneOf(req.Topic.SchemaSettings)
		case "kms_key_name":
			config.KmsKeyName = req.Topic.KmsKeyName
		default:
			return nil, errBadPath(path)
		}
	}
	if err := refuseTopic(config); err != nil {
		return nil, err
	}
	return config, s.setTopic(ctx, config)
}

func errBadPath(path string) error {
	return errInvalid("Invalid update_mask provided in the request: path %.100q is not a field that can be updated.", path)
}

// ListTopics implements pubsubpb.PublisherServer.
func (p *publisher) ListTopics(_ context.Context, req *pubsubpb.ListTopicsRequest) (*pubsubpb.ListTopicsResponse, error) {
	s := p.server
	s.mu.RLock()
	defer s.mu.RUnlock()
	names, next, err := page(names(s.topics, req.Project), req.PageSize, req.PageToken)
	if err != nil {
		return nil, err
	}
	resp := &pubsubpb.ListTopicsResponse{NextPageToken: next}
	for _, name := range names {
		resp.Topics = append(resp.Topics, s.topics[name].config)
	}
	return resp, nil
}

// ListTopicSubscriptions implements pubsubpb.PublisherServer.
func (p *publisher) ListTopicSubscriptions(_ context.Context, req *pubsubpb.ListTopicSubscriptionsRequest) (*pubsubpb.ListTopicSubscriptionsResponse, error) {
	s := p.server
	s.mu.RLock()
	defer s.mu.RUnlock()
	t := s.topics[req.Topic]
	if t == nil {
		return nil, missing(req.Topic, "topics")
	}
	all := make([]string, len(t.subs))
	for i, sub := range t.subs {
		all[i] = sub.name
	}
	slices.Sort(all)
	names, next, err := page(all, req.PageSize, req.PageToken)
	if err != nil {
		return nil, err
	}
	return &pubsubpb.ListTopicSubscriptionsResponse{Subscriptions: names, NextPageToken: next}, nil
}

// DeleteTopic implements pubsubpb.PublisherServer. Subscriptions stay, with
// their backlog and without a topic.
func (p *publisher) DeleteTopic(ctx context.Context, req *pubsubpb.DeleteTopicRequest) (*emptypb.Empty, error) {
	s := p.server
	s.admin.Lock()
	defer s.admin.Unlock()
	if s.topic(req.Topic) == nil {
		return nil, missing(req.Topic, "topics")
	}
	// The topic's own record goes last: if this fails half way, it can be called
	// again.
	s.mu.RLock()
	subs := s.topics[req.Topic].subs
	s.mu.RUnlock()
	for _, sub := range subs {
		old, _, seekTo := sub.settings()
		config := proto.CloneOf(old)
		config.Topic = deletedTopic
		if err := s.storeSubscription(ctx, sub.key, seekTo, config); err != nil {
			return nil, s.internal(ctx, err)
		}
		sub.configure(config, s.deliveryPolicy(config))
	}
	if err := s.dropPolicy(ctx, req.Topic); err != nil {
		return nil, err
	}
	if err := s.registry.Remove(ctx, recordName(topicSubject, req.Topic)); err != nil {
		return nil, s.internal(ctx, err)
	}
	s.mu.Lock()
	delete(s.topics, req.Topic)
	s.mu.Unlock()
	if err := s.store.DeleteHistory(ctx, topicKey(req.Topic)); err != nil {
		return nil, s.internal(ctx, err)
	}
	return &emptypb.Empty{}, nil
}

// topic gives a topic's settings, nil if there is none of the name.
func (s *Server) topic(name string) *pubsubpb.Topic {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if t := s.topics[name]; t != nil {
		return t.config
	}
	return nil
}

// missing is the error for a resource that is not there: a name that could not
// be is told from one that merely is not.
func missing(name, collection string) error {
	if err := checkName(name, collection); err != nil {
		return err
	}
	return errNotFound(name)
}

// internal hides the storage's words from clients and shows them to the log.
func (s *Server) internal(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return status.FromContextError(ctx.Err()).Err()
	}
	s.log.ErrorContext(ctx, "pubsub storage failed", "error", err)
	return errStorage()
}

// names are the sorted names in m that belong to a project (projects/P).
func names[V any](m map[string]V, project string) []string {
	var all []string
	for name := range m {
		if strings.HasPrefix(name, project+"/") {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

// page is the part of sorted names after token, which is the last name of the
// page before.
func page(all []string, size int32, token string) (names []string, next string, err error) {
	const maxPage = 1000
	if size < 0 {
		return nil, "", errInvalid("Invalid page size given (page_size=%d).", size)
	}
	if size == 0 || size > maxPage {
		size = maxPage
	}
	start, found := slices.BinarySearch(all, token)
	if found {
		start++
	}
	all = all[start:]
	if len(all) > int(size) {
		return all[:size], all[size-1], nil
	}
	return all, "", nil
}
