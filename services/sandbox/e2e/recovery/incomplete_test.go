package recovery

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/aggregator/loading"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/verify"
)

// readersOnly are the services up to the topics of records: what becomes of those is the test's.
var readersOnly = topology.Watcher + "," + topology.Parser

// orderLines is a file of n orders of a prefix, each of a day of its own.
func orderLines(prefix string, n int) []byte {
	var text strings.Builder
	for i := range n {
		text.WriteString(harness.Order(fmt.Sprintf("%s-%d", prefix, i), 1+i, "P-1", "C-1", "10.00"))
	}
	return []byte(text.String())
}

// divert takes the messages of some records of orders-validated away from the writer, which does
// not run yet: each is handed to f and then acknowledged, and the rest is given back.
func divert(t *testing.T, p *harness.Pipeline, records []string, f func(context.Context, *pubsub.Client, *pubsub.Message) error) {
	t.Helper()
	client, err := p.Endpoints.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	subscription := fmt.Sprintf("projects/%s/subscriptions/%s", p.Endpoints.ProjectID, topology.Subscription(topology.TopicOrdersValidated, topology.Writer))
	left := make(map[string]bool)
	for _, record := range records {
		left[record] = true
	}
	harness.Await(t, "the records to divert", func() (bool, error) {
		pulled, err := client.SubscriptionAdminClient.Pull(t.Context(), &pubsubpb.PullRequest{Subscription: subscription, MaxMessages: 100})
		if err != nil {
			return false, err
		}
		for _, received := range pulled.GetReceivedMessages() {
			m, ids := received.GetMessage(), []string{received.GetAckId()}
			index := m.GetAttributes()[topology.AttrRecordIndex]
			if !left[index] {
				if err := client.SubscriptionAdminClient.ModifyAckDeadline(t.Context(), &pubsubpb.ModifyAckDeadlineRequest{Subscription: subscription, AckIds: ids}); err != nil {
					return false, err
				}
				continue
			}
			delete(left, index)
			if err := f(t.Context(), client, &pubsub.Message{ID: m.GetMessageId(), Data: m.GetData(), Attributes: m.GetAttributes()}); err != nil {
				t.Fatal(err)
			}
			if err := client.SubscriptionAdminClient.Acknowledge(t.Context(), &pubsubpb.AcknowledgeRequest{Subscription: subscription, AckIds: ids}); err != nil {
				t.Fatal(err)
			}
		}
		return len(left) == 0, nil
	})
}

// TestDeadLetteredBeforeTheLoad: a file some of whose records have become dead letters before it
// is loaded does not wait for them: they are rejected, and each has its finding. Read once more,
// the file is loaded whole.
func TestDeadLetteredBeforeTheLoad(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, readersOnly)
	var files harness.Landed
	files.Add(t, p, "orders/a.json", orderLines("a", 6))
	divert(t, p, []string{"1", "4"}, func(ctx context.Context, client *pubsub.Client, m *pubsub.Message) error {
		letters := messaging.NewDeadLetters(client, topology.Subscription(topology.TopicOrdersValidated, topology.Writer))
		defer letters.Stop()
		return letters.Send(ctx, m, errors.New("given up by the test"))
	})
	harness.StartWriter(t, p)
	startAggregator(t, p, func(*loading.Config) {})
	p.AwaitFiles(t, 1)
	p.Check(t, "ledger", harness.LifecycleQuery, "landing/orders/a.json|1|loaded|NULL|6|4|0|2|0|NULL\n")
	p.Check(t, "orders", "SELECT order_id FROM fact_orders ORDER BY order_id", "a-0\na-2\na-3\na-5\n")
	p.Check(t, "findings", "SELECT check_type, record_index FROM data_quality_checks WHERE check_type = 'dead_lettered' ORDER BY record_index", "dead_lettered|1\ndead_lettered|4\n")
	p.VerifyInvariants(t)
	clients, err := verify.Open(t.Context(), p.Endpoints)
	if err != nil {
		t.Fatal(err)
	}
	defer clients.Close()
	done, err := verify.FromArchive(t.Context(), clients, verify.Archive{Policy: p.Policy})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range done.Violations {
		t.Error(v)
	}
	p.BringBack(t, 1, "reprocess", p.FileID(t, "orders/a.json"))
	p.Check(t, "ledger, read again", harness.LifecycleQuery, "landing/orders/a.json|2|loaded|NULL|6|6|0|0|0|NULL\n")
	p.VerifyInvariants(t)
}

// TestNudge: a file whose records do not all arrive is read once more, without anybody's doing,
// and loaded once. Before, an alarm tells of one that stays incomplete.
func TestNudge(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, readersOnly)
	var files harness.Landed
	files.Add(t, p, "orders/lost.json", orderLines("l", 6))
	divert(t, p, []string{"0", "3", "5"}, func(context.Context, *pubsub.Client, *pubsub.Message) error { return nil }) // lost
	aggregator, _ := startAggregator(t, p, func(c *loading.Config) { c.IncompleteAfter = 100 * time.Millisecond })
	harness.Await(t, "an alarm about the incomplete file", func() (bool, error) {
		alarms, err := counted(aggregator, "pipeline_files_incomplete_total")
		return alarms > 0, err
	})
	p.Check(t, "nothing is loaded", "SELECT COUNT(*) FROM file_ledger", "0\n")
	harness.StartWriter(t, p)
	p.AwaitFiles(t, 1)
	harness.VerifyAll(t, p, files.Sources)
	p.Check(t, "dead letters", "SELECT COUNT(*) FROM dead_letters", "0\n")
}
