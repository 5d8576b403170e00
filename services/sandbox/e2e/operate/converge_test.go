package operate

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/pubsub/v2"
	pubsubapi "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/storage"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/e2e/harness"
	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

// vandal damages a provisioned project with the official clients, as a person in
// the console might.
type vandal struct {
	cfg       cloud.Config
	messaging *pubsub.Client
	schemas   *pubsubapi.SchemaClient
	storage   *storage.Client
	warehouse *bigquery.Client
	dice      *rand.Rand
	tables    []schema.Table // without views
	views     []schema.Table
	unready   string // URL of a service that is not ready
}

func newVandal(t *testing.T, cfg cloud.Config, seed uint64) *vandal {
	t.Helper()
	v := &vandal{cfg: cfg, dice: rand.New(rand.NewPCG(seed, 0))}
	var messaging, schemas, files, warehouse error
	v.messaging, messaging = cfg.NewPubSub(t.Context())
	v.schemas, schemas = cfg.NewSchemas(t.Context())
	v.storage, files = cfg.NewStorage(t.Context())
	v.warehouse, warehouse = cfg.NewBigQuery(t.Context())
	all, tables := schema.Tables()
	if err := errors.Join(messaging, schemas, files, warehouse, tables); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(v.messaging.Close(), v.schemas.Close(), v.storage.Close(), v.warehouse.Close()); err != nil {
			t.Error(err)
		}
	})
	for _, table := range all {
		if table.ViewQuery == "" {
			v.tables = append(v.tables, table)
		} else {
			v.views = append(v.views, table)
		}
	}
	return v
}

func pick[T any](v *vandal, list []T) T { return list[v.dice.IntN(len(list))] }

func (v *vandal) topicName(id string) string {
	return "projects/" + v.cfg.ProjectID + "/topics/" + id
}

func (v *vandal) subscriptionName(id string) string {
	return "projects/" + v.cfg.ProjectID + "/subscriptions/" + id
}

// anyTopic and anySubscription are ids of resources of all kinds.
func (v *vandal) anyTopic() string {
	if v.dice.IntN(2) == 0 {
		return topology.DeadLetterTopic(pick(v, topology.Subscriptions()))
	}
	return pick(v, topology.Topics()).Name
}

func (v *vandal) anySubscription() string {
	id := pick(v, topology.Subscriptions())
	if v.dice.IntN(3) == 0 {
		id = topology.DeadLetterSubscription(id)
	}
	return id
}

func (v *vandal) deleteTopic(ctx context.Context) error {
	return v.messaging.TopicAdminClient.DeleteTopic(ctx, &pubsubpb.DeleteTopicRequest{Topic: v.topicName(v.anyTopic())})
}

func (v *vandal) schemaName(id string) string {
	return "projects/" + v.cfg.ProjectID + "/schemas/" + id
}

// withSchema are the topics that other teams read.
var withSchema = []string{topology.TopicOrdersValidated, topology.TopicFilesCompleted}

func (v *vandal) deleteSchema(ctx context.Context) error {
	return v.schemas.DeleteSchema(ctx, &pubsubpb.DeleteSchemaRequest{Name: v.schemaName(pick(v, withSchema))})
}

// changeTopic takes a topic's schema off, or pins it to the revision of today.
func (v *vandal) changeTopic(ctx context.Context) error {
	id := pick(v, withSchema)
	change := &pubsubpb.Topic{Name: v.topicName(id)}
	if v.dice.IntN(2) == 0 {
		s, err := v.schemas.GetSchema(ctx, &pubsubpb.GetSchemaRequest{Name: v.schemaName(id)})
		if err != nil {
			return err
		}
		change.SchemaSettings = &pubsubpb.SchemaSettings{Schema: s.Name, Encoding: pubsubpb.Encoding_BINARY, LastRevisionId: s.RevisionId}
	}
	_, err := v.messaging.TopicAdminClient.UpdateTopic(ctx, &pubsubpb.UpdateTopicRequest{
		Topic: change, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"schema_settings"}},
	})
	return err
}

