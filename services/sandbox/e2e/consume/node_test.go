package consume

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/stack"
)

// nodeConsumer is the folder of the example.
const nodeConsumer = "../../../examples/node"

// TestNodeConsumer has a consumer by the official Node.js client read the
// validated orders, each delivered twice, and holds what it makes of them
// against staging.
func TestNodeConsumer(t *testing.T) {
	t.Parallel()
	node := installNode(t, nodeConsumer)
	dir := t.TempDir()
	log, closeLog, err := stack.OpenLog(dir)
	if err != nil {
		t.Fatal(err)
	}
	config := harness.NewConfig(dir, "all")
	config.Faults = "pubsub.messages.orders-validated.node twice rate 0.5; pubsub.messages.orders-validated.node again"
	s, err := stack.Start(t.Context(), config, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(s.Close(), closeLog()); err != nil {
			t.Errorf("close the sandbox: %v", err)
		}
	})
	p := harness.Connect(t, s.Endpoints(), s.DashboardURL())
	const subscription = topology.TopicOrdersValidated + ".node"
	subscribe(t, p, topology.TopicOrdersValidated, subscription, "")

	lines := runNode(t, node, p, subscription)
	content := harness.OrderFile(t, 51, 300, generate.Shares{rules.DuplicateOrderReplay: 0.05, rules.DuplicateOrderConflict: 0.05})
	p.Land(t, "orders/for_node.json", content)
	p.AwaitFiles(t, 1)

	var want []string
	for _, row := range p.MustQuery(t, "SELECT DISTINCT order_id, content_hash, total_amount, ARRAY_LENGTH(items) FROM staging_orders") {
		total, ok := row[2].(*big.Rat)
		if !ok {
			t.Fatalf("total_amount is a %T", row[2])
		}
		want = append(want, fmt.Sprintf("%v %v %s %v", row[0], row[1], total.FloatString(9), row[3]))
	}
	got := lines(len(want))
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
		t.Errorf("orders in staging and at the consumer (-staging +consumer):\n%s", diff)
	}
}

// subscribe makes a subscription with a filter, or with none if that is empty.
func subscribe(t *testing.T, p *harness.Pipeline, topic, subscription, filter string) {
	t.Helper()
	client, err := p.Endpoints.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	prefix := "projects/" + p.Endpoints.ProjectID
	if _, err := client.SubscriptionAdminClient.CreateSubscription(t.Context(), &pubsubpb.Subscription{
		Name: prefix + "/subscriptions/" + subscription, Topic: prefix + "/topics/" + topic, Filter: filter,
	}); err != nil {
		t.Fatal(err)
	}
}

// installNode installs what the lock file of a folder names, unless that has been
// done, and returns the path of node.
func installNode(t *testing.T, dir string) string {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatalf("this test needs Node.js 20.11 or newer on the PATH: %v", err)
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Fatalf("this test needs npm, which comes with Node.js: %v", err)
	}
	lock, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(lock)
	digest := []byte(hex.EncodeToString(sum[:]))
	stamp := filepath.Join(dir, "node_modules", ".installed")
	if installed, err := os.ReadFile(stamp); err == nil && bytes.Equal(installed, digest) {
		return node
	}
	install := exec.CommandContext(t.Context(), npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	if err := os.WriteFile(stamp, digest, 0o644); err != nil {
		t.Fatal(err)
	}
	return node
}

// runNode starts the consumer. What it returns waits for n lines of output,
// ends the consumer, and returns all it has printed.
func runNode(t *testing.T, node string, p *harness.Pipeline, subscription string) func(n int) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), *harness.Deadline)
	command := exec.CommandContext(ctx, node, "consumer.js", subscription)
	command.Dir = nodeConsumer
	command.Env = append(os.Environ(), "PUBSUB_EMULATOR_HOST="+p.Endpoints.PubSubHost, "GOOGLE_CLOUD_PROJECT="+p.Endpoints.ProjectID,
		"METADATA_SERVER_DETECTION=none") // or it looks for Google's machines first, in vain
	var complaints strings.Builder
	command.Stderr = &complaints
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = command.Wait() // it has been waited for if the test went well
	})
	return func(n int) []string {
		var lines []string
		for scanner := bufio.NewScanner(output); scanner.Scan(); {
			var order struct {
				OrderID     string `json:"order_id"`
				ContentHash string `json:"content_hash"`
				Total       string `json:"total"`
				Lines       int    `json:"lines"`
			}
			if err := json.Unmarshal(scanner.Bytes(), &order); err != nil {
				t.Fatalf("the consumer printed %q: %v", scanner.Text(), err)
			}
			lines = append(lines, fmt.Sprintf("%s %s %s %d", order.OrderID, order.ContentHash, order.Total, order.Lines))
			if len(lines) == n {
				if err := command.Process.Signal(syscall.SIGTERM); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := command.Wait(); err != nil || complaints.Len() > 0 {
			t.Errorf("the consumer ended with %v after %d of %d orders\n%s", err, len(lines), n, complaints.String())
		}
		return lines
	}
}
