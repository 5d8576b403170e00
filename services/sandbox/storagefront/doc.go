// Package storagefront is the sandbox's Cloud Storage: an HTTP server over a
// plain directory that serves the part of the JSON API (and of the XML API's
// reads) that the official Go client uses, notifications included.
//
// Here are the APIs: routes, requests, resources and errors in HTTP. What exists is in
// package store, which keeps it and knows its rules; a refusal of the store gets its
// status in errors.go.
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
