package recovery

import (
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// TestImbalance announces files with one record as read, and two records arrive. Each is
// quarantined alone, whatever verdict it came with, and its records are accounted for;
// a good file in their company is loaded.
func TestImbalance(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "all")
	client, err := p.Endpoints.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	publish := func(topic, id string, m proto.Message) {
		t.Helper()
		data, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		publisher := client.Publisher(topic)
		defer publisher.Stop()
		if _, err := publisher.Publish(t.Context(), &pubsub.Message{Data: data, Attributes: map[string]string{
			topology.AttrFileID: id, topology.AttrParseID: id, topology.AttrSchema: string(m.ProtoReflect().Descriptor().FullName()),
		}}).Get(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	const kind = pipelinev1.FileKind_FILE_KIND_ORDERS
	now := timestamppb.New(time.Now().Truncate(time.Microsecond))
	manifests := map[string]*pipelinev1.FileManifest{
		"to-load":      {Verdict: pipelinev1.Verdict_VERDICT_LOADED},
		"to-set-aside": {Verdict: pipelinev1.Verdict_VERDICT_QUARANTINED, Reason: string(rules.MostlyRefused)},
	}
	for id, manifest := range manifests {
		name := topology.Landing + "orders/" + id + ".json"
		staged := p.Bucket().Object(topology.StagingName(kind, id, name))
		w := staged.NewWriter(t.Context())
		if _, err := w.Write([]byte("{}\n{}\n")); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		for index := range int64(2) {
			publish(topology.TopicRecordsRejected, id, &pipelinev1.RejectedRecord{
				Source: &pipelinev1.RecordSource{FileId: id, ParseId: id, RecordIndex: index, LandedAt: now},
				Kind:   kind, LandingName: name, Rule: string(rules.MissingField), RejectedAt: now,
			})
		}
		manifest.ParseId, manifest.Records, manifest.Rejected, manifest.ParsedAt = id, 1, 1, now
		manifest.File = &pipelinev1.LandedFile{
			FileId: id, Kind: kind, Bucket: staged.BucketName(), LandingName: name, LandingGeneration: 1,
			StagingName: staged.ObjectName(), Bytes: 6, Revision: 1, LandedAt: now, ClaimedAt: now,
		}
	}
	harness.Await(t, "the records of both", func() (bool, error) {
		rows, err := p.Query(t, "SELECT COUNT(*) FROM rejected_records")
		return err == nil && rows[0][0] == int64(4), err
	})
	for id, manifest := range manifests {
		publish(topology.TopicFilesParsed, id, manifest)
	}
	p.Land(t, "orders/good.json", []byte(harness.Order("o-1", 1, "P-1", "C-1", "10.00")))
	p.AwaitFiles(t, 3)
	p.Check(t, "ledger", "SELECT landing_name, verdict, IFNULL(reason, ''), records, loaded, rejected, held FROM file_ledger ORDER BY landing_name",
		"landing/orders/good.json|loaded||1|1|0|0\n"+
			"landing/orders/to-load.json|quarantined|ledger_imbalance|2|0|2|0\n"+
			"landing/orders/to-set-aside.json|quarantined|ledger_imbalance|2|0|2|0\n")
	p.Check(t, "findings", "SELECT issue_description FROM data_quality_checks WHERE check_type = 'ledger_imbalance' AND file_id = 'to-load'",
		"file quarantined: landing/orders/to-load.json: its manifest announces 1 record; the ledger counts those that arrived\n")
}
