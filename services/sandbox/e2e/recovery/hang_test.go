package recovery

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/parsing"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/watcher/landing"
)

// TestAnswersThatNeverCome has each kind of call of watcher and parser hang once: it is
// given up in time and made again, and the file gets on, though no notification tells of
// it. A parser that is told of a file which is done finds that out, too.
func TestAnswersThatNeverCome(t *testing.T) {
	t.Parallel()
	s, _ := harness.StartStack(t, harness.NewConfig(t.TempDir(), harness.BehindLanding))
	p := harness.Connect(t, s.Endpoints(), s.DashboardURL())
	p.DeliverSoon(t, topology.TopicFilesLanded, topology.Parser)
	p.DeliverSoon(t, topology.TopicFilesCompleted, topology.Watcher)
	client, err := p.Endpoints.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var files harness.Landed
	files.Add(t, p, "orders/a.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "10.00")))
	if _, err := client.SubscriptionAdminClient.Seek(t.Context(), &pubsubpb.SeekRequest{
		Subscription: fmt.Sprintf("projects/%s/subscriptions/%s", p.Endpoints.ProjectID, topology.Subscription(topology.TopicLandingNotifications, topology.Watcher)),
		Target:       &pubsubpb.SeekRequest_Time{Time: timestamppb.New(time.Now().Add(time.Hour))},
	}); err != nil {
		t.Fatal(err)
	}
	harness.FaultsCall(t, http.MethodPut, s.FaultsURL(),
		"storage.objects.list delay 1m first 1",
		"storage.objects.rewrite delay 1m on landing first 1",
		"storage.objects.delete delay 1m on landing first 1",
		"storage.objects.getMedia delay 1m first 1",
		"storage.objects.rewrite delay 1m on archive first 1",
		"storage.objects.delete delay 1m on staging first 1",
	)
	const within = 500 * time.Millisecond
	var c harness.Clock
	harness.StartWatcher(t, p, &c, func(c *landing.Config) { c.SweepTimeout, c.SweepGrace = within, 0 })
	parser, _ := harness.StartParser(t, p, func(c *parsing.Config) { c.ReadTimeout = within })
	p.AwaitFiles(t, 1)
	for rule := range strings.Lines(harness.FaultsCall(t, http.MethodGet, s.FaultsURL())) {
		if strings.Contains(rule, "(struck 0 times)") {
			t.Errorf("the file did not meet this fault: %s", rule)
		}
	}
	p.Check(t, "ledger", harness.LifecycleQuery, "landing/orders/a.json|1|loaded|NULL|1|1|0|0|0|NULL\n")
	harness.VerifyAll(t, p, files.Sources)

	const handled = `pipeline_messages_handled_total{outcome="acknowledged"`
	before, err := counted(parser, handled)
	if err != nil {
		t.Fatal(err)
	}
	harness.FaultsCall(t, http.MethodPut, s.FaultsURL(), "bigquery.job.parser.* delay 1m first 1")
	row := p.MustQuery(t, "SELECT file_id, landing_name, landed_at FROM file_ledger")[0]
	file := &pipelinev1.LandedFile{
		FileId: row[0].(string), LandingName: row[1].(string), LandedAt: timestamppb.New(row[2].(time.Time)),
		Kind: pipelinev1.FileKind_FILE_KIND_ORDERS, Bucket: p.Endpoints.Bucket,
	}
	file.StagingName = topology.StagingName(file.Kind, file.FileId, file.LandingName)
	publisher := messaging.NewPublisher(client, topology.TopicFilesLanded)
	defer publisher.Stop()
	if err := publisher.PublishSync(t.Context(), &pipelinev1.FileLanded{File: file, Announcement: 1}, map[string]string{topology.AttrFileID: file.FileId}); err != nil {
		t.Fatal(err)
	}
	harness.Await(t, "the parser to find the file in the ledger", func() (bool, error) {
		now, err := counted(parser, handled)
		return now > before, err
	})
	asked := 0
	if err := p.EachJob(t.Context(), func(job *bigquery.Job, query *bigquery.QueryConfig) {
		if query.Labels["service"] == topology.Parser {
			asked++
		}
	}); err != nil {
		t.Fatal(err)
	}
	if asked < 2 {
		t.Errorf("the ledger was asked %d times, want once in vain and once more", asked)
	}
}
