package recovery

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/services/writer/staging"
)

// TestRowErrors: of rows that are appended together BigQuery refuses some, in every
// position and number. Those are kept as refused records, once each, and all others are
// appended.
func TestRowErrors(t *testing.T) {
	t.Parallel()
	p := harness.Start(t, "none")
	client, err := p.Endpoints.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	const rows = 4
	now := timestamppb.New(time.Now().Truncate(time.Microsecond))
	publisher := client.Publisher(topology.TopicOrdersValidated)
	defer publisher.Stop()
	var results []*pubsub.PublishResult
	var good, bad strings.Builder
	for mask := range 1 << rows {
		id := fmt.Sprintf("file-%02d", mask)
		for row := range rows {
			o := &ordersv1.Order{
				OrderId: fmt.Sprintf("%s-%d", id, row), OrderTimestamp: now,
				Source: &pipelinev1.RecordSource{FileId: id, ParseId: id, RecordIndex: int64(row), ContentHash: "h", LandedAt: now},
			}
			if mask>>row&1 == 1 {
				o.OrderTimestamp = &timestamppb.Timestamp{Seconds: 1 << 40} // the year 36,812
				fmt.Fprintf(&bad, "%s|%d|append_refused\n", id, row)
			} else {
				fmt.Fprintln(&good, o.GetOrderId())
			}
			data, err := proto.Marshal(o)
			if err != nil {
				t.Fatal(err)
			}
			results = append(results, publisher.Publish(t.Context(), &pubsub.Message{Data: data, Attributes: map[string]string{
				topology.AttrFileID: id, topology.AttrParseID: id, topology.AttrSchema: string(o.ProtoReflect().Descriptor().FullName()),
			}}))
		}
	}
	for _, result := range results {
		if _, err := result.Get(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	// A patient writer gathers what comes for a moment into one append.
	harness.StartWriter(t, p, func(c *staging.Config) { c.Appenders, c.AppendLinger = 1, 200*time.Millisecond })
	harness.Await(t, "all rows appended or refused", func() (bool, error) {
		count, err := p.Query(t, "SELECT (SELECT COUNT(DISTINCT order_id) FROM staging_orders) + (SELECT COUNT(DISTINCT CONCAT(file_id, CAST(record_index AS STRING))) FROM rejected_records)")
		return err == nil && count[0][0] == int64(rows<<rows), err
	})
	p.Check(t, "appended", "SELECT DISTINCT order_id FROM staging_orders ORDER BY order_id", good.String())
	p.Check(t, "refused", "SELECT DISTINCT file_id, record_index, rule FROM rejected_records ORDER BY file_id, record_index", bad.String())
	// Their files are nowhere: of such records the published message is kept.
	p.Check(t, "kept", "SELECT COUNT(*) FROM v_rejected_records WHERE TO_HEX(SHA256(payload)) != sha256 OR BYTE_LENGTH(payload) != byte_length", "0\n")
	p.Check(t, "dead letters", "SELECT COUNT(*) FROM dead_letters", "0\n")
}
