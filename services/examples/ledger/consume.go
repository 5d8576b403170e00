package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"

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
	receive := func(ctx context.Context, subscription string, keep func([]byte) error) error {
		return client.Subscriber(subscription).Receive(ctx, func(_ context.Context, m *pubsub.Message) {
			if err := keep(m.Data); err != nil {
				log.Printf("message %s: %v", m.ID, err)
				m.Nack() // it comes again; the subscription's dead-letter policy ends the repetition
				return
			}
			m.Ack() // what it said is on disk
			select {
			case changed <- struct{}{}:
			default: // the balance to come will know of it
			}
		})
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, subscription := range orders {
		group.Go(func() error {
			return receive(ctx, subscription, func(data []byte) error {
				order := new(ordersv1.Order)
				if err := proto.Unmarshal(data, order); err != nil {
					return fmt.Errorf("decode an order: %w", err)
				}
				return s.putOrder(order)
			})
		})
	}
	for _, subscription := range files {
		group.Go(func() error {
			return receive(ctx, subscription, func(data []byte) error {
				done := new(pipelinev1.FileCompleted)
				if err := proto.Unmarshal(data, done); err != nil {
					return fmt.Errorf("decode a completed file: %w", err)
				}
				return s.putFile(done)
			})
		})
	}
	group.Go(func() error {
		lines := json.NewEncoder(out)
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-changed:
			}
			counted, err := s.counted()
			if err == nil {
				err = lines.Encode(counted.balance())
			}
			if err != nil {
				return err
			}
		}
	})
	return group.Wait()
}
