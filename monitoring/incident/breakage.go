package incident

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/generate"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/stack"
)

// What the phases break, and how it is mended.

func (d *drill) nothing(context.Context) error { return nil }

// spoil lands files that are refused in part or in whole, gives each service a message
// that it cannot read, and announces a file whose records do not add up.
func (d *drill) spoil(ctx context.Context) error {
	now := time.Now().UTC()
	bad, err := generate.NewOrders(generate.OrderOptions{Seed: 8, From: now.Add(-time.Hour), To: now,
		Faults: generate.Shares{rules.MalformedJSON: .2, rules.InvalidAmount: .2}})
	if err != nil {
		return err
	}
	for range 10 {
		var text bytes.Buffer
		if err := bad.WriteOrders(&text, 400); err != nil {
			return err
		}
		if err := d.land(ctx, "orders", ".json", text.Bytes()); err != nil {
			return err
		}
	}
	if err := d.land(ctx, "orders", ".json.gz", []byte("\x1f\x8b not gzip")); err != nil {
		return err
	}
	for _, topic := range []string{topology.TopicFilesLanded, topology.TopicCatalogUpdates, topology.TopicFilesParsed} {
		if err := d.publish(ctx, topic, []byte("\xff"), map[string]string{"poison": "yes"}); err != nil {
			return err
		}
	}
	return d.forge(ctx, now)
}

// forge announces a file with one record as read, and sends two.
func (d *drill) forge(ctx context.Context, now time.Time) error {
	const id, kind = "forged", pipelinev1.FileKind_FILE_KIND_ORDERS
	name := topology.Landing + "orders/forged.json"
	staged := d.stack.Bucket().Object(topology.StagingName(kind, id, name))
	w := staged.NewWriter(ctx)
	_, err := w.Write([]byte("{}\n{}\n"))
	if err := errors.Join(err, w.Close()); err != nil {
		return err
	}
	for index := range int64(2) {
		if err := d.publishProto(ctx, topology.TopicRecordsRejected, id, &pipelinev1.RejectedRecord{
			Source: &pipelinev1.RecordSource{FileId: id, ParseId: id, RecordIndex: index, LandedAt: timestamppb.New(now)},
			Kind:   kind, LandingName: name, Rule: string(rules.MissingField), RejectedAt: timestamppb.New(now),
		}); err != nil {
			return err
		}
	}
	// Both must be there before the file is looked at.
	if err := d.watch(ctx, 5*time.Second, PhaseBadData); err != nil {
		return err
	}
	return d.publishProto(ctx, topology.TopicFilesParsed, id, &pipelinev1.FileManifest{
		File: &pipelinev1.LandedFile{
			FileId: id, Kind: kind, Bucket: staged.BucketName(), LandingName: name, LandingGeneration: 1,
			StagingName: staged.ObjectName(), Bytes: 6, Revision: 1,
			LandedAt: timestamppb.New(now), ClaimedAt: timestamppb.New(now),
		},
		ParseId: id, Records: 1, Rejected: 1, Verdict: pipelinev1.Verdict_VERDICT_LOADED, ParsedAt: timestamppb.New(now),
	})
}

func (d *drill) publishProto(ctx context.Context, topic, id string, m proto.Message) error {
	data, err := proto.Marshal(m)
	if err != nil {
		return err
	}
	return d.publish(ctx, topic, data, map[string]string{
		topology.AttrFileID: id, topology.AttrParseID: id, topology.AttrSchema: string(m.ProtoReflect().Descriptor().FullName())})
}

func (d *drill) publish(ctx context.Context, topic string, data []byte, attributes map[string]string) error {
	publisher := d.pubsub.Publisher(topic)
	defer publisher.Stop()
	_, err := publisher.Publish(ctx, &pubsub.Message{Data: data, Attributes: attributes}).Get(ctx)
	return err
}

func (d *drill) stops(name string) func(context.Context) error {
	return func(context.Context) error { return d.stack.StopService(name) }
}

func (d *drill) starts(name string) func(context.Context) error {
	return func(context.Context) error { return d.stack.StartService(name) }
}

// stopWriter also leaves a dead letter that only the writer can store.
func (d *drill) stopWriter(ctx context.Context) error {
	if err := d.stack.StopService(topology.Writer); err != nil {
		return err
	}
	return d.publish(ctx, topology.TopicFilesLanded, []byte("\xff"), map[string]string{"poison": "again"})
}

func (d *drill) breaks(plan string) func(context.Context) error {
	return func(ctx context.Context) error { return d.faults(ctx, http.MethodPut, plan) }
}

// breakAppends refuses every stream that is opened, and has the writer open them anew.
func (d *drill) breakAppends(ctx context.Context) error {
	if err := d.faults(ctx, http.MethodPut, "bigquery.AppendRows fail permission_denied rate 1"); err != nil {
		return err
	}
	if err := d.stack.StopService(topology.Writer); err != nil {
		return err
	}
	return d.stack.StartService(topology.Writer)
}

func (d *drill) mend(ctx context.Context) error { return d.faults(ctx, http.MethodDelete, "") }

func (d *drill) faults(ctx context.Context, method, plan string) error {
	req, err := http.NewRequestWithContext(ctx, method, d.stack.FaultsURL(), strings.NewReader(plan))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return errors.Join(fmt.Errorf("%s of the faults: %s", method, resp.Status), resp.Body.Close())
	}
	return resp.Body.Close()
}

// restartsAggregator restarts it with a limit on the bytes that a transaction may bill.
func (d *drill) restartsAggregator(maxBilled int64) func(context.Context) error {
	return func(context.Context) error {
		if err := d.stack.StopService(topology.Aggregator); err != nil {
			return err
		}
		return d.stack.StartService(topology.Aggregator, func(c *stack.Config) {
			c.Variables = map[string]string{"AGGREGATOR_MAX_BYTES_BILLED": strconv.FormatInt(maxBilled, 10)}
		})
	}
}

func (d *drill) crashWatcher(ctx context.Context) error {
	for range 5 {
		if err := d.stack.StopService(topology.Watcher); err != nil {
			return err
		}
		if err := d.stack.StartService(topology.Watcher); err != nil {
			return err
		}
		if err := d.watch(ctx, 2*time.Second, PhaseCrashes); err != nil {
			return err
		}
	}
	return nil
}

// burst lands small files as fast as it can, so that one transaction follows the other.
func (d *drill) burst(ctx context.Context) error {
	for end := time.Now().Add(40 * time.Second); time.Now().Before(end); {
		for scrape := time.Now().Add(d.recording.Interval); time.Now().Before(scrape); {
			if err := d.landOrders(ctx, 1); err != nil {
				return err
			}
		}
		if err := d.Scrape(ctx); err != nil {
			return err
		}
	}
	return nil
}
