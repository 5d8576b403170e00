package pubsubfront

import (
	"context"
	"slices"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
)

// subscriber serves google.pubsub.v1.Subscriber: here what concerns
// subscriptions as resources, in pull.go what concerns messages.
type subscriber struct {
	pubsubpb.UnimplementedSubscriberServer
	server *Server
}

// CreateSubscription implements pubsubpb.SubscriberServer. The subscription
// receives every message whose Publish begins after this returned.
func (r *subscriber) CreateSubscription(ctx context.Context, req *pubsubpb.Subscription) (*pubsubpb.Subscription, error) {
	s := r.server
	if err := checkName(req.Name, "subscriptions"); err != nil {
		return nil, err
	}
	if err := checkName(req.Topic, "topics"); err != nil {
		return nil, err
	}
	config := proto.CloneOf(req)
	if err := normalize(config); err != nil {
		return nil, err
	}
	s.admin.Lock()
	defer s.admin.Unlock()
	if s.subscription(req.Name) != nil {
		return nil, errExists(req.Name)
	}
	if err := s.checkTopics(config); err != nil {
		return nil, err
	}
	key := newKey()
	sub, err := s.openSubscription(ctx, key, 0, config)
	if err != nil {
		return nil, s.internal(ctx, err)
	}
	if err := s.storeSubscription(ctx, key, 0, config); err != nil {
		sub.shut(errNotFound(req.Name))
		return nil, s.internal(ctx, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subs[req.Name] = sub
	t := s.topics[config.Topic]
	t.setSubs(append(slices.Clone(t.subs), sub))
	return config, nil
}

// checkTopics says whether the topics that a subscription names exist. Callers
// hold admin, so that they go on existing.
func (s *Server) checkTopics(config *pubsubpb.Subscription) error {
	if config.Topic != deletedTopic && s.topic(config.Topic) == nil {
		return errNotFound(config.Topic)
	}
	if d := config.DeadLetterPolicy; d != nil && s.topic(d.DeadLetterTopic) == nil {
		return errNotFound(d.DeadLetterTopic)
	}
	return nil
}

// GetSubscription implements pubsubpb.SubscriberServer.
func (r *subscriber) GetSubscription(_ context.Context, req *pubsubpb.GetSubscriptionRequest) (*pubsubpb.Subscription, error) {
	sub, err := r.server.find(req.Subscription)
	if err != nil {
		return nil, err
	}
	config, _, _ := sub.settings()
	return config, nil
}

// UpdateSubscription implements pubsubpb.SubscriberServer.
func (r *subscriber) UpdateSubscription(ctx context.Context, req *pubsubpb.UpdateSubscriptionRequest) (*pubsubpb.Subscription, error) {
	s, change := r.server, req.GetSubscription()
	s.admin.Lock()
	defer s.admin.Unlock()
	sub, err := s.find(change.GetName())
	if err != nil {
		return nil, err
	}
	old, before, seekTo := sub.settings()
	config := proto.CloneOf(old)
	paths := req.GetUpdateMask().GetPaths()
	if len(paths) == 0 {
		return nil, errInvalid("The update_mask in the UpdateSubscriptionRequest must be set, and must contain a non-empty paths list.")
	}
	for _, path := range paths {
		if err := setField(config, proto.CloneOf(change), path); err != nil {
			return nil, err
		}
	}
	if err := normalize(config); err != nil {
		return nil, err
	}
	if err := s.checkTopics(config); err != nil {
		return nil, err
	}
	if retention := policyOf(config).retention; retention != before.retention {
		if _, err := s.engine.openQueue(ctx, sub.key, retention); err != nil {
			return nil, s.internal(ctx, err)
		}
	}
	if err := s.storeSubscription(ctx, sub.key, seekTo, config); err != nil {
		return nil, s.internal(ctx, err)
	}
	sub.configure(config)
	return config, nil
}

// setField copies the field that an update mask names. Settings that are not
// offered are copied too: normalize refuses them by name.
func setField(config, change *pubsubpb.Subscription, path string) error {
	switch path {
	case "ack_deadline_seconds":
		config.AckDeadlineSeconds = change.AckDeadlineSeconds
	case "message_retention_duration":
		config.MessageRetentionDuration = change.MessageRetentionDuration
	case "retry_policy":
		config.RetryPolicy = change.RetryPolicy
	case "dead_letter_policy":
		config.DeadLetterPolicy = change.DeadLetterPolicy
	case "expiration_policy":
		config.ExpirationPolicy = change.ExpirationPolicy
	case "labels":
		config.Labels = change.Labels
	case "push_config":
		config.PushConfig = change.PushConfig
	case "retain_acked_messages":
		config.RetainAckedMessages = change.RetainAckedMessages
	case "enable_exactly_once_delivery":
		config.EnableExactlyOnceDelivery = change.EnableExactlyOnceDelivery
	default:
		return errBadPath(path)
	}
	return nil
}

// ListSubscriptions implements pubsubpb.SubscriberServer.
func (r *subscriber) ListSubscriptions(_ context.Context, req *pubsubpb.ListSubscriptionsRequest) (*pubsubpb.ListSubscriptionsResponse, error) {
	s := r.server
	s.mu.RLock()
	defer s.mu.RUnlock()
	names, next, err := page(names(s.subs, req.Project), req.PageSize, req.PageToken)
	if err != nil {
		return nil, err
	}
	resp := &pubsubpb.ListSubscriptionsResponse{NextPageToken: next}
	for _, name := range names {
		config, _, _ := s.subs[name].settings()
		resp.Subscriptions = append(resp.Subscriptions, config)
	}
	return resp, nil
}

// DeleteSubscription implements pubsubpb.SubscriberServer. The record goes
// first: a stream that is left behind is swept away at the next start.
func (r *subscriber) DeleteSubscription(ctx context.Context, req *pubsubpb.DeleteSubscriptionRequest) (*emptypb.Empty, error) {
	s := r.server
	s.admin.Lock()
	defer s.admin.Unlock()
	sub, err := s.find(req.Subscription)
	if err != nil {
		return nil, err
	}
	if err := s.registry.remove(ctx, recordName(subSubject, req.Subscription)); err != nil {
		return nil, s.internal(ctx, err)
	}
	s.mu.Lock()
	delete(s.subs, req.Subscription)
	config, _, _ := sub.settings()
	if t := s.topics[config.Topic]; t != nil {
		t.setSubs(slices.DeleteFunc(slices.Clone(t.subs), func(x *subscription) bool { return x == sub }))
	}
	s.mu.Unlock()
	sub.shut(errNotFound(req.Subscription))
	if err := s.engine.deleteQueue(ctx, sub.key); err != nil {
		return nil, s.internal(ctx, err)
	}
	if err := s.progress.remove(ctx, progressSubject+sub.key+".*"); err != nil {
		return nil, s.internal(ctx, err)
	}
	return &emptypb.Empty{}, nil
}

// Seek implements pubsubpb.SubscriberServer, to a time: messages published
// before it count as acknowledged. Acknowledged messages are not kept, so none
// come back.
func (r *subscriber) Seek(ctx context.Context, req *pubsubpb.SeekRequest) (*pubsubpb.SeekResponse, error) {
	s := r.server
	target, ok := req.Target.(*pubsubpb.SeekRequest_Time)
	if !ok {
		return nil, errUnimplemented("seeking to a snapshot")
	}
	if err := target.Time.CheckValid(); err != nil {
		return nil, errInvalid("Invalid time given to seek to: %v.", err)
	}
	s.admin.Lock()
	defer s.admin.Unlock()
	sub, err := s.find(req.Subscription)
	if err != nil {
		return nil, err
	}
	config, _, _ := sub.settings()
	t := target.Time.AsTime().UnixNano()
	if err := s.storeSubscription(ctx, sub.key, t, config); err != nil {
		return nil, s.internal(ctx, err)
	}
	sub.seek(t)
	return &pubsubpb.SeekResponse{}, nil
}

func (s *Server) subscription(name string) *subscription {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.subs[name]
}

// find is subscription with the error to answer when there is none.
func (s *Server) find(name string) (*subscription, error) {
	if sub := s.subscription(name); sub != nil {
		return sub, nil
	}
	return nil, missing(name, "subscriptions")
}
