package operate

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
)

func mustProvision(t *testing.T, cfg cloud.Config, opts provision.Options) provision.Plan {
	t.Helper()
	plan, err := provision.Provision(t.Context(), cfg, opts)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// outcomes are a plan's steps that were not left as they were.
func outcomes(plan provision.Plan) map[string]provision.Outcome {
	changed := make(map[string]provision.Outcome)
	for _, s := range plan.Pending() {
		changed[s.Resource] = s.Outcome
	}
	return changed
}

func TestProvisionIsIdempotent(t *testing.T) {
	t.Parallel()
	cfg := harness.EmptyCloud(t)
	steps, err := provision.StepCount()
	if err != nil {
		t.Fatal(err)
	}
	reported := 0
	dry := mustProvision(t, cfg, provision.Options{DryRun: true})
	first := mustProvision(t, cfg, provision.Options{Progress: func(provision.Step) { reported++ }})
	if len(dry.Steps) != steps || len(first.Steps) != steps || reported != steps {
		t.Errorf("%d steps in the dry run, %d in the first, %d of them reported; want %d",
			len(dry.Steps), len(first.Steps), reported, steps)
	}
	if diff := cmp.Diff(dry, first); diff != "" {
		t.Errorf("the dry run's plan and what was done differ (-dry +done):\n%s", diff)
	}
	for _, s := range first.Steps {
		if s.Outcome == provision.Unchanged && !strings.HasPrefix(s.Resource, "upgrade/") && s.Resource != "time zone" {
			t.Errorf("%s is unchanged in a project that was empty", s.Resource)
		}
	}
	for _, opts := range []provision.Options{{}, {DryRun: true}} {
		again := outcomes(mustProvision(t, cfg, opts))
		for resource, outcome := range again {
			t.Errorf("once more (dry run %v): %s is %s", opts.DryRun, resource, outcome)
		}
	}
}

func TestProvisionMendsWhatDiffers(t *testing.T) {
	t.Parallel()
	cfg := harness.EmptyCloud(t)
	mustProvision(t, cfg, provision.Options{})
	messaging, err := cfg.NewPubSub(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer messaging.Close()
	warehouse, err := cfg.NewBigQuery(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer warehouse.Close()

	const subscription = "orders-validated.writer"
	if _, err := messaging.SubscriptionAdminClient.UpdateSubscription(t.Context(), &pubsubpb.UpdateSubscriptionRequest{
		Subscription: &pubsubpb.Subscription{Name: "projects/p/subscriptions/" + subscription, AckDeadlineSeconds: 11},
		UpdateMask:   &fieldmaskpb.FieldMask{Paths: []string{"ack_deadline_seconds"}},
	}); err != nil {
		t.Fatal(err)
	}
	// A table of an earlier release: without most columns, with one by hand.
	table := warehouse.Dataset(cfg.Dataset).Table("unresolved_refs")
	if err := table.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := table.Create(t.Context(), &bigquery.TableMetadata{
		Schema: bigquery.Schema{
			{Name: "ref_kind", Type: bigquery.StringFieldType, Required: true},
			{Name: "ref_id", Type: bigquery.StringFieldType, Required: true},
			{Name: "by_hand", Type: bigquery.StringFieldType},
		},
		Clustering: &bigquery.Clustering{Fields: []string{"ref_kind", "ref_id"}},
	}); err != nil {
		t.Fatal(err)
	}

	plan := mustProvision(t, cfg, provision.Options{})
	want := map[string]provision.Outcome{
		"subscription " + subscription: provision.Updated, "table unresolved_refs": provision.Updated,
	}
	if diff := cmp.Diff(want, outcomes(plan)); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	have, err := table.Metadata(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var columns []string
	for _, f := range have.Schema {
		columns = append(columns, f.Name)
	}
	if want := []string{"ref_kind", "ref_id", "by_hand", "order_date"}; !slices.Equal(want, columns) {
		t.Errorf("columns %q, want %q", columns, want)
	}
	if left := outcomes(mustProvision(t, cfg, provision.Options{})); len(left) > 0 {
		t.Errorf("still not settled: %v", left)
	}
}

func TestProvisionReportsConflicts(t *testing.T) {
	t.Parallel()
	cfg := harness.EmptyCloud(t)
	mustProvision(t, cfg, provision.Options{})
	warehouse, err := cfg.NewBigQuery(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer warehouse.Close()
	table := warehouse.Dataset(cfg.Dataset).Table("pipeline_fence")
	if err := table.Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := table.Create(t.Context(), &bigquery.TableMetadata{
		Schema: bigquery.Schema{{Name: "id", Type: bigquery.StringFieldType}},
	}); err != nil {
		t.Fatal(err)
	}
	_, err = provision.Provision(t.Context(), cfg, provision.Options{})
	conflict, ok := errors.AsType[*provision.ConflictError](err)
	if !ok || conflict.Error() != "table pipeline_fence: column id is STRING instead of INTEGER" {
		t.Errorf("error %v, want a conflict that names the table and the column", err)
	}
}