func (v *vandal) deleteSubscription(ctx context.Context) error {
	name := v.subscriptionName(v.anySubscription())
	return v.messaging.SubscriptionAdminClient.DeleteSubscription(ctx, &pubsubpb.DeleteSubscriptionRequest{Subscription: name})
}

func (v *vandal) changeSubscription(ctx context.Context) error {
	change := &pubsubpb.Subscription{
		Name:                     v.subscriptionName(v.anySubscription()),
		AckDeadlineSeconds:       int32(10 + v.dice.IntN(590)),
		MessageRetentionDuration: durationpb.New(time.Duration(1+v.dice.IntN(700)) * time.Hour),
		ExpirationPolicy:         &pubsubpb.ExpirationPolicy{Ttl: durationpb.New(31 * 24 * time.Hour)},
	}
	if v.dice.IntN(2) == 0 {
		change.RetryPolicy = &pubsubpb.RetryPolicy{MinimumBackoff: durationpb.New(time.Duration(v.dice.IntN(20)) * time.Second), MaximumBackoff: durationpb.New(10 * time.Minute)}
	}
	if v.dice.IntN(2) == 0 {
		change.DeadLetterPolicy = &pubsubpb.DeadLetterPolicy{DeadLetterTopic: v.topicName(pick(v, topology.Topics()).Name), MaxDeliveryAttempts: 7}
	}
	paths := []string{"ack_deadline_seconds", "message_retention_duration", "expiration_policy", "retry_policy", "dead_letter_policy"}
	v.dice.Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
	_, err := v.messaging.SubscriptionAdminClient.UpdateSubscription(ctx, &pubsubpb.UpdateSubscriptionRequest{
		Subscription: change, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths[:1+v.dice.IntN(len(paths))]},
	})
	return err
}

func (v *vandal) deleteNotifications(ctx context.Context) error {
	bucket := v.storage.Bucket(v.cfg.Bucket)
	present, err := bucket.Notifications(ctx)
	for id := range present {
		err = errors.Join(err, bucket.DeleteNotification(ctx, id))
	}
	return err
}

// foreignRule is somebody else's, and stays.
var foreignRule = storage.LifecycleRule{
	Action:    storage.LifecycleAction{Type: storage.DeleteAction},
	Condition: storage.LifecycleCondition{AgeInDays: 3, MatchesPrefix: []string{"exports/"}},
}

func (v *vandal) changeBucket(ctx context.Context) error {
	update := storage.BucketAttrsToUpdate{Lifecycle: &storage.Lifecycle{Rules: []storage.LifecycleRule{foreignRule}}}
	if v.dice.IntN(2) == 0 {
		update.Lifecycle.Rules = append(update.Lifecycle.Rules, storage.LifecycleRule{
			Action:    storage.LifecycleAction{Type: storage.DeleteAction},
			Condition: storage.LifecycleCondition{AgeInDays: int64(1 + v.dice.IntN(50)), MatchesPrefix: []string{topology.Archive}},
		})
		update.PublicAccessPrevention = storage.PublicAccessPreventionInherited
	}
	_, err := v.storage.Bucket(v.cfg.Bucket).Update(ctx, update)
	return err
}

func (v *vandal) table(name string) *bigquery.Table {
	return v.warehouse.Dataset(v.cfg.Dataset).Table(name)
}

func (v *vandal) deleteTable(ctx context.Context) error {
	return v.table(pick(v, v.tables).Name).Delete(ctx)
}

// olderTable puts a table in place as an earlier release made it: without its last
// column (which in no table is what it is partitioned or clustered by), and with
// one by hand.
func (v *vandal) olderTable(ctx context.Context) error {
	table := v.table(pick(v, v.tables).Name)
	m, err := table.Metadata(ctx)
	if err != nil {
		return err
	}
	byHand := &bigquery.FieldSchema{Name: "by_hand", Type: bigquery.StringFieldType}
	older := &bigquery.TableMetadata{
		Schema:           append(m.Schema[:len(m.Schema)-1:len(m.Schema)-1], byHand),
		TimePartitioning: m.TimePartitioning, Clustering: m.Clustering,
	}
	if last := m.Schema[len(m.Schema)-1].Name; m.TimePartitioning != nil && m.TimePartitioning.Field == last {
		older.Schema = append(m.Schema[:len(m.Schema):len(m.Schema)], byHand)
	}
	if err := table.Delete(ctx); err != nil {
		return err
	}
	return table.Create(ctx, older)
}

