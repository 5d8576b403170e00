// Package pubsubfront is the sandbox's Pub/Sub: a gRPC server that speaks
// Google's google.pubsub.v1 protocol to the official client libraries and keeps
// every message in NATS JetStream, which runs inside the process and listens on
// no port.
//
// # Rooms
//
// This package knows what clients ask: gRPC, topics, subscriptions, schemas and IAM
// policies as resources. Package queue knows the messages of one subscription: leases,
// acknowledgements, redelivery, progress. Package store knows JetStream. Each uses the
// next one only.
//
// # How a message is kept
//
// A Publish request becomes one chunk: its messages, already in the encoding in
// which they will be delivered, with a small header. A chunk is one JetStream
// message, so that JetStream's cost per message (subject matching, a write, a
// publish acknowledgement in JSON) is shared by the whole request.
//
// A subscription is a JetStream stream of its own, in work-queue retention, and
// a Publish writes the chunk to the stream of every subscription of the topic.
// That costs a copy on disk per subscription and buys three things: the stream
// is exactly the set of chunks that are not fully acknowledged, so its size on
// disk is the backlog; a topic without subscriptions stores nothing; and no
// subscription's backlog depends on another's.
//
// # How a message is delivered
//
// JetStream's ack wait is one duration per consumer, Pub/Sub's deadline is one
// per delivery, and a consumer that survived a restart would hold back what it
// had handed out until the ack wait ran out. So JetStream's consumer is used as
// a cursor only: it is created anew, in memory, each time the process starts,
// and therefore begins with everything that was not acknowledged. Leases,
// backoff, delivery attempts and flow control live in package queue,
// per message. When the last message of a chunk is
// acknowledged the chunk is acknowledged to JetStream, which deletes it.
//
// A chunk that stays partly acknowledged for a second has its state (which
// messages are done, how often the others were delivered) written to a stream
// of records, one per chunk, so that a restart does not deliver the done ones
// again.
//
// # How a message is replayed
//
// A topic that retains messages (message_retention_duration), and a subscription that
// retains acknowledged ones (retain_acked_messages), has a second stream, its history,
// which keeps a copy of each chunk until it is too old. A seek to the past copies from
// there to the end of the subscription's queue (package queue, rewind.go).
//
// # When the disk is full
//
// What would have to be written is refused with UNAVAILABLE. JetStream has to be started
// anew after that, within the process, and everything is read back as after a death of
// the process; that is done once there is room for the largest request (failure.go).
//
// # Schemas
//
// A topic with a protobuf schema refuses a Publish request if one message of it
// keeps to no revision in its range, as the real service does, and adds the same
// three attributes to those that do. A commit holds at once; in the real service it
// takes some minutes. Package schema says where it is stricter than what is
// documented.
//
// # What it promises
//
//   - A Publish that returned OK was written to the file and survives the death
//     of the process (SIGKILL). It is flushed to the disk itself every two
//     minutes, so a power failure can lose it.
//   - Delivery is at least once. After an unclean end, messages acknowledged in
//     its last second or so may come again.
//   - A seek is done when it is answered, where the real service may take a minute.
//   - Memory per subscription is bounded: about 45 MiB of payload in all, and 40
//     bytes for each message that is out on a lease, of which there can be a
//     million.
//
// # What it does not do
//
// Push, BigQuery and Cloud Storage subscriptions, ordering, exactly-once
// delivery, Avro schemas, rollback of a schema, snapshots and message transforms are refused with codes.Unimplemented. Expiration policies and labels
// are kept, but nothing expires. Delivery attempts made in the last second before
// an unclean end are not counted. IAM policies are kept, not enforced, and take no
// conditions, as in the real service. Message ids are unique as long as the machine's
// clock does not go back between two starts. There is no authentication: it is
// meant for the loopback interface.
//
// TestConformance says what of Pub/Sub it promises, and can be run against
// Pub/Sub itself (package conformance).
package pubsubfront
