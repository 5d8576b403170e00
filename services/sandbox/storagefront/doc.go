// Package storagefront is the sandbox's Cloud Storage: an HTTP server over a
// plain directory that serves the part of the JSON API (and of the XML API's
// reads) that the official Go client uses, notifications included.
//
// # Layout
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
// # What it promises
//
//   - Every operation is atomic with its preconditions, and strongly consistent.
//   - Generations only grow, across restarts and clock steps.
//   - An object survives the death of the process (SIGKILL) once its upload was
//     answered. Nothing is fsynced: a power cut may lose the latest commits.
//     At the next start objects whose bodies the disk lost are dropped, loudly.
//   - While the disk is full writes answer 503 and change nothing; once there is room
//     they succeed.
//   - Notifications are delivered at least once, unordered, and outlive a
//     crash; as in the real service they are given up after seven days.
//   - Memory grows with the number of objects, versions and soft-deleted objects
//     (about 1 KB each) and of undelivered events, never with their size.
//
// # What it does not do
//
// No authentication, ACLs (accepted and ignored), encryption keys, holds,
// locked retention, restoring of buckets or of many objects at once, pauses of hard
// deletion, folders or HMAC keys. Lifecycle rules are stored and returned but never
// run, so noncurrent versions stay until they are deleted. Objects stored with
// Content-Encoding: gzip are always returned raw: there is no decompressive
// transcoding (Go's transport decompresses them itself unless told not to).
// The fields parameter is ignored: responses are whole. A rewrite takes several
// calls only where its caller bounds what one may do (maxBytesRewrittenPerCall). Writes through the XML API, batch requests and
// every other route answer 400 (notImplemented) and name what was asked, and so do the listed
// features where a request would turn them on. A copy whose request sets any
// metadata gets only that metadata. It needs a POSIX file system.
//
// TestConformance says what of Cloud Storage it promises, and can be run against
// Cloud Storage itself (package conformance).
package storagefront
