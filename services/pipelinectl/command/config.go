package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/check"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/notes"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/replay"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

const envFileFlag = "env-file"

// setting is a variable of the cloud's configuration and its flag.
type setting struct {
	flag, variable, usage, value string
	field                        func(*cloud.Config) *string
}

var settings = []setting{
	{"project", "PROJECT_ID", "Google Cloud project", "", func(c *cloud.Config) *string { return &c.ProjectID }},
	{"location", "LOCATION", "location of every resource", "us-central1", func(c *cloud.Config) *string { return &c.Location }},
	{"dataset", "DATASET", "BigQuery dataset", "ecommerce_data", func(c *cloud.Config) *string { return &c.Dataset }},
	{"bucket", "BUCKET", "bucket of the files", "", func(c *cloud.Config) *string { return &c.Bucket }},
	{"pubsub-host", "PUBSUB_EMULATOR_HOST", "embedded Pub/Sub; empty: the real one", "", func(c *cloud.Config) *string { return &c.PubSubHost }},
	{"storage-host", "STORAGE_EMULATOR_HOST", "embedded Cloud Storage; empty: the real one", "", func(c *cloud.Config) *string { return &c.StorageHost }},
	{"bigquery-host", "BIGQUERY_EMULATOR_HOST", "embedded BigQuery (REST); empty: the real one", "", func(c *cloud.Config) *string { return &c.BigQueryHost }},
	{"bigquery-storage-endpoint", "BIGQUERY_STORAGE_GRPC_ENDPOINT", "embedded BigQuery Storage API; empty: the real one", "", func(c *cloud.Config) *string { return &c.BigQueryStorageEndpoint }},
	{"resource-manager-host", "RESOURCE_MANAGER_EMULATOR_HOST", "embedded Resource Manager; empty: the real one", "", func(c *cloud.Config) *string { return &c.ResourceManagerHost }},
	{"monitoring-host", "MONITORING_EMULATOR_HOST", "embedded Cloud Monitoring; empty: the real one, or none beside an embedded Pub/Sub", "", func(c *cloud.Config) *string { return &c.MonitoringHost }},
}

// inSandbox is a name in the folder where a sandbox keeps its state.
func inSandbox(name string) string {
	return filepath.Join(cmp.Or(os.Getenv("SANDBOX_DATA_DIR"), ".sandbox"), name)
}

// defaultEnvFile is where a sandbox leaves its addresses.
func defaultEnvFile() string { return inSandbox("endpoints.env") }

// configOf gives the cloud to work on: a flag wins over the environment, and
// that over the file. The file is left alone when a project is named without
// naming a file, so that a sandbox cannot lend its addresses to a real project.
func configOf(cmd *cli.Command) (cloud.Config, error) {
	values := map[string]string{}
	if cmd.IsSet(envFileFlag) || cmd.String("project") == "" {
		var err error
		values, err = config.ReadFile(cmd.String(envFileFlag))
		if errors.Is(err, fs.ErrNotExist) && !cmd.IsSet(envFileFlag) {
			return cloud.Config{}, fmt.Errorf("no project is named (--project or PROJECT_ID), and no sandbox has left its addresses in %s", cmd.String(envFileFlag))
		}
		if err != nil {
			return cloud.Config{}, fmt.Errorf("read the variables: %w", err)
		}
	}
	var c cloud.Config
	for _, s := range settings {
		value, inFile := values[s.variable]
		if cmd.IsSet(s.flag) || !inFile {
			value = cmd.String(s.flag)
		}
		*s.field(&c) = value
	}
	return c, c.Validate()
}

// withConfig is an action that needs the cloud's configuration.
func withConfig(do func(context.Context, *cli.Command, cloud.Config) error) cli.ActionFunc {
	return func(ctx context.Context, cmd *cli.Command) error {
		c, err := configOf(cmd)
		if err != nil {
			return usage.Wrong(err)
		}
		return do(ctx, cmd, c)
	}
}

// withStatus ends the program with status 2 where what a command works with says that it
// was used wrongly.
func withStatus(do cli.ActionFunc) cli.ActionFunc {
	return func(ctx context.Context, cmd *cli.Command) error {
		err := do(ctx, cmd)
		if errors.Is(err, check.ErrUsage) || errors.Is(err, os.ErrNotExist) || errors.Is(err, replay.ErrUnknownSubscription) || errors.Is(err, replay.ErrNoDeadLetters) || errors.Is(err, notes.ErrWrong) {
			return usage.Wrong(err)
		}
		return err
	}
}
