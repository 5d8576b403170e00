package operate

import (
	"maps"
	"testing"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/doctor"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// Every kind of resource has the pipeline's label; one that lost it gets it back, and
// keeps the labels of others.
func TestLabels(t *testing.T) {
	t.Parallel()
	cfg, ctx := harness.EmptyCloud(t), t.Context()
	mustProvision(t, cfg, provision.Options{})
	v := newVandal(t, cfg, 1)
	const topic, subscription = "files-parsed", "files-parsed.aggregator"
	labels := func() map[string]map[string]string {
		t.Helper()
		to, err := v.messaging.TopicAdminClient.GetTopic(ctx, &pubsubpb.GetTopicRequest{Topic: v.topicName(topic)})
		if err != nil {
			t.Fatal(err)
		}
		su, err := v.messaging.SubscriptionAdminClient.GetSubscription(ctx, &pubsubpb.GetSubscriptionRequest{Subscription: v.subscriptionName(subscription)})
		if err != nil {
			t.Fatal(err)
		}
		bu, err := v.storage.Bucket(cfg.Bucket).Attrs(ctx)
		if err != nil {
			t.Fatal(err)
		}
		da, err := v.warehouse.Dataset(cfg.Dataset).Metadata(ctx)
		if err != nil {
			t.Fatal(err)
		}
		ta, err := v.table("fact_orders").Metadata(ctx)
		if err != nil {
			t.Fatal(err)
		}
		vi, err := v.table("v_dead_letters").Metadata(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return map[string]map[string]string{
			"topic " + topic: to.Labels, "subscription " + subscription: su.Labels, "bucket " + cfg.Bucket: bu.Labels,
			"dataset " + cfg.Dataset: da.Labels, "table fact_orders": ta.Labels, "view v_dead_letters": vi.Labels,
		}
	}
	for resource, have := range labels() {
		if diff := cmp.Diff(map[string]string{"app": "order-pipeline"}, have); diff != "" {
			t.Errorf("%s: labels (-want +got):\n%s", resource, diff)
		}
	}

	others := map[string]string{"team": "data"}
	if _, err := v.messaging.TopicAdminClient.UpdateTopic(ctx, &pubsubpb.UpdateTopicRequest{
		Topic: &pubsubpb.Topic{Name: v.topicName(topic), Labels: others}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"labels"}},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := v.messaging.SubscriptionAdminClient.UpdateSubscription(ctx, &pubsubpb.UpdateSubscriptionRequest{
		Subscription: &pubsubpb.Subscription{Name: v.subscriptionName(subscription), Labels: others}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"labels"}},
	}); err != nil {
		t.Fatal(err)
	}
	var bucket storage.BucketAttrsToUpdate
	var dataset bigquery.DatasetMetadataToUpdate
	var table bigquery.TableMetadataToUpdate
	bucket.SetLabel("team", "data")
	bucket.DeleteLabel("app")
	dataset.SetLabel("team", "data")
	dataset.SetLabel("app", "another")
	table.SetLabel("team", "data")
	table.DeleteLabel("app")
	if _, err := v.storage.Bucket(cfg.Bucket).Update(ctx, bucket); err != nil {
		t.Fatal(err)
	}
	if _, err := v.warehouse.Dataset(cfg.Dataset).Update(ctx, dataset, ""); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"fact_orders", "v_dead_letters"} {
		if _, err := v.table(name).Update(ctx, table, ""); err != nil {
			t.Fatal(err)
		}
	}
	changed := labels()
	warned := make(map[string]string)
	for _, f := range harness.MustExamine(t, cfg, doctor.Default()) {
		if _, ours := changed[f.Check]; ours && f.Status == doctor.Warn {
			warned[f.Check] = f.Detail
		}
	}
	for resource := range changed {
		want := "+ label app: order-pipeline"
		if resource == "dataset "+cfg.Dataset {
			want = "~ label app: another -> order-pipeline"
		}
		if warned[resource] != want {
			t.Errorf("the doctor says of %s: %q, want %q", resource, warned[resource], want)
		}
	}
	plan := outcomes(mustProvision(t, cfg, provision.Options{}))
	if len(plan) != len(changed) {
		t.Errorf("provisioning changed %v, want %d resources", plan, len(changed))
	}
	for resource, have := range labels() {
		if !maps.Equal(have, map[string]string{"team": "data", "app": "order-pipeline"}) {
			t.Errorf("%s: labels %v", resource, have)
		}
	}
}
