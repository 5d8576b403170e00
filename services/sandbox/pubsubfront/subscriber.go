package pubsubfront

import (
	"context"
	"slices"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/queue"
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
		sub.queue.Close(errNotFound(req.Name))
		return nil, s.internal(ctx, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subs[req.Name] = sub
	t := s.topics[config.Topic]
	t.setSubs(append(slices.Clone(t.subs), sub))
	return s.shown(config), nil
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
	r.server.mu.RLock()
	defer r.server.mu.RUnlock()
	return r.server.shown(config), nil
}

// shown is a subscription as it is answered: with its topic's retention. Callers hold mu
// or admin.
func (s *Server) shown(config *pubsubpb.Subscription) *pubsubpb.Subscription {
	t := s.topics[config.Topic]
	if t == nil || t.config.MessageRetentionDuration == nil {
		return config
	}
	config = proto.CloneOf(config)
	config.TopicMessageRetentionDuration = t.config.MessageRetentionDuration
	return config
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
	p := s.deliveryPolicy(config)
	if p.Retention != before.Retention {
		if _, err := s.store.OpenQueue(ctx, sub.key, p.Retention); err != nil {
			return nil, s.internal(ctx, err)
		}
	}
	if config.RetainAckedMessages {
		if err := s.store.OpenHistory(ctx, sub.key, p.Retention); err != nil {
			return nil, s.internal(ctx, err)
		}
	}
	if err := s.storeSubscription(ctx, sub.key, seekTo, config); err != nil {
		return nil, s.internal(ctx, err)
	}
	sub.configure(config, p)
	s.mu.Lock()
	if t := s.topics[config.Topic]; t != nil {
		t.route()
	}
	s.mu.Unlock()
	if old.RetainAckedMessages && !config.RetainAckedMessages {
		if err := s.store.DeleteHistory(ctx, sub.key); err != nil {
			return nil, s.internal(ctx, err)
		}
	}
	return s.shown(config), nil
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
		resp.Subscriptions = append(resp.Subscriptions, s.shown(config))
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
	if err := s.dropPolicy(ctx, req.Subscription); err != nil {
		return nil, err
	}
	if err := s.registry.Remove(ctx, recordName(subSubject, req.Subscription)); err != nil {
		return nil, s.internal(ctx, err)
	}
	s.mu.Lock()
	delete(s.subs, req.Subscription)
	config, _, _ := sub.settings()
	if t := s.topics[config.Topic]; t != nil {
		t.setSubs(slices.DeleteFunc(slices.Clone(t.subs), func(x *subscription) bool { return x == sub }))
	}
	s.mu.Unlock()
	sub.queue.Close(errNotFound(req.Subscription))
	for _, remove := range []func(context.Context, string) error{s.store.DeleteQueue, s.store.DeleteHistory, s.deleteProgress} {
		if err := remove(ctx, sub.key); err != nil {
			return nil, s.internal(ctx, err)
		}
	}
	return &emptypb.Empty{}, nil
}

func (s *Server) deleteProgress(ctx context.Context, key string) error {
	return queue.DeleteProgress(ctx, s.progress, key)
}

// Seek implements pubsubpb.SubscriberServer, to a time: messages published before it
// count as acknowledged, and those since then that the topic or the subscription retains
// as not acknowledged. As in the real service, what nobody retains does not come back.
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
	if histories := s.histories(sub.key, config); t < time.Now().UnixNano() && len(histories) > 0 {
		if err := sub.queue.Rewind(ctx, t, histories); err != nil {
			return nil, s.internal(ctx, err)
		}
	}
	return &pubsubpb.SeekResponse{}, nil
}

// histories are the keys of those that a subscription can seek in. Callers hold admin.
func (s *Server) histories(key string, config *pubsubpb.Subscription) (keys []string) {
	if s.topic(config.Topic).GetMessageRetentionDuration() != nil {
		keys = append(keys, topicKey(config.Topic))
	}
	if config.RetainAckedMessages {
		keys = append(keys, key)
	}
	return keys
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
