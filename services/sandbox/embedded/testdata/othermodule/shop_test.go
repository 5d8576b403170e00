// Package shop is another module, as CLIENTS.md of the sandbox has it.
package shop

import (
	"context"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/bigquery/storage/managedwriter"
	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/embedded"
)

// TestUpload: an uploaded object notifies a topic, and a call that fails is tried again.
func TestUpload(t *testing.T) {
	t.Parallel()
	cloud := embedded.Start(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	messages, err := pubsub.NewClient(ctx, cloud.ProjectID(), cloud.PubSubOptions()...)
	if err != nil {
		t.Fatal(err)
	}
	defer messages.Close()
	topic := "projects/" + cloud.ProjectID() + "/topics/uploads"
	subscription := "projects/" + cloud.ProjectID() + "/subscriptions/uploads.test"
	if _, err := messages.TopicAdminClient.CreateTopic(ctx, &pubsubpb.Topic{Name: topic}); err != nil {
		t.Fatal(err)
	}
	if _, err := messages.SubscriptionAdminClient.CreateSubscription(ctx, &pubsubpb.Subscription{Name: subscription, Topic: topic}); err != nil {
		t.Fatal(err)
	}

	files, err := storage.NewClient(ctx, cloud.StorageOptions()...)
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	bucket := files.Bucket("uploads")
	if err := bucket.Create(ctx, cloud.ProjectID(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := bucket.AddNotification(ctx, &storage.Notification{TopicProjectID: cloud.ProjectID(), TopicID: "uploads", PayloadFormat: storage.JSONPayload}); err != nil {
		t.Fatal(err)
	}
	if err := cloud.SetFaults("storage.objects.insert fail unavailable first 1"); err != nil {
		t.Fatal(err)
	}
	w := bucket.Object("a.txt").Retryer(storage.WithPolicy(storage.RetryAlways)).NewWriter(ctx)
	if _, err := w.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	receiving, stop := context.WithCancel(ctx)
	var object string
	if err := messages.Subscriber(subscription).Receive(receiving, func(_ context.Context, m *pubsub.Message) {
		object = m.Attributes["objectId"]
		m.Ack()
		stop()
	}); err != nil {
		t.Fatal(err)
	}
	if object != "a.txt" {
		t.Errorf("notified of %q", object)
	}
}

// TestWarehouse: BigQuery's clients, with the Storage Write API's.
func TestWarehouse(t *testing.T) {
	t.Parallel()
	cloud := embedded.Start(t)
	ctx := t.Context()
	client, err := bigquery.NewClient(ctx, cloud.ProjectID(), cloud.BigQueryOptions()...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.Dataset("shop").Create(ctx, nil); err != nil {
		t.Fatal(err)
	}
	rows, err := client.Query("SELECT SUM(n) FROM UNNEST([1, 2, 3]) AS n").Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var row []bigquery.Value
	if err := rows.Next(&row); err != nil || row[0] != int64(6) {
		t.Errorf("the sum is %v: %v", row, err)
	}
	writer, err := managedwriter.NewClient(ctx, cloud.ProjectID(), cloud.BigQueryStorageOptions()...)
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Error(err)
	}
}
