package e2e

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/access"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/command"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/provision"
)

// The embedded cloud has no IAM, and nobody pretends that it had.
func TestPermissionsAreNotFaked(t *testing.T) {
	t.Parallel()
	cfg := emptyCloud(t)
	plan := mustProvision(t, cfg, provision.Options{})
	if got := plan.Count(provision.Unserved); got != 1 {
		t.Errorf("%d steps are said to be unserved, want 1: the service agents", got)
	}
	var out bytes.Buffer
	root := command.Root()
	root.Writer, root.ErrWriter = &out, &out
	err := root.Run(t.Context(), []string{
		"pipelinectl", "--project", cfg.ProjectID, "--bucket", cfg.Bucket, "--pubsub-host", cfg.PubSubHost, "--storage-host", cfg.StorageHost,
		"--bigquery-host", cfg.BigQueryHost, "provision", "--iam=apply",
	})
	if !errors.Is(err, access.ErrNoIAM) || strings.Contains(out.String(), "+") {
		t.Errorf("error %v, output %q; want %q and no grant", err, out.String(), access.ErrNoIAM)
	}
}
