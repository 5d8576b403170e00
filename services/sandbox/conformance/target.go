// Package conformance says what the conformance suites of the fronts
// (TestConformance in pubsubfront, storagefront and bigqueryfront) run against.
//
// By default that is an embedded front on a free port. With
//
//	CONFORMANCE_PROJECT   a Google Cloud project that you may fill with test data
//	CONFORMANCE_LOCATION  where buckets and datasets are made; US if empty
//
// the same cases run through the same client libraries, with their default
// credentials, against that project of the real cloud: what fails there is where
// a front is unlike the service that it stands in for. Every resource has a name
// of its own, random at the end, and is deleted when its case is over. It costs a
// few cents. The credentials must be allowed to make and delete topics,
// subscriptions, buckets and datasets, and the project's service agents to pass
// messages on:
//
//	service-NUMBER@gcp-sa-pubsub.iam.gserviceaccount.com          roles/pubsub.publisher, roles/pubsub.subscriber
//	service-NUMBER@gs-project-accounts.iam.gserviceaccount.com    roles/pubsub.publisher
//
// What only an embedded front can be asked for (faults, kills, what it refuses to
// serve, what is on its disk) is tested in the other files of each front.
package conformance

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"time"
)

// Target is what a suite runs against.
type Target struct {
	Project, Location string
	// Real is set for the real cloud.
	Real bool
	// Patience is what a case may wait for something at most.
	Patience time.Duration
}

// FromEnvironment returns the target that the environment names, or an embedded
// one whose project has the given name.
func FromEnvironment(project string) Target {
	t := Target{Project: os.Getenv("CONFORMANCE_PROJECT"), Location: os.Getenv("CONFORMANCE_LOCATION")}
	if t.Location == "" {
		t.Location = "US"
	}
	if t.Project == "" {
		t.Project, t.Patience = project, time.Minute
		return t
	}
	t.Real, t.Patience = true, 2*time.Minute
	return t
}

// Name returns prefix with a random end that no other call returns: letters,
// digits and underscores, as a dataset's name may have.
func Name(prefix string) string {
	var b [6]byte
	rand.Read(b[:]) // never fails: crypto/rand's promise
	return prefix + "_" + hex.EncodeToString(b[:])
}
