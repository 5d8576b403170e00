// Package harness runs the whole pipeline, services and embedded cloud, in the test's process and on free ports, and
// gives the end-to-end tests what several themes of them need. What one theme alone needs is beside its tests.
//
//   - start, process, services: start a sandbox in this process, in one that can be killed, or a single service
//   - orders, files, land: make files and upload them
//   - await: wait until the pipeline has come so far
//   - warehouse, bucket, jobs, dashboard: look at what it left, and put rows there
//   - verify: compare all of it with the reference implementation
//   - operate: run pipelinectl
//   - faults: have the cloud fail, deliver again or deliver twice
package harness

import (
	"context"
	"errors"
	"testing"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/storage"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// The service's defaults.
const (
	maxDeactivateShare = 0.2
	maxFindings        = 100
)

// Pipeline is a running sandbox, in this process or another, and what a test
// needs of it.
type Pipeline struct {
	Endpoints cloud.Config
	Dashboard string // URL of the reporter
	Bigquery  *bigquery.Client
	Storage   *storage.Client
	Policy    reference.Policy // what the model is told of the services' configuration
}

// Connect opens clients to a sandbox; they are closed with the test.
func Connect(t *testing.T, endpoints cloud.Config, dashboard string) *Pipeline {
	t.Helper()
	p := &Pipeline{Endpoints: endpoints, Dashboard: dashboard, Policy: reference.Policy{MaxDeactivateShare: maxDeactivateShare, MaxFindings: maxFindings}}
	var err error
	if p.Bigquery, err = endpoints.NewBigQuery(context.Background()); err != nil {
		t.Fatal(err)
	}
	if p.Storage, err = endpoints.NewStorage(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.failOnUnlabelled(t)
		if err := errors.Join(p.Bigquery.Close(), p.Storage.Close()); err != nil {
			t.Error(err)
		}
	})
	return p
}
