package pubsubfront_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/pubsubfront"
)

// serveEnv makes the test binary a server over the directory that it names, to
// be killed by the test that started it.
const serveEnv = "PUBSUBFRONT_TEST_SERVE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(serveEnv); dir != "" {
		if err := serveForever(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// serveForever prints its address and serves until its parent kills it or dies.
func serveForever(dir string) error {
	server, err := pubsubfront.Start(context.Background(), pubsubfront.Config{Dir: dir, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	fmt.Println(server.Addr())
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// spawn starts a server process and returns its address and its death.
func spawn(t *testing.T, dir string) (addr string, kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serveEnv+"="+dir)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	dead := false
	kill = func() {
		if !dead {
			dead = true
			cmd.Process.Kill() // SIGKILL: nothing can be tidied up
			cmd.Wait()
			stdin.Close()
		}
	}
	t.Cleanup(kill)
	lines := bufio.NewScanner(stdout)
	if !lines.Scan() {
		t.Fatalf("server process said nothing: %v", lines.Err())
	}
	return lines.Text(), kill
}

// TestRestart publishes, acknowledges a part (chunks whole and in part), ends the
// server one way or another, and expects exactly the rest at once from the next.
func TestRestart(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		serve func(t *testing.T, dir string) (addr string, end func())
		// rest is how long the server lives on after the acknowledgements: a
		// process that is killed may forget those of its last moments.
		rest time.Duration
	}{
		{name: "closed", serve: func(t *testing.T, dir string) (string, func()) {
			server, err := pubsubfront.Start(t.Context(), pubsubfront.Config{Dir: dir, Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			return server.Addr(), func() {
				if err := server.Close(); err != nil {
					t.Error(err)
				}
			}
		}},
		{name: "killed", serve: spawn, rest: 3 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			addr, end := test.serve(t, dir)
			c := connect(t, addr)
			createTopic(t, c, "orders")
			createTopic(t, c, "dead")
			createSub(t, c, "orders", "orders.writer", func(s *pubsubpb.Subscription) {
				s.AckDeadlineSeconds = 600
				s.DeadLetterPolicy = &pubsubpb.DeadLetterPolicy{DeadLetterTopic: topicName("dead"), MaxDeliveryAttempts: 10}
			})
			const n = 1000
			publish(t, c, "orders", "m", n)
			var held []*pubsubpb.ReceivedMessage
			for len(held) < n {
				held = append(held, pull(t, c, "orders.writer", n)...)
			}
			// Of the first half everything is acknowledged, of the second every
			// other message, and one is given up twice.
			var ids []string
			want := make(map[string]int32)
			for i, m := range held {
				if i < n/2 || i%2 == 0 {
					ids = append(ids, m.AckId)
				} else {
					want[string(m.Message.Data)] = 2
				}
			}
			last := held[n-1]
			for range 2 {
				if err := c.SubscriptionAdminClient.ModifyAckDeadline(t.Context(), &pubsubpb.ModifyAckDeadlineRequest{Subscription: subName("orders.writer"), AckIds: []string{last.AckId}}); err != nil {
					t.Fatal(err)
				}
				last = pull(t, c, "orders.writer", 1)[0]
			}
			want[string(last.Message.Data)] = 4
			if err := c.SubscriptionAdminClient.Acknowledge(t.Context(), &pubsubpb.AcknowledgeRequest{Subscription: subName("orders.writer"), AckIds: ids}); err != nil {
				t.Fatal(err)
			}
			publish(t, c, "orders", "late", 1)
			want["late0"] = 1
			<-time.After(test.rest)
			end()

			addr, end = test.serve(t, dir)
			defer end()
			c = connect(t, addr)
			got := make(map[string]int32)
			for begin := time.Now(); len(got) < len(want) && time.Since(begin) < patient; {
				for _, m := range pull(t, c, "orders.writer", n) {
					got[string(m.Message.Data)] = m.DeliveryAttempt
				}
			}
			for key, attempt := range want {
				if got[key] != attempt {
					t.Errorf("%s: delivery attempt %d after the restart, want %d", key, got[key], attempt)
				}
			}
			for key := range got {
				if want[key] == 0 {
					t.Errorf("%s came again, though it was acknowledged", key)
				}
			}
		})
	}
}

// TestKillWhilePublishing kills the server in the middle of a stream of
// publishes: what was confirmed must be there.
func TestKillWhilePublishing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	addr, kill := spawn(t, dir)
	c := connect(t, addr)
	createTopic(t, c, "orders")
	createSub(t, c, "orders", "orders.writer")
	confirmed := make(map[string]bool)
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	for i := 0; ctx.Err() == nil; i++ {
		data := fmt.Sprintf("m%d", i)
		if i == 200 {
			time.AfterFunc(20*time.Millisecond, func() { kill(); cancel() })
		}
		if _, err := c.TopicAdminClient.Publish(ctx, &pubsubpb.PublishRequest{Topic: topicName("orders"),
			Messages: []*pubsubpb.PubsubMessage{{Data: []byte(data)}}}); err == nil {
			confirmed[data] = true
		}
	}
	_, c = start(t, dir)
	got := make(map[string]bool)
	for missing := len(confirmed); missing > 0; {
		batch := pull(t, c, "orders.writer", 1000)
		if len(batch) == 0 {
			t.Fatalf("%d of %d confirmed messages are lost", missing, len(confirmed))
		}
		for _, m := range batch {
			if data := string(m.Message.Data); confirmed[data] && !got[data] {
				got[data] = true
				missing--
			}
		}
	}
}
