package embedded

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// broken is a server whose every method panics.
type broken struct {
	pubsubpb.UnimplementedSubscriberServer
}

func (broken) GetSubscription(context.Context, *pubsubpb.GetSubscriptionRequest) (*pubsubpb.Subscription, error) {
	panic("unary defect")
}

func (broken) StreamingPull(pubsubpb.Subscriber_StreamingPullServer) error {
	panic("stream defect")
}

func TestPanicsOfGRPC(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	server := grpc.NewServer(recovering(slog.New(slog.NewTextHandler(&log, nil)))...)
	pubsubpb.RegisterSubscriberServer(server, broken{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	client := pubsubpb.NewSubscriberClient(conn)
	if _, err := client.GetSubscription(t.Context(), &pubsubpb.GetSubscriptionRequest{}); status.Code(err) != codes.Internal {
		t.Errorf("unary: %v, want Internal", err)
	}
	stream, err := client.StreamingPull(t.Context())
	if err == nil {
		_, err = stream.Recv()
	}
	if status.Code(err) != codes.Internal {
		t.Errorf("stream: %v, want Internal", err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	server.Stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
	checkLogged(t, log.String(), "unary defect", "stream defect")
}

func TestPanicsOfHTTP(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	server := httptest.NewServer(recoveringHTTP(slog.New(slog.NewTextHandler(&log, nil)), http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/abort" {
			panic(http.ErrAbortHandler)
		}
		panic("handler defect")
	})))
	resp, err := http.Get(server.URL + "/x")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusInternalServerError || !strings.Contains(string(body), defect) {
		t.Errorf("answer %d %q, %v", resp.StatusCode, body, err)
	}
	resp.Body.Close()
	if resp, err := http.Get(server.URL + "/abort"); err == nil {
		resp.Body.Close()
		t.Errorf("a connection that was to be cut answered %d", resp.StatusCode)
	}
	server.Close()
	checkLogged(t, log.String(), "handler defect")
}

func checkLogged(t *testing.T, log string, causes ...string) {
	t.Helper()
	for _, cause := range causes {
		if !strings.Contains(log, cause) {
			t.Errorf("%q is not in the log", cause)
		}
	}
	if n := strings.Count(log, "level=ERROR"); n != len(causes) || !strings.Contains(log, "recovery_test.go") {
		t.Errorf("%d errors in the log, want %d, with the place of each:\n%s", n, len(causes), log)
	}
}
