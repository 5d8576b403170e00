// Package pubsubfront is the sandbox's Pub/Sub: a gRPC server that speaks
// Google's google.pubsub.v1 protocol to the official client libraries and keeps
// every message in NATS JetStream, which runs inside the process and listens on
// no port.
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
// backoff, delivery attempts and flow control live in this package
// (subscription.go), per message. When the last message of a chunk is
// acknowledged the chunk is acknowledged to JetStream, which deletes it.
//
// A chunk that stays partly acknowledged for a second has its state (which
// messages are done, how often the others were delivered) written to a stream
// of records, one per chunk, so that a restart does not deliver the done ones
// again.
//
// # Schemas
//
// A topic with a protobuf schema refuses a Publish request of which one message
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
//   - Memory per subscription is bounded: about 45 MiB of payload in all, and 40
//     bytes for each message that is out on a lease, of which there can be a
//     million.
//
// # What it does not do
//
// Push, BigQuery and Cloud Storage subscriptions, ordering, exactly-once
// delivery, Avro schemas, rollback of a schema, snapshots, replay of acknowledged messages and message
// transforms are refused with codes.Unimplemented. Expiration policies and labels
// are kept, but nothing expires. Delivery attempts made in the last second before
// an unclean end are not counted. Message ids are unique as long as the machine's
// clock does not go back between two starts. There is no authentication: it is
// meant for the loopback interface.
//
// TestConformance says what of Pub/Sub it promises, and can be run against
// Pub/Sub itself (package conformance).
package pubsubfront
