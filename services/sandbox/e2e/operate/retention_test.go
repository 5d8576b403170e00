package operate

import (
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/doctor"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

// The topics of other teams keep their messages for a week. A shorter retention is
// mended, a longer one is left alone until somebody asks to shorten it.
func TestFeedRetention(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	cfg := harness.EmptyCloud(t)
	mustProvision(t, cfg, provision.Options{})
	v := newVandal(t, cfg, 1)
	admin := v.messaging.TopicAdminClient
	check := func(when, id string, want time.Duration) {
		t.Helper()
		got, err := admin.GetTopic(t.Context(), &pubsubpb.GetTopicRequest{Topic: v.topicName(id)})
		if err != nil || got.MessageRetentionDuration.AsDuration() != want {
			t.Errorf("%s %s keeps %v, want %v (%v)", when, id, got.GetMessageRetentionDuration().AsDuration(), want, err)
		}
	}
	for _, topic := range topology.Topics() {
		check("at first", topic.Name, map[string]time.Duration{"orders-validated": 7 * day, "files-completed": 7 * day}[topic.Name])
	}
	for id, retention := range map[string]time.Duration{"orders-validated": day, "files-completed": 14 * day} {
		_, err := admin.UpdateTopic(t.Context(), &pubsubpb.UpdateTopicRequest{
			Topic:      &pubsubpb.Topic{Name: v.topicName(id), MessageRetentionDuration: durationpb.New(retention)},
			UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"message_retention_duration"}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	findings := map[string]string{}
	for _, f := range harness.MustExamine(t, cfg, doctor.Default()) {
		if f.Status != doctor.OK {
			findings[f.Check] = f.Detail
		}
	}
	if got, want := findings["topic orders-validated"], "~ retention: 24h0m0s -> 168h0m0s"; got != want {
		t.Errorf("the doctor says %q of a shorter retention, want %q", got, want)
	}
	if got, found := findings["topic files-completed"]; found {
		t.Errorf("the doctor says %q of a longer retention", got)
	}
	mustProvision(t, cfg, provision.Options{})
	check("provisioned again", "orders-validated", 7*day)
	check("provisioned again", "files-completed", 14*day)
	mustProvision(t, cfg, provision.Options{Shorten: []string{provision.FeedRetentionDays}})
	check("shortened", "files-completed", 7*day)
}
