package pubsubfront

import (
	"context"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/store"
)

// Publish implements pubsubpb.PublisherServer.
func (p *publisher) Publish(ctx context.Context, req *pubsubpb.PublishRequest) (*pubsubpb.PublishResponse, error) {
	msgs := publishedMessages(req)
	switch {
	case len(msgs) == 0:
		return nil, errInvalid("The publish request contains no messages.")
	case len(msgs) > maxRequestMessages:
		return nil, errInvalid("The value for message_count is too large. You passed %d in the request, but the maximum value is %d.", len(msgs), maxRequestMessages)
	}
	size := 0
	for i, msg := range msgs {
		clean, err := checkMessage(msg)
		if err != nil {
			return nil, err
		}
		if !clean {
			msgs[i] = appendClean(nil, msg)
		}
		size += len(msg)
	}
	if size > maxRequestBytes {
		return nil, errInvalid("Request payload size exceeds the limit: %d bytes.", maxRequestBytes)
	}
	if err := p.server.admit(req.Topic, msgs); err != nil {
		return nil, err
	}
	firstID, err := p.server.publish(ctx, req.Topic, msgs)
	if err != nil {
		return nil, err
	}
	resp := new(pubsubpb.PublishResponse)
	resp.ProtoReflect().SetUnknown(encodeMessageIDs(firstID, len(msgs)))
	return resp, nil
}

// admit holds clean messages to the schema of the topic, if it has one.
func (s *Server) admit(name string, msgs [][]byte) error {
	s.mu.RLock()
	var c *contract
	if t := s.topics[name]; t != nil {
		c = t.contract
	}
	s.mu.RUnlock()
	if c == nil {
		return nil
	}
	return c.admit(msgs)
}

// publish stores encoded messages for every subscription of a topic.
func (s *Server) publish(ctx context.Context, name string, msgs [][]byte) (firstID uint64, err error) {
	s.mu.RLock()
	t, kept := s.topics[name], s.store
	var (
		queues []string
		subs   []*subscription
	)
	if t != nil {
		queues, subs = t.queues, t.subs
	}
	s.mu.RUnlock()
	if t == nil {
		return 0, missing(name, "topics")
	}
	n := uint64(len(msgs))
	firstID = s.nextID.Add(n) - n
	if len(queues) == 0 {
		return firstID, nil
	}
	for _, sub := range subs {
		sub.queue.Expect(msgs) // before a subscription can read them
	}
	if err := kept.Publish(ctx, queues, store.EncodeChunks(msgs, firstID, time.Now())); err != nil {
		for _, sub := range subs {
			sub.queue.Unexpect(msgs)
		}
		if ctx.Err() != nil {
			return 0, status.FromContextError(ctx.Err()).Err()
		}
		// Also what a subscription that was deleted meanwhile comes to: the
		// client tries again.
		s.log.WarnContext(ctx, "storing published messages failed", "topic", name, "error", err)
		return 0, status.Error(codes.Unavailable, "The messages could not be stored. Try again.")
	}
	return firstID, nil
}

// Publish stores one message under a topic (projects/P/topics/T) and returns
// when it is durable. Errors carry gRPC's codes, as those of a client do.
func (s *Server) Publish(ctx context.Context, topic string, attributes map[string]string, data []byte) error {
	msg, err := proto.Marshal(&pubsubpb.PubsubMessage{Attributes: attributes, Data: data})
	if err != nil {
		return errInvalid("The message cannot be encoded: %v.", err)
	}
	if _, err := checkMessage(msg); err != nil {
		return err
	}
	if len(msg) > maxRequestBytes {
		return errInvalid("Request payload size exceeds the limit: %d bytes.", maxRequestBytes)
	}
	msgs := [][]byte{msg}
	if err := s.admit(topic, msgs); err != nil {
		return err
	}
	_, err = s.publish(ctx, topic, msgs)
	return err
}

// republish is Publish for dead letters. The attributes that they gain may take
// them over the limits for publishers, so none apply.
func (s *Server) republish(ctx context.Context, topic string, letter *pubsubpb.PubsubMessage) error {
	msg, err := proto.Marshal(letter)
	if err != nil {
		return errInvalid("The message cannot be encoded: %v.", err)
	}
	_, err = s.publish(ctx, topic, [][]byte{msg})
	return err
}
