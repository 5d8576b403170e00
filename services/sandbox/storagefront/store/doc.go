// Package store keeps what exists in the sandbox's Cloud Storage: buckets, objects and
// their versions, notification configs with the events that are still owed, and resumable
// uploads. It knows the rules of the real service, not the requests: package storagefront
// reads those, and tells in HTTP what is refused here.
//
// # Layout of the data folder
//
//	buckets/<bucket>/<name>@<n>  the bytes of one object, read-only, under its name (past two folders "/" reads %2F)
//	incoming/                    bodies still arriving
//	uploads/                     resumable upload sessions
//	journal/                     what exists: an append-only log and its snapshots
//
// A body is written to incoming/ and renamed into buckets/ before one journal
// line makes it exist. That line is the commit: it names the new object, the
// objects it replaces or removes, and the notifications that follow from it, so
// an object and its event cannot part. A death at any instant leaves the old
// object or the new one; bodies that no journal line names are swept away at
// the next start. Names of hostile shape ("../x", "a//b", 1,024 slashes) are
// escaped, or hashed where a file system could not hold them; the journal,
// not the directory, knows the true names.
//
// Bodies never change once placed, so copies and moves are hard links, and so is what
// is restored. What becomes noncurrent or soft-deleted keeps its body where it was.
//
// # Versions and soft delete
//
// A bucket keeps noncurrent versions if it is told to (versioning), and what is deleted
// or overwritten for the time of its softDeletePolicy: as in the real service that is
// 7 days unless the bucket's maker says 0 or 7 to 90 days. Soft-deleted objects end on time
// for every caller, and with their bodies within an hour at work or at the next start.
// Both cost the disk little where they are what a file was called before: landing/,
// staging/ and archive/ are names of one body. Three things Google leaves open are
// decided here: a move leaves nothing of its source even in a bucket with versions;
// retention keeps a version from going, not from becoming noncurrent; and what was
// restored stays soft-deleted until its time is over.
//
// # Where to find what
//
// commit.go makes a change, durable first and then visible; apply.go is how it becomes
// visible, at work and at a start. create.go and copy.go make objects, versions.go says
// what they leave behind. journal.go and snapshot.go keep the records of record.go,
// blobs.go the bodies, repair.go makes the two agree at a start. outbox.go delivers events.
package store
