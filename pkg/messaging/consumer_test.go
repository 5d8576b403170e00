package messaging

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"go.opentelemetry.io/otel/metric/noop"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/zackkki/ecomm_datapipeline/pkg/service"
)

func TestPermanentErrorsKeepTheirCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	err := fmt.Errorf("handle: %w", Permanent(cause))
	if !IsPermanent(err) || !errors.Is(err, cause) {
		t.Errorf("Permanent is not seen through wrapping: %v", err)
	}
	if IsPermanent(cause) {
		t.Error("an ordinary error is taken for permanent")
	}
}

// finishing handles a message only once its process has been told to stop.
type finishing struct {
	started chan struct{}
	stop    <-chan struct{}
	result  error
}

func (f finishing) Handle(ctx context.Context, _ *pubsub.Message) error {
	close(f.started)
	<-f.stop
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("the work in hand was cut off: %w", err)
	}
	return f.result
}

// TestShutdownFinishesAndAcknowledges stops a consumer in the middle of a message.
func TestShutdownFinishesAndAcknowledges(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		result error
		want   int // acknowledgements
	}{
		"a finished message is acknowledged": {nil, 1},
		"a failed message is returned":       {errors.New("not now"), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := pstest.NewServer()
			t.Cleanup(func() { _ = server.Close() })
			client, err := pubsub.NewClient(t.Context(), "p", option.WithEndpoint(server.Addr), option.WithoutAuthentication(),
				option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = client.Close() })
			topic := &pubsubpb.Topic{Name: "projects/p/topics/t"}
			if _, err := client.TopicAdminClient.CreateTopic(t.Context(), topic); err != nil {
				t.Fatal(err)
			}
			subscription := &pubsubpb.Subscription{Name: "projects/p/subscriptions/s", Topic: topic.GetName(), AckDeadlineSeconds: 60}
			if _, err := client.SubscriptionAdminClient.CreateSubscription(t.Context(), subscription); err != nil {
				t.Fatal(err)
			}
			server.Publish(topic.GetName(), []byte("x"), nil)

			ctx, stop := context.WithCancel(t.Context())
			handler := finishing{make(chan struct{}), ctx.Done(), tc.result}
			rt := service.Runtime{
				Log: slog.New(slog.DiscardHandler), Meter: noop.NewMeterProvider().Meter(""),
				Ready: func(string, func() error) {},
			}
			consumer, err := NewConsumer(client, ConsumerConfig{Subscription: "s"}, rt, handler)
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- consumer.Run(ctx) }()
			<-handler.started
			stop()
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			if got := server.Messages()[0].Acks; got != tc.want {
				t.Errorf("%d acknowledgements reached the server, want %d", got, tc.want)
			}
		})
	}
}
