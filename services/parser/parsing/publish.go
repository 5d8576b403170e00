package parsing

import (
	"context"
	"strconv"

	"cloud.google.com/go/pubsub/v2"

	"github.com/zackkki/ecomm_datapipeline/pkg/feed"
	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
	"github.com/zackkki/ecomm_datapipeline/services/parser/decode"
)

// publishers are the parser's topics, shared by all readings.
type publishers struct {
	orders, catalog, rejected, manifests *messaging.Publisher
}

func newPublishers(client *pubsub.Client) publishers {
	return publishers{
		orders:    messaging.NewPublisher(client, topology.TopicOrdersValidated),
		catalog:   messaging.NewPublisher(client, topology.TopicCatalogUpdates),
		rejected:  messaging.NewPublisher(client, topology.TopicRecordsRejected),
		manifests: messaging.NewPublisher(client, topology.TopicFilesParsed),
	}
}

func (p publishers) stop() {
	for _, publisher := range []*messaging.Publisher{p.orders, p.catalog, p.rejected, p.manifests} {
		if publisher != nil {
			publisher.Stop()
		}
	}
}

// unconfirmed is how many publishes of one reading may await their result. The
// publishers bound the bytes; this bounds the results themselves, which are kept
// in the order of publishing and looked at in that order.
const unconfirmed = 8192

// publication publishes the records of one reading. Not for concurrent use.
type publication struct {
	publishers
	fileID, parseID, traceparent string
	places                       *gazetteer

	results []*pubsub.PublishResult // a ring
	oldest  int
}

// attributes gives a message's own map, which the publisher keeps.
func (p *publication) attributes() map[string]string {
	attrs := make(map[string]string, 12)
	attrs[topology.AttrFileID] = p.fileID
	attrs[topology.AttrParseID] = p.parseID
	attrs[topology.AttrTraceparent] = p.traceparent
	return attrs
}

// Accept implements reading.Outlet.
func (p *publication) Accept(ctx context.Context, a *decode.Accepted) error {
	attrs := p.attributes()
	attrs[topology.AttrRecordIndex] = strconv.FormatInt(a.Source.GetRecordIndex(), 10)
	topic := p.catalog
	if a.OrderID != "" {
		topic = p.orders
		attrs[topology.AttrOrderID] = a.OrderID
		attrs[topology.AttrContentHash] = a.Source.GetContentHash()
		feed.Describe(attrs, a.Message.(*ordersv1.Order), p.places.locate)
	}
	return p.await(ctx, topic.Publish(ctx, a.Message, attrs))
}

// Reject implements reading.Outlet.
func (p *publication) Reject(ctx context.Context, r *pipelinev1.RejectedRecord) error {
	attrs := p.attributes()
	attrs[topology.AttrRecordIndex] = strconv.FormatInt(r.GetSource().GetRecordIndex(), 10)
	return p.await(ctx, p.rejected.Publish(ctx, r, attrs))
}

// await adds a result; when there are too many it waits for the oldest.
func (p *publication) await(ctx context.Context, result *pubsub.PublishResult) error {
	if len(p.results) < unconfirmed {
		p.results = append(p.results, result)
		return nil
	}
	_, err := p.results[p.oldest].Get(ctx)
	p.results[p.oldest] = result
	p.oldest = (p.oldest + 1) % unconfirmed
	return err
}

// confirm waits until every record is durable.
func (p *publication) confirm(ctx context.Context) error {
	for i := range p.results {
		if _, err := p.results[(p.oldest+i)%len(p.results)].Get(ctx); err != nil {
			return err
		}
	}
	p.results, p.oldest = p.results[:0], 0
	return nil
}