func (v *vandal) changeTable(ctx context.Context) error {
	table := v.table(pick(v, v.tables).Name)
	m, err := table.Metadata(ctx)
	if err != nil {
		return err
	}
	described := *m.Schema[v.dice.IntN(len(m.Schema))]
	described.Description = "something else"
	schema := bigquery.Schema{}
	for _, f := range m.Schema {
		if f.Name == described.Name {
			f = &described
		}
		schema = append(schema, f)
	}
	update := bigquery.TableMetadataToUpdate{Description: "something else", Schema: schema, ExpirationTime: time.Now().Add(24 * time.Hour)}
	if m.TimePartitioning != nil {
		update.TimePartitioning = &bigquery.TimePartitioning{
			Type: m.TimePartitioning.Type, Field: m.TimePartitioning.Field, Expiration: time.Duration(1+v.dice.IntN(100)) * 24 * time.Hour,
		}
	}
	_, err = table.Update(ctx, update, m.ETag)
	return err
}

func (v *vandal) deleteView(ctx context.Context) error {
	return v.table(pick(v, v.views).Name).Delete(ctx)
}

func (v *vandal) changeView(ctx context.Context) error {
	_, err := v.table(pick(v, v.views).Name).Update(ctx, bigquery.TableMetadataToUpdate{ViewQuery: "SELECT 1 AS one", Description: "something else"}, "")
	return err
}

func (v *vandal) deleteSeeds(ctx context.Context) error {
	query := v.warehouse.Query(pick(v, []string{
		"DELETE FROM pipeline_fence WHERE TRUE", "DELETE FROM ref_regions WHERE state < 'K'", "DELETE FROM ref_places WHERE spelling < 'K'",
	}))
	query.DefaultDatasetID = v.cfg.Dataset
	_, err := query.Read(ctx)
	return err
}

func (v *vandal) changeDataset(ctx context.Context) error {
	_, err := v.warehouse.Dataset(v.cfg.Dataset).Update(ctx, bigquery.DatasetMetadataToUpdate{DefaultTableExpiration: 48 * time.Hour}, "")
	return err
}

// damage does some of the above. What an earlier damage has already taken away
// cannot be damaged again; that is no fault.
func (v *vandal) damage(ctx context.Context, t *testing.T) {
	t.Helper()
	for _, kind := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"change a topic", v.changeTopic}, {"delete a schema", v.deleteSchema},
		{"change a subscription", v.changeSubscription}, {"change the bucket", v.changeBucket},
		{"change a table", v.changeTable}, {"change a view", v.changeView}, {"change the dataset", v.changeDataset},
		{"delete a topic", v.deleteTopic}, {"delete a subscription", v.deleteSubscription},
		{"delete the notification", v.deleteNotifications}, {"put an older table", v.olderTable},
		{"delete seeds", v.deleteSeeds}, {"delete a table", v.deleteTable}, {"delete a view", v.deleteView},
	} {
		for range v.dice.IntN(4) {
			if err := kind.do(ctx); err != nil {
				t.Logf("%s: %v", kind.name, err)
			}
		}
	}
}

// Whatever is deleted and changed, a dry run tells what a run then does, and the
// next run finds nothing to do.
func TestProvisionConverges(t *testing.T) {
	t.Parallel()
	cfg := harness.EmptyCloud(t)
	mustProvision(t, cfg, provision.Options{})
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			v := newVandal(t, cfg, seed)
			v.damage(t.Context(), t)
			if seed == 5 { // and once everything that can be
				for _, bucket := range []error{v.deleteNotifications(t.Context()), v.storage.Bucket(cfg.Bucket).Delete(t.Context()), v.warehouse.Dataset(cfg.Dataset).DeleteWithContents(t.Context())} {
					if bucket != nil {
						t.Fatal(bucket)
					}
				}
			}
			dry := mustProvision(t, cfg, provision.Options{DryRun: true})
			done := mustProvision(t, cfg, provision.Options{})
			if diff := cmp.Diff(dry, done); diff != "" {
				t.Errorf("the dry run's plan and what was done differ (-dry +done):\n%s", diff)
			}
			if len(done.Pending()) == 0 {
				t.Error("nothing was mended, so nothing was damaged")
			}
			for _, opts := range []provision.Options{{}, {DryRun: true}} {
				if left := outcomes(mustProvision(t, cfg, opts)); len(left) > 0 {
					t.Errorf("dry run %v, not settled: %v", opts.DryRun, left)
				}
			}
		})
	}
}

