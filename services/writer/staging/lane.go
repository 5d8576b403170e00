package staging

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strconv"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	catalogv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/catalog/v1"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// lane carries one subscription's messages to their tables.
type lane struct {
	subscription string
	receiver     *messaging.Receiver
	encode       encoder
	batchers     map[string]*batcher
	// letters takes messages that cannot be decoded; nil on the lanes of dead
	// letters, which accept every message.
	letters *messaging.DeadLetters
	// stored is told of every message whose row is durable; nil: nobody is.
	stored func(*pubsub.Message)
	log    *slog.Logger
}

// run consumes until ctx is done and every message in hand is settled.
func (l *lane) run(ctx context.Context) error {
	return l.receiver.Run(ctx, func(ctx context.Context, m *pubsub.Message) {
		lease := l.receiver.InHand.Begin(m)
		table, row, err := l.encode(m)
		if err != nil {
			l.giveUp(context.WithoutCancel(ctx), m, err)
			lease.End()
			return
		}
		l.batchers[table].add(entry{m, row, lease, l.stored})
	})
}

func (l *lane) giveUp(ctx context.Context, m *pubsub.Message, reason error) {
	l.log.ErrorContext(ctx, "message given up", "subscription", l.subscription, "message_id", m.ID, "error", reason)
	if l.letters == nil {
		m.Nack()
		return
	}
	if err := l.letters.Send(ctx, m, reason); err != nil {
		l.log.ErrorContext(ctx, "dead letter not published", "subscription", l.subscription, "message_id", m.ID, "error", err)
		m.Nack()
		return
	}
	m.Ack()
}

// refusals publishes the records whose rows BigQuery refused as rejected
// records, so that they are counted and kept like any other refusal.
type refusals struct {
	rejected *messaging.Publisher
}

// setAside implements the type of that name. A rejected record whose own row is
// refused has nowhere else to go than the dead letters; see newLanes.
func (r refusals) setAside(ctx context.Context, m *pubsub.Message, refusal *storagepb.RowError) error {
	source, kind, err := sourceOf(m)
	if err != nil {
		return err
	}
	source.ContentHash, source.Warnings, source.UnknownFields = "", nil, ""
	sum := sha256.Sum256(m.Data)
	record := &pipelinev1.RejectedRecord{
		Source:     source,
		Kind:       kind,
		ByteOffset: source.GetByteOffset(),
		ByteLength: source.GetByteLength(),
		Payload:    m.Data,
		Sha256:     hex.EncodeToString(sum[:]),
		Rule:       string(rules.AppendRefused),
		Message: valid(fmt.Sprintf("BigQuery refused the row (payload: the published message; the record itself is in the file): %s: %s",
			refusal.GetCode(), refusal.GetMessage())),
		ParserVersion: rules.Version,
		RejectedAt:    timestamppb.New(m.PublishTime),
	}
	return r.rejected.PublishSync(ctx, record, map[string]string{
		topology.AttrFileID:      source.GetFileId(),
		topology.AttrParseID:     source.GetParseId(),
		topology.AttrRecordIndex: strconv.FormatInt(source.GetRecordIndex(), 10),
		topology.AttrTraceparent: m.Attributes[topology.AttrTraceparent],
	})
}

// sourceOf reads where a record came from.
func sourceOf(m *pubsub.Message) (*pipelinev1.RecordSource, pipelinev1.FileKind, error) {
	var (
		order    ordersv1.Order
		product  catalogv1.Product
		customer catalogv1.Customer
	)
	switch schema := m.Attributes[topology.AttrSchema]; schema {
	case "ecommerce.catalog.v1.Product":
		err := proto.Unmarshal(m.Data, &product)
		return product.GetSource(), pipelinev1.FileKind_FILE_KIND_PRODUCTS, err
	case "ecommerce.catalog.v1.Customer":
		err := proto.Unmarshal(m.Data, &customer)
		return customer.GetSource(), pipelinev1.FileKind_FILE_KIND_CUSTOMERS, err
	default:
		err := proto.Unmarshal(m.Data, &order)
		return order.GetSource(), pipelinev1.FileKind_FILE_KIND_ORDERS, err
	}
}
