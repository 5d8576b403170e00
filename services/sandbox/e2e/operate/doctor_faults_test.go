package operate

import (
	"context"
	"errors"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/storage"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/doctor"
)

// fault is something wrong with a deployment, and the finding that must tell it.
type fault struct {
	name   string
	do     func(context.Context, *vandal) error
	undo   func(context.Context, *vandal) error // what provisioning does not mend
	opts   func(*doctor.Options)
	check  string
	status doctor.Status
	detail string // a part of it
}

func (v *vandal) statement(text string) func(context.Context, *vandal) error {
	return func(ctx context.Context, v *vandal) error {
		query := v.warehouse.Query(text)
		query.DefaultDatasetID = v.cfg.Dataset
		_, err := query.Read(ctx)
		return err
	}
}

func object(name string) func(context.Context, *vandal) error {
	return func(ctx context.Context, v *vandal) error {
		w := v.storage.Bucket(v.cfg.Bucket).Object(name).NewWriter(ctx)
		return errors.Join(w.Close())
	}
}

func noObject(name string) func(context.Context, *vandal) error {
	return func(ctx context.Context, v *vandal) error {
		return v.storage.Bucket(v.cfg.Bucket).Object(name).Delete(ctx)
	}
}

func updateBucket(update storage.BucketAttrsToUpdate) func(context.Context, *vandal) error {
	return func(ctx context.Context, v *vandal) error {
		_, err := v.storage.Bucket(v.cfg.Bucket).Update(ctx, update)
		return err
	}
}

func later(d time.Duration) func(*doctor.Options) {
	return func(o *doctor.Options) { o.Now = func() time.Time { return time.Now().Add(d) } }
}

// ledgerInsert is a loaded file; the numbers are records and loaded.
const ledgerInsert = `INSERT INTO file_ledger (file_id, parse_id, revision, kind, landing_name, bytes, records, loaded, lines, duplicates, rejected, held, verdict, landed_at, claimed_at, loaded_at)
	SELECT 'f', 'p', 1, 'orders', 'landing/orders/f.json', 1, 2, LOADED, 0, 0, 0, 0, 'loaded', CURRENT_TIMESTAMP(), TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL CLAIMED SECOND), CURRENT_TIMESTAMP()`