// What is not the pipeline's stays: a stranger's lifecycle rule, a column by hand, a
// longer life.
func TestProvisionLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	cfg := harness.EmptyCloud(t)
	mustProvision(t, cfg, provision.Options{})
	v := newVandal(t, cfg, 1)
	if err := errors.Join(v.changeBucket(t.Context()), v.olderTable(t.Context())); err != nil {
		t.Fatal(err)
	}
	plan := mustProvision(t, cfg, provision.Options{})
	attrs, err := v.storage.Bucket(cfg.Bucket).Attrs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// The rule that deletes quarantine/ was taken away, and who did that may have meant it.
	if rules := attrs.Lifecycle.Rules; len(rules) != 2 || !cmp.Equal(rules[0], foreignRule) || rules[1].Action.Type == storage.DeleteAction {
		t.Errorf("rules %+v: want the stranger's, then the one of the pipeline that deletes nothing", rules)
	}
	kept := 0
	for _, s := range plan.Pending() {
		if name, isTable := strings.CutPrefix(s.Resource, "table "); isTable {
			m, err := v.table(name).Metadata(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range m.Schema {
				if f.Name == "by_hand" {
					kept++
				}
			}
		}
	}
	if kept != 1 {
		t.Errorf("%d tables kept the column by hand, want 1", kept)
	}
}

// A subscription that outlived its topic holds dead letters: they are not thrown away.
func TestProvisionKeepsDeadLetters(t *testing.T) {
	t.Parallel()
	cfg := harness.EmptyCloud(t)
	mustProvision(t, cfg, provision.Options{})
	v := newVandal(t, cfg, 1)
	letters := topology.DeadLetterTopic(topology.Subscriptions()[0])
	ctx, admin := t.Context(), v.messaging.SubscriptionAdminClient
	publisher := v.messaging.Publisher(letters)
	defer publisher.Stop()
	if _, err := publisher.Publish(ctx, &pubsub.Message{Data: []byte("a letter")}).Get(ctx); err != nil {
		t.Fatal(err)
	}
	if err := v.messaging.TopicAdminClient.DeleteTopic(ctx, &pubsubpb.DeleteTopicRequest{Topic: v.topicName(letters)}); err != nil {
		t.Fatal(err)
	}
	orphan := topology.Subscription(letters, topology.Writer)
	_, err := provision.Provision(ctx, cfg, provision.Options{})
	conflict, ok := errors.AsType[*provision.ConflictError](err)
	if !ok || conflict.Resource != "subscription "+orphan {
		t.Fatalf("error %v, want a conflict that names the subscription", err)
	}
	var acked bool
	harness.Await(t, "the letter", func() (bool, error) {
		resp, err := admin.Pull(ctx, &pubsubpb.PullRequest{Subscription: v.subscriptionName(orphan), MaxMessages: 1})
		if err != nil || len(resp.ReceivedMessages) == 0 {
			return false, err
		}
		acked = string(resp.ReceivedMessages[0].Message.Data) == "a letter"
		return true, admin.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{
			Subscription: v.subscriptionName(orphan), AckIds: []string{resp.ReceivedMessages[0].AckId},
		})
	})
	if !acked {
		t.Error("the letter is another one")
	}
	plan := mustProvision(t, cfg, provision.Options{})
	if diff := cmp.Diff(map[string]provision.Outcome{
		"subscription " + orphan: provision.Replaced,
		"service agents":         provision.Updated, // a topic made anew has no policy
	}, outcomes(plan)); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}
