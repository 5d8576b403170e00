package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"

	ordersv1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/orders/v1"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// consume keeps what all subscriptions bring until ctx is done, and writes the balance, one
// line of JSON, whenever it may have changed.
func consume(ctx context.Context, client *pubsub.Client, orders, files []string, s *store, out io.Writer) error {
	changed := make(chan struct{}, 1)
	batches := batcher{make(chan waiting)}
	receivers, ctx := errgroup.WithContext(ctx)
	receive := func(subscription string, read func(*pubsub.Message) (entry, error)) {
		subscriber := client.Subscriber(subscription)
		subscriber.ReceiveSettings.MaxOutstandingMessages = 4 * batchSize
		receivers.Go(func() error {
			return subscriber.Receive(ctx, func(ctx context.Context, m *pubsub.Message) {
				e, err := read(m)
				if err == nil {
					err = batches.keep(context.WithoutCancel(ctx), e)
				}
				if err != nil {
					log.Printf("message %s: %v", m.ID, err)
					m.Nack() // it comes again; the subscription's dead-letter policy ends the repetition
					return
				}
				m.Ack() // what it said is on disk
			})
		})
	}
	for _, subscription := range orders {
		receive(subscription, readOrder)
	}
	for _, subscription := range files {
		receive(subscription, readCompleted)
	}
	receivers.Go(func() error { return writeBalances(ctx, s, changed, out) })

	// Receive returns when its last callback has, so whoever still waits has the batches run on.
	batching, stop := context.WithCancel(context.WithoutCancel(ctx))
	var batcherDone errgroup.Group
	batcherDone.Go(func() error { batches.run(batching, s, changed); return nil })
	err := receivers.Wait()
	stop()
	_ = batcherDone.Wait()
	return err
}

func readOrder(m *pubsub.Message) (entry, error) {
	order := new(ordersv1.Order)
	if err := proto.Unmarshal(m.Data, order); err != nil {
		return nil, fmt.Errorf("decode an order: %w", err)
	}
	source, total := order.GetSource(), order.GetTotalAmount()
	return record{
		parseID: source.GetParseId(), index: source.GetRecordIndex(), orderID: order.GetOrderId(), orderDate: m.Attributes["order_date"],
		paymentStatus: order.GetPaymentStatusText(), units: total.GetUnits(), nanos: total.GetNanos(),
	}, nil
}

func readCompleted(m *pubsub.Message) (entry, error) {
	done := new(pipelinev1.FileCompleted)
	if err := proto.Unmarshal(m.Data, done); err != nil {
		return nil, fmt.Errorf("decode a completed file: %w", err)
	}
	return completed{done}, nil
}

// writeBalances writes the balance after changes. To compute it takes the longer the more orders there
// are, so it rests nine times as long as that took: a tenth of the time is for counting.
func writeBalances(ctx context.Context, s *store, changed <-chan struct{}, out io.Writer) error {
	lines := json.NewEncoder(out)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
		begun := time.Now()
		b, err := s.balance(context.WithoutCancel(ctx))
		if err == nil {
			err = lines.Encode(b)
		}
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(9 * time.Since(begun)):
		}
	}
}