func faults(v *vandal) []fault {
	const letters = "orders-validated.writer"
	forget := v.statement("DELETE FROM file_ledger WHERE TRUE")
	row := func(loaded, claimed string) func(context.Context, *vandal) error {
		return v.statement(strings.NewReplacer("LOADED", loaded, "CLAIMED", claimed).Replace(ledgerInsert))
	}
	return []fault{
		{
			name: "a topic is missing", check: "topic files-parsed", status: doctor.Fail, detail: "it is missing",
			do: func(ctx context.Context, v *vandal) error {
				return v.messaging.TopicAdminClient.DeleteTopic(ctx, &pubsubpb.DeleteTopicRequest{Topic: v.topicName(topology.TopicFilesParsed)})
			},
		},
		{
			name: "a schema is missing", check: "schema files-completed", status: doctor.Fail, detail: "it is missing",
			do: func(ctx context.Context, v *vandal) error {
				return v.schemas.DeleteSchema(ctx, &pubsubpb.DeleteSchemaRequest{Name: v.schemaName(topology.TopicFilesCompleted)})
			},
		},
		{
			name: "a topic has no schema", check: "topic orders-validated", status: doctor.Fail, detail: "+ schema: projects/p/schemas/orders-validated, binary",
			do: func(ctx context.Context, v *vandal) error {
				_, err := v.messaging.TopicAdminClient.UpdateTopic(ctx, &pubsubpb.UpdateTopicRequest{
					Topic: &pubsubpb.Topic{Name: v.topicName(topology.TopicOrdersValidated)}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"schema_settings"}},
				})
				return err
			},
		},
		{
			name: "a subscription outlived its topic", check: "subscription files-completed.watcher", status: doctor.Fail, detail: "it receives nothing any more",
			do: func(ctx context.Context, v *vandal) error {
				return v.messaging.TopicAdminClient.DeleteTopic(ctx, &pubsubpb.DeleteTopicRequest{Topic: v.topicName(topology.TopicFilesCompleted)})
			},
		},
		{
			name: "a subscription has no dead letters", check: "subscription " + letters, status: doctor.Fail, detail: "+ dead letters: to projects/p/topics/orders-validated.writer.dead-letter after 20 deliveries",
			do: func(ctx context.Context, v *vandal) error {
				_, err := v.messaging.SubscriptionAdminClient.UpdateSubscription(ctx, &pubsubpb.UpdateSubscriptionRequest{
					Subscription: &pubsubpb.Subscription{Name: v.subscriptionName(letters)},
					UpdateMask:   &fieldmaskpb.FieldMask{Paths: []string{"dead_letter_policy"}},
				})
				return err
			},
		},
		{
			name: "the notification is missing", check: "notification p-data-pipeline/landing/", status: doctor.Fail, detail: "it is missing",
			do: func(ctx context.Context, v *vandal) error { return v.deleteNotifications(ctx) },
		},
		{
			name: "another notification announces everything", check: "other notifications", status: doctor.Warn, detail: `announces [every event] of ""`,
			do: func(ctx context.Context, v *vandal) error {
				_, err := v.storage.Bucket(v.cfg.Bucket).AddNotification(ctx, &storage.Notification{
					TopicProjectID: v.cfg.ProjectID, TopicID: topology.TopicLandingNotifications, PayloadFormat: storage.JSONPayload,
				})
				return err
			},
			undo: func(ctx context.Context, v *vandal) error { return v.deleteNotifications(ctx) },
		},
		{
			name: "the bucket deletes the archive", check: "bucket p-data-pipeline", status: doctor.Fail, detail: "- lifecycle: delete archive/ after 1 days",
			do: func(ctx context.Context, v *vandal) error {
				_, err := v.storage.Bucket(v.cfg.Bucket).Update(ctx, storage.BucketAttrsToUpdate{Lifecycle: &storage.Lifecycle{Rules: []storage.LifecycleRule{{
					Action:    storage.LifecycleAction{Type: storage.DeleteAction},
					Condition: storage.LifecycleCondition{AgeInDays: 1, MatchesPrefix: []string{topology.Archive}},
				}}}})
				return err
			},
		},
		{
			name: "the bucket lets nothing go", check: "bucket p-data-pipeline", status: doctor.Fail, detail: "keeps every object for 30 days: files cannot be moved",
			do:   updateBucket(storage.BucketAttrsToUpdate{RetentionPolicy: &storage.RetentionPolicy{RetentionPeriod: 30 * 24 * time.Hour}}),
			undo: updateBucket(storage.BucketAttrsToUpdate{RetentionPolicy: &storage.RetentionPolicy{}}),
		},
		{
			name: "deleted objects are billed for long", check: "bucket p-data-pipeline", status: doctor.Warn, detail: "billed for 30 days more",
			do:   updateBucket(storage.BucketAttrsToUpdate{SoftDeletePolicy: &storage.SoftDeletePolicy{RetentionDuration: 30 * 24 * time.Hour}}),
			undo: updateBucket(storage.BucketAttrsToUpdate{SoftDeletePolicy: &storage.SoftDeletePolicy{RetentionDuration: 7 * 24 * time.Hour}}),
		},
		{
			name: "versions are billed for good", check: "bucket p-data-pipeline", status: doctor.Warn, detail: "stays as a noncurrent version",
			do:   updateBucket(storage.BucketAttrsToUpdate{VersioningEnabled: true}),
			undo: updateBucket(storage.BucketAttrsToUpdate{VersioningEnabled: false}),
		},
		{
			name: "a table is missing", check: "table order_keys", status: doctor.Fail, detail: "it is missing",
			do: func(ctx context.Context, v *vandal) error { return v.table("order_keys").Delete(ctx) },
		},
		{
			name: "a description differs", check: "table order_keys", status: doctor.Warn, detail: "~ description: another",
			do: func(ctx context.Context, v *vandal) error {
				_, err := v.table("order_keys").Update(ctx, bigquery.TableMetadataToUpdate{Description: "another"}, "")
				return err
			},
		},
		{
			name: "a table has another shape", check: "table unresolved_refs", status: doctor.Fail, detail: "column ref_kind is INTEGER instead of STRING",
			do: func(ctx context.Context, v *vandal) error {
				return errors.Join(v.table("unresolved_refs").Delete(ctx), v.table("unresolved_refs").Create(ctx, &bigquery.TableMetadata{
					Schema: bigquery.Schema{{Name: "ref_kind", Type: bigquery.IntegerFieldType}},
				}))
			},
			undo: func(ctx context.Context, v *vandal) error { return v.table("unresolved_refs").Delete(ctx) },
		},
		{
			name: "a view cannot be queried", check: "views", status: doctor.Fail, detail: "v_dead_letters cannot be queried",
			do: func(ctx context.Context, v *vandal) error { return v.table("dead_letters").Delete(ctx) },
		},
		{
			name: "the fence has no row", check: "fence", status: doctor.Fail, detail: "pipeline_fence has no row",
			do: v.statement("DELETE FROM pipeline_fence WHERE TRUE"),
		},
		{
			name: "the fence has two rows", check: "fence", status: doctor.Fail, detail: "pipeline_fence has 2 rows",
			do: v.statement("INSERT INTO pipeline_fence (id, epoch) SELECT 2, 0"), undo: v.statement("DELETE FROM pipeline_fence WHERE id = 2"),
		},
		{
			name: "the ledger is out of balance", check: "ledger balance", status: doctor.Fail, detail: "landing/orders/f.json: 2 records, but 1 loaded",
			do: row("1", "1"), undo: forget,
		},
		{
			name: "only sweeps find files", check: "notifications arrive", status: doctor.Warn, detail: "of 1 files in 24 hours, the soonest was claimed after 45s",
			do: row("2", "45"), undo: forget,
		},
		{
			name: "there are dead letters", check: "dead letters", status: doctor.Warn, detail: letters + ": 1 since ",
			do: v.statement(`INSERT INTO dead_letters (dead_letter_id, subscription, message_id, data, attributes, error, delivery_attempts, dead_lettered_at, dead_lettered_date)
				SELECT 'd', 'orders-validated.writer', 'm', b'', JSON '{}', 'e', 1, CURRENT_TIMESTAMP(), CURRENT_DATE()`),
			undo: func(ctx context.Context, v *vandal) error { return v.table("dead_letters").Delete(ctx) },
		},
		{
			name: "a file is forgotten in landing/", check: "files in landing/", status: doctor.Fail, detail: "1 of 1 are older than 5m0s, such as landing/orders/forgotten.json",
			do: object("landing/orders/forgotten.json"), undo: noObject("landing/orders/forgotten.json"), opts: later(10 * time.Minute),
		},
		{
			name: "a file is stuck in staging/", check: "files in staging/", status: doctor.Fail, detail: "1 of 1 are older than 1h0m0s, such as staging/orders/f/stuck.json",
			do: object("staging/orders/f/stuck.json"), undo: noObject("staging/orders/f/stuck.json"), opts: later(2 * time.Hour),
		},
		{name: "the clock is off", check: "clock", status: doctor.Fail, detail: "this machine's differs by", opts: later(5 * time.Minute)},
		{name: "the clock drifts", check: "clock", status: doctor.Warn, detail: "this machine's differs by", opts: later(time.Minute)},
		{
			name: "a service is not ready", check: "service parser", status: doctor.Fail, detail: "it is not ready (503 Service Unavailable): consuming: the parser does not consume",
			opts: func(o *doctor.Options) { o.Services = map[string]string{"parser": v.unready} },
		},
		{
			name: "a service does not answer", check: "service writer", status: doctor.Fail, detail: "connection refused",
			opts: func(o *doctor.Options) { o.Services = map[string]string{"writer": "http://127.0.0.1:1"} },
		},
		{
			name: "nobody claims the canary", check: "canary", status: doctor.Fail, detail: "not claimed within 1s",
			opts: func(o *doctor.Options) { o.Canary, o.CanaryTimeout = true, time.Second },
		},
		{
			name: "the bucket is missing", check: "bucket p-data-pipeline", status: doctor.Fail, detail: "it is missing",
			do: func(ctx context.Context, v *vandal) error {
				objects := v.storage.Bucket(v.cfg.Bucket).Objects(ctx, nil)
				for o, err := objects.Next(); err == nil; o, err = objects.Next() {
					if err := v.storage.Bucket(v.cfg.Bucket).Object(o.Name).Delete(ctx); err != nil {
						return err
					}
				}
				return errors.Join(v.deleteNotifications(ctx), v.storage.Bucket(v.cfg.Bucket).Delete(ctx))
			},
		},
		{
			name: "the daily reports have stopped", check: "daily reports", status: doctor.Fail, detail: "whose day ended 40h0m0s ago",
			do: v.statement(`INSERT INTO report_runs (report_date, report, row_count, data_through, parameters)
				SELECT DATE_SUB(CURRENT_DATE(), INTERVAL 2 DAY), report, 0, TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 40 HOUR), ''
				FROM UNNEST(['churn-risk', 'cohorts', 'inventory-alerts', 'revenue-trends', 'forecast', 'profile', 'data-quality']) AS report`),
			undo: v.statement("DELETE FROM report_runs WHERE TRUE"),
		},
		{
			name: "the dataset is missing", check: "dataset ecommerce_data", status: doctor.Fail, detail: "it is missing",
			do: func(ctx context.Context, v *vandal) error {
				return v.warehouse.Dataset(v.cfg.Dataset).DeleteWithContents(ctx)
			},
		},
	}
}
