package pubsubfront

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront/queue"
)

// pullWait is how long a Pull waits for a first message. The real service gives
// no number; clients treat an empty answer as "ask again".
const pullWait = 20 * time.Second

// Pull implements pubsubpb.SubscriberServer.
func (r *subscriber) Pull(ctx context.Context, req *pubsubpb.PullRequest) (*pubsubpb.PullResponse, error) {
	sub, err := r.server.find(req.Subscription)
	if err != nil {
		return nil, err
	}
	if req.MaxMessages <= 0 {
		return nil, errInvalid("Invalid max_messages given (max_messages=%d): it must be positive.", req.MaxMessages)
	}
	limit := min(int(req.MaxMessages), queue.MaxBatch)
	wait := pullWait
	//lint:ignore SA1019 deprecated, but clients send it
	if req.ReturnImmediately {
		wait = 100 * time.Millisecond // to read what is stored takes a moment
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	p := sub.queue.Attach(int64(limit), 0)
	defer sub.queue.Detach(p)
	for {
		if ctx.Err() != nil { // nobody waits for what would be taken now
			return &pubsubpb.PullResponse{}, nil
		}
		_, policy, _ := sub.settings()
		if batch := sub.queue.Take(p, nil, limit, policy.ackDeadline); len(batch) > 0 {
			resp := new(pubsubpb.PullResponse)
			resp.ProtoReflect().SetUnknown(encodeDeliveries(batch, policy.MaxAttempts > 0))
			return resp, nil
		}
		select {
		case <-p.Woken():
		case <-timer.C:
			return &pubsubpb.PullResponse{}, nil
		case <-ctx.Done():
			return &pubsubpb.PullResponse{}, nil
		case <-sub.queue.Gone():
			return nil, sub.queue.Err()
		case <-r.server.closing:
			return nil, errShuttingDown()
		}
	}
}

// Acknowledge implements pubsubpb.SubscriberServer.
func (r *subscriber) Acknowledge(_ context.Context, req *pubsubpb.AcknowledgeRequest) (*emptypb.Empty, error) {
	sub, err := r.server.find(req.Subscription)
	if err != nil {
		return nil, err
	}
	if err := checkAckIDs(req, req.AckIds); err != nil {
		return nil, err
	}
	if err := sub.queue.Acknowledge(req.AckIds); err != nil {
		return nil, refusal(err)
	}
	return &emptypb.Empty{}, nil
}

// ModifyAckDeadline implements pubsubpb.SubscriberServer.
func (r *subscriber) ModifyAckDeadline(_ context.Context, req *pubsubpb.ModifyAckDeadlineRequest) (*emptypb.Empty, error) {
	sub, err := r.server.find(req.Subscription)
	if err != nil {
		return nil, err
	}
	if err := checkAckIDs(req, req.AckIds); err != nil {
		return nil, err
	}
	if err := checkExtension(req.AckDeadlineSeconds); err != nil {
		return nil, err
	}
	by := time.Duration(req.AckDeadlineSeconds) * time.Second
	if err := sub.queue.Extend(req.AckIds, func(int) time.Duration { return by }); err != nil {
		return nil, refusal(err)
	}
	return &emptypb.Empty{}, nil
}

// refusal is the answer for an error of a queue, whose only own one is that of a wrong id.
func refusal(err error) error {
	if bad := new(queue.AckIDError); errors.As(err, &bad) {
		return errInvalid("You have passed an invalid ack ID to the service (ack_id=%.64q).", bad.Text)
	}
	return err
}

// maxAckRequestBytes is Pub/Sub's limit of a request that acknowledges or extends
// (https://cloud.google.com/pubsub/quotas#resource_limits).
const maxAckRequestBytes = 512 << 10

func checkAckIDs(req proto.Message, ids []string) error {
	if len(ids) == 0 {
		return errInvalid("No ack ids specified.")
	}
	if proto.Size(req) > maxAckRequestBytes {
		return errInvalid("Request payload size exceeds the limit: %d bytes.", maxAckRequestBytes)
	}
	return nil
}

func checkExtension(seconds int32) error {
	if seconds < 0 || seconds > maxAckDeadline {
		return errInvalid("Invalid ack deadline given (ack_deadline_secs=%d): it must be between 0 and %d seconds.", seconds, maxAckDeadline)
	}
	return nil
}

// stream is one StreamingPull.
type stream struct {
	pubsubpb.Subscriber_StreamingPullServer
	sub   *subscription
	p     *queue.Puller
	lease atomic.Int64 // nanoseconds
	pings atomic.Bool  // the client asked for a sign of life
	ended chan error   // the receiving side's last word
}

// StreamingPull implements pubsubpb.SubscriberServer.
func (r *subscriber) StreamingPull(rpc pubsubpb.Subscriber_StreamingPullServer) error {
	first, err := rpc.Recv()
	if err != nil {
		return err
	}
	sub, err := r.server.find(first.Subscription)
	if err != nil {
		return err
	}
	st := &stream{Subscriber_StreamingPullServer: rpc, sub: sub, ended: make(chan error, 1)}
	if err := st.setDeadline(first.StreamAckDeadlineSeconds); err != nil {
		return err
	}
	if err := st.apply(first); err != nil {
		return err
	}
	st.p = sub.queue.Attach(first.MaxOutstandingMessages, first.MaxOutstandingBytes)
	defer sub.queue.Detach(st.p)
	// It ends when this handler returns, since that ends the stream's context.
	go func() { st.ended <- st.receive() }()
	return st.send(r.server.closing)
}

func (st *stream) setDeadline(seconds int32) error {
	if seconds < minAckDeadline || seconds > maxAckDeadline {
		return errInvalid("Invalid stream ack deadline given (stream_ack_deadline_seconds=%d): it must be between %d and %d seconds.", seconds, minAckDeadline, maxAckDeadline)
	}
	st.lease.Store(int64(seconds) * int64(time.Second))
	return nil
}

// send delivers messages until the stream ends, one way or another.
func (st *stream) send(closing <-chan struct{}) error {
	var batch []queue.Delivery
	for {
		batch = st.sub.queue.Take(st.p, batch[:0], queue.MaxBatch, time.Duration(st.lease.Load()))
		if len(batch) > 0 || st.pings.Swap(false) {
			_, policy, _ := st.sub.settings()
			resp := new(pubsubpb.StreamingPullResponse)
			resp.ProtoReflect().SetUnknown(encodeDeliveries(batch, policy.MaxAttempts > 0))
			clear(batch) // let go of the payloads
			if err := st.Send(resp); err != nil {
				return err
			}
			if len(batch) > 0 {
				select {
				case err := <-st.ended:
					return err
				case <-closing:
					return errShuttingDown()
				default:
					continue
				}
			}
		}
		select {
		case <-st.p.Woken():
		case err := <-st.ended:
			return err
		case <-st.sub.queue.Gone():
			return st.sub.queue.Err()
		case <-closing:
			return errShuttingDown()
		case <-st.Context().Done():
			return st.Context().Err()
		}
	}
}

// receive takes what the client sends. Its nil means that the client will send
// no more, which ends the stream.
func (st *stream) receive() error {
	for {
		req, err := st.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if req.Subscription != "" || req.MaxOutstandingMessages != 0 || req.MaxOutstandingBytes != 0 || req.ProtocolVersion != 0 {
			return errInvalid("The subscription, the flow control settings and the protocol version can be set on the initial request of a stream only.")
		}
		if req.StreamAckDeadlineSeconds != 0 {
			if err := st.setDeadline(req.StreamAckDeadlineSeconds); err != nil {
				return err
			}
		}
		if err := st.apply(req); err != nil {
			return err
		}
		// Clients close a stream that leaves their pings unanswered.
		st.pings.Store(true)
		st.p.Wake()
	}
}

// apply does the acknowledgements and extensions that a request carries.
func (st *stream) apply(req *pubsubpb.StreamingPullRequest) error {
	if len(req.ModifyDeadlineSeconds) != len(req.ModifyDeadlineAckIds) {
		return errInvalid("The request has %d modify_deadline_seconds for %d modify_deadline_ack_ids.", len(req.ModifyDeadlineSeconds), len(req.ModifyDeadlineAckIds))
	}
	for _, seconds := range req.ModifyDeadlineSeconds {
		if err := checkExtension(seconds); err != nil {
			return err
		}
	}
	if len(req.AckIds) > 0 {
		if err := st.sub.queue.Acknowledge(req.AckIds); err != nil {
			return refusal(err)
		}
	}
	if len(req.ModifyDeadlineAckIds) > 0 {
		err := st.sub.queue.Extend(req.ModifyDeadlineAckIds, func(i int) time.Duration {
			return time.Duration(req.ModifyDeadlineSeconds[i]) * time.Second
		})
		return refusal(err)
	}
	return nil
}
