// Package topology is the map of the pipeline: its topics, who subscribes to
// them, and where files live in the bucket. Services, provisioning and tests all
// read it from here, so that a name cannot be spelled in two ways.
package topology

import (
	"fmt"
	"time"
)

// Topics of the pipeline.
const (
	TopicLandingNotifications = "landing-notifications"
	TopicFilesLanded          = "files-landed"
	TopicOrdersValidated      = "orders-validated"
	TopicCatalogUpdates       = "catalog-updates"
	TopicRecordsRejected      = "records-rejected"
	TopicFilesParsed          = "files-parsed"
	TopicFilesCompleted       = "files-completed"
)

// Services, and what else acts under a name of its own.
const (
	Watcher    = "watcher"
	Parser     = "parser"
	Writer     = "writer"
	Aggregator = "aggregator"
	Reporter   = "reporter"
	// ReporterDaily is the daily job that makes the reports.
	ReporterDaily = "daily-reports"
	// Operator is pipelinectl, when it brings files or dead letters back.
	Operator = "pipelinectl"
	// Doctor is pipelinectl's examination of a deployment, which changes nothing.
	Doctor = "doctor"
)

// Attributes that every message carries; records carry the last as well, and orders the last three.
const (
	AttrFileID      = "file_id"
	AttrParseID     = "parse_id"
	AttrSchema      = "schema"
	AttrTraceparent = "traceparent"
	AttrOrderID     = "order_id"
	AttrContentHash = "content_hash"
	AttrRecordIndex = "record_index"
)

// Attributes by which a subscription to the orders may filter. An order that has no value for one
// lacks it, so that NOT attributes:country asks for these.
const (
	// AttrPaymentStatus is a value of fact_orders.payment_status, such as completed.
	AttrPaymentStatus = "payment_status"
	// AttrCountry is a code of ISO 3166, such as DE; only of an address in a country that is known.
	AttrCountry = "country"
	// AttrRegion is fact_orders.region: one of the USA, or a country's name, or none.
	AttrRegion = "region"
	// AttrOrderDate is the shop's day of the order, such as 2026-11-01.
	AttrOrderDate = "order_date"
	// AttrVersion is the order's updated_at in UTC to the microsecond, such as
	// 2026-11-01T10:00:00.000000Z: of two versions the later one is the greater text. Only of an order
	// that has one.
	AttrVersion = "version"
)

// Attributes by which a subscription to the completed files may filter: what the file
// holds, loaded or quarantined, and the rule that quarantined it, if one did.
const (
	AttrKind    = "kind"
	AttrVerdict = "verdict"
	AttrReason  = "reason"
)

// Attributes that a dead letter carries besides the message's own.
const (
	AttrError        = "error"
	AttrSubscription = "subscription"
	AttrMessageID    = "message_id"
	AttrAttempts     = "delivery_attempts"
)

// Attributes of a message that was published again: the dead letter that it was, the id
// that the message had at first, and how often it was published again. By the last two
// a dead letter of it is known, however many copies are given up.
const (
	AttrReplayOf       = "replay_of"
	AttrFirstMessageID = "first_message_id"
	AttrReplays        = "replays"
)

// DeadLetterAttributes are what a service adds to a message that it gives up, and what
// a replay adds to it.
func DeadLetterAttributes() []string {
	return []string{AttrError, AttrSubscription, AttrMessageID, AttrAttempts, AttrReplayOf, AttrFirstMessageID, AttrReplays}
}

// Delivery settings shared by all subscriptions of services.
const (
	// MaxDeliveryAttempts is the net for messages that kill processes; ordinary
	// failures never reach it, because services retry in place.
	MaxDeliveryAttempts = 20
	// PatientDeliveryAttempts, the most that Pub/Sub takes, is for the aggregator: it holds many
	// messages for as long as a transaction takes and longer, and each end of its process counts
	// as an attempt of all of them.
	PatientDeliveryAttempts = 100
	// Retention keeps unacknowledged messages through a long weekend's outage.
	Retention = 7 * 24 * time.Hour
	// DeadLetterRetention is the longest that Pub/Sub offers.
	DeadLetterRetention = 31 * 24 * time.Hour
	// AckDeadline is renewed by the client while a message is worked on; it bounds
	// how long the messages of a killed process stay out of reach.
	AckDeadline = 60 * time.Second
	// MinBackoff and MaxBackoff bound the wait before a redelivery.
	MinBackoff = time.Second
	MaxBackoff = time.Minute
)

// DeliveryAttempts is after how many deliveries Pub/Sub gives up a message to a service.
func DeliveryAttempts(service string) int32 {
	if service == Aggregator {
		return PatientDeliveryAttempts
	}
	return MaxDeliveryAttempts
}

// Topic is a topic, who publishes to it and the services subscribed to it.
type Topic struct {
	Name        string
	Publishers  []string // none: Cloud Storage itself
	Subscribers []string
}

// Topics lists every topic, in the order of the flow.
func Topics() []Topic {
	return []Topic{
		{TopicLandingNotifications, nil, []string{Watcher}},
		{TopicFilesLanded, []string{Watcher, Aggregator, Operator}, []string{Parser}},
		{TopicOrdersValidated, []string{Parser}, []string{Writer}},
		{TopicCatalogUpdates, []string{Parser}, []string{Writer}},
		{TopicRecordsRejected, []string{Parser, Writer}, []string{Writer}},
		{TopicFilesParsed, []string{Parser, Watcher}, []string{Aggregator}},
		{TopicFilesCompleted, []string{Aggregator}, []string{Watcher, Reporter}},
	}
}

// Feeds lists the topics that other teams read. They retain their messages, so that who
// joins late can begin in the past.
func Feeds() []string { return []string{TopicOrdersValidated, TopicFilesCompleted} }

// Subscription is the id of a service's subscription to a topic.
func Subscription(topic, service string) string { return topic + "." + service }

// DeadLetterTopic is the topic that receives what a subscription gives up.
func DeadLetterTopic(subscription string) string { return subscription + ".dead-letter" }

// DeadLetterSubscription is the writer's subscription to a dead-letter topic.
func DeadLetterSubscription(subscription string) string {
	return Subscription(DeadLetterTopic(subscription), Writer)
}

// Subscriptions lists the ids of all subscriptions that have a dead-letter topic.
func Subscriptions() []string {
	var ids []string
	for _, t := range Topics() {
		for _, s := range t.Subscribers {
			ids = append(ids, Subscription(t.Name, s))
		}
	}
	return ids
}

// TransactionJob is the id of the nth job, from 0, that tries the transaction which begins at
// an epoch of the fence; it is the transaction of the number epoch + 1.
func TransactionJob(dataset string, epoch, n int64) string {
	return fmt.Sprintf("load_%s_%d_%d", dataset, epoch, n)
}
