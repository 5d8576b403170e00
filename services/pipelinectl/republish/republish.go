// Package republish serves older orders to a consumer that joins late: it reads them from the
// warehouse and publishes them once more, with what became of their files, on topics of the
// consumer's own. Nobody else sees them.
//
// The consumer treats them as it treats the feed: an order is known by its parse_id and
// record_index wherever it comes from, and a file by its file_id and revision. So it may read both at
// once, and a run that is repeated is harmless.
package republish

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/protobuf/proto"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/feed"
	"github.com/zackkki/ecomm_datapipeline/pkg/messaging"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/sql"
	"github.com/zackkki/ecomm_datapipeline/sql/places"
)

// Selection is what is published, and for whom.
type Selection struct {
	From, To     civil.Date // first and last day of the orders, on the shop's clock
	Subscription string     // that is to get the orders; see Places
}

// Outcome counts what was published.
type Outcome struct {
	Orders int64 `json:"orders"` // versions of orders
	Files  int64 `json:"files"`
}

const (
	sequenceOrder = 1
	// window is how many messages await their confirmation.
	window = 10_000
)

// row is a row of republish/orders.sql.
type row struct {
	Sequence         int64     `bigquery:"sequence"`
	FileID           string    `bigquery:"file_id"`
	ParseID          string    `bigquery:"parse_id"`
	LandedAt         time.Time `bigquery:"landed_at"`
	OrderID          string    `bigquery:"order_id"`
	ContentHash      string    `bigquery:"content_hash"`
	RecordIndex      int64     `bigquery:"record_index"`
	Content          string    `bigquery:"content"`
	UTCOffsetSeconds int64     `bigquery:"utc_offset_seconds"`
	Versions         int64     `bigquery:"versions"`
}

// Run publishes the selection, and returns when all of it is durable; each is told of every message
// before it is. It makes the consumer's topics and subscriptions if they are not there.
func Run(ctx context.Context, cfg cloud.Config, s Selection, each func()) (_ Outcome, err error) {
	client, err := cfg.NewPubSub(ctx)
	if err != nil {
		return Outcome{}, err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	if err := subscribe(ctx, client, cfg.ProjectID, s.Subscription); err != nil {
		return Outcome{}, err
	}
	questions, err := cfg.NewBigQuery(ctx)
	if err != nil {
		return Outcome{}, err
	}
	defer func() { err = errors.Join(err, questions.Close()) }()
	orders, files := Places(s.Subscription)
	p := &publication{
		orders: messaging.NewPublisher(client, orders.Topic), files: messaging.NewPublisher(client, files.Topic),
		bucket: cfg.Bucket, places: places.NewIndex(), each: each,
	}
	defer p.orders.Stop()
	defer p.files.Stop()
	if err := p.publishAll(ctx, questions, cfg.Dataset, s); err != nil {
		return Outcome{}, err
	}
	return p.outcome, nil
}

// publication publishes rows. For one goroutine.
type publication struct {
	orders, files *messaging.Publisher
	bucket        string
	places        *places.Index
	each          func()
	pending       []*pubsub.PublishResult
	outcome       Outcome
}

func (p *publication) publishAll(ctx context.Context, client *bigquery.Client, dataset string, s Selection) error {
	statement, err := sql.Find("republish/orders")
	if err != nil {
		return err
	}
	found, err := warehouse.Query[row](ctx, &warehouse.Client{BigQuery: client, Dataset: dataset, Service: topology.Operator, Task: "republish"},
		statement, warehouse.Params{"from_date": s.From, "to_date": s.To})
	if err != nil {
		return fmt.Errorf("read the orders: %w", err)
	}
	for r, err := range found.All() {
		if err != nil {
			return err
		}
		if err := p.publish(ctx, r); err != nil {
			return err
		}
	}
	return p.confirm(ctx)
}

func (p *publication) publish(ctx context.Context, r row) error {
	attrs := map[string]string{topology.AttrFileID: r.FileID, topology.AttrParseID: r.ParseID}
	publisher := p.files
	var message proto.Message
	if r.Sequence == sequenceOrder {
		order, err := orderOf(r)
		if err != nil {
			return fmt.Errorf("order %q, record %d of file %s: %w", r.OrderID, r.RecordIndex, r.FileID, err)
		}
		publisher, message = p.orders, order
		attrs[topology.AttrOrderID], attrs[topology.AttrContentHash] = r.OrderID, r.ContentHash
		attrs[topology.AttrRecordIndex] = strconv.FormatInt(r.RecordIndex, 10)
		feed.Describe(attrs, order, p.places.Locate)
		p.outcome.Orders++
	} else {
		done, err := fileOf(r, p.bucket)
		if err != nil {
			return fmt.Errorf("file %s: %w", r.FileID, err)
		}
		message = done
		feed.DescribeFile(attrs, done)
		p.outcome.Files++
	}
	p.each()
	p.pending = append(p.pending, publisher.Publish(ctx, message, attrs))
	if len(p.pending) < window {
		return nil
	}
	return p.confirm(ctx)
}

// confirm waits until all that was published is durable.
func (p *publication) confirm(ctx context.Context) error {
	for _, result := range p.pending {
		if _, err := result.Get(ctx); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
	}
	p.pending = p.pending[:0]
	return nil
}
