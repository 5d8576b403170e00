package cloud

import (
	"context"
	"net"
	"sync/atomic"
	"testing"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
)

// breaking is a Pub/Sub whose streams of messages end one after the other as the test says, nil
// being a stream that delivers a message.
type breaking struct {
	pubsubpb.UnimplementedSubscriberServer
	ends   []error
	opened atomic.Int64
	wrong  atomic.Int64 // streams that do not begin with the subscription
}

func (b *breaking) StreamingPull(stream pubsubpb.Subscriber_StreamingPullServer) error {
	request, err := stream.Recv()
	if err != nil {
		return err
	}
	if request.GetSubscription() != "projects/p/subscriptions/s" {
		b.wrong.Add(1)
	}
	end := b.ends[min(int(b.opened.Add(1)), len(b.ends))-1]
	if end != nil {
		return end
	}
	if err := stream.Send(&pubsubpb.StreamingPullResponse{ReceivedMessages: []*pubsubpb.ReceivedMessage{{AckId: "a", Message: &pubsubpb.PubsubMessage{MessageId: "m"}}}}); err != nil {
		return err
	}
	<-stream.Context().Done()
	return nil
}

func (b *breaking) Acknowledge(context.Context, *pubsubpb.AcknowledgeRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func (b *breaking) ModifyAckDeadline(context.Context, *pubsubpb.ModifyAckDeadlineRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// TestSteadyPull: streams that break off are opened again until one delivers, and the client is
// told of what is final.
func TestSteadyPull(t *testing.T) {
	t.Parallel()
	away := status.Error(codes.Unavailable, "away")
	for name, tc := range map[string]struct {
		ends []error
		want codes.Code
	}{
		"breaks off":    {ends: []error{away, status.Error(codes.Internal, "broken"), status.Error(codes.Aborted, "elsewhere"), nil}},
		"not permitted": {ends: []error{away, status.Error(codes.PermissionDenied, "no")}, want: codes.PermissionDenied},
		"quota used up": {ends: []error{away, status.Error(codes.ResourceExhausted, "no more")}, want: codes.ResourceExhausted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			server, front := grpc.NewServer(), &breaking{ends: tc.ends}
			pubsubpb.RegisterSubscriberServer(server, front)
			go server.Serve(listener)
			t.Cleanup(server.Stop)
			client, err := Config{ProjectID: "p", PubSubHost: listener.Addr().String()}.NewPubSub(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			err = client.Subscriber("s").Receive(ctx, func(_ context.Context, m *pubsub.Message) {
				m.Ack()
				cancel()
			})
			if status.Code(err) != tc.want {
				t.Errorf("received with %v", err)
			}
			if front.opened.Load() != int64(len(tc.ends)) || front.wrong.Load() > 0 {
				t.Errorf("%d streams were opened, %d of them for another subscription", front.opened.Load(), front.wrong.Load())
			}
		})
	}
}
