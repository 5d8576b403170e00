package command

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/openlineage"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/recall"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

// lineageSettings say where commands that move data tell of it; they are the reporter's.
var lineageSettings = []struct {
	flag, variable, usage string
	field                 func(*openlineage.Settings) *string
}{
	{"openlineage-url", "OPENLINEAGE_URL", "server that OpenLineage run events are posted to; empty: nowhere", func(s *openlineage.Settings) *string { return &s.URL }},
	{"openlineage-endpoint", "OPENLINEAGE_ENDPOINT", "path below it; empty: api/v1/lineage", func(s *openlineage.Settings) *string { return &s.Endpoint }},
	{"openlineage-api-key", "OPENLINEAGE_API_KEY", "bearer token of that server", func(s *openlineage.Settings) *string { return &s.APIKey }},
	{"openlineage-topic", "OPENLINEAGE_TOPIC", "Pub/Sub topic that run events are published to instead", func(s *openlineage.Settings) *string { return &s.Topic }},
	{"openlineage-file", "OPENLINEAGE_FILE", "file that run events are appended to instead", func(s *openlineage.Settings) *string { return &s.File }},
	{"openlineage-namespace", "OPENLINEAGE_NAMESPACE", "namespace of the jobs; empty: the reporter's default", func(s *openlineage.Settings) *string { return &s.Namespace }},
}

func lineageFlags() (flags []cli.Flag) {
	for _, s := range lineageSettings {
		flags = append(flags, &cli.StringFlag{Name: s.flag, Usage: s.usage, Sources: cli.EnvVars(s.variable), Category: "LINEAGE"})
	}
	return flags
}

// told has do tell a catalog of data what it does, if the settings name one.
func told(ctx context.Context, cmd *cli.Command, cfg cloud.Config, do func(*openlineage.Session) error) (err error) {
	var settings openlineage.Settings
	if err := config.Defaults(&settings); err != nil {
		return err
	}
	for _, s := range lineageSettings {
		if value := cmd.String(s.flag); value != "" {
			*s.field(&settings) = value
		}
	}
	if err := settings.Validate(); err != nil {
		return usage.Wrong(err)
	}
	log := slog.New(slog.NewTextHandler(cmd.Root().ErrWriter, nil))
	session, err := openlineage.Open(ctx, &settings, cfg, time.Now, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	return do(session)
}

// bringingBack tells of each file that do brings back.
func bringingBack(ctx context.Context, cmd *cli.Command, cfg cloud.Config, lineage *openlineage.Session, do func(recall.File) (int64, error)) func(recall.File) (int64, error) {
	return func(f recall.File) (int64, error) {
		begun := time.Now()
		revision, err := do(f)
		if err == nil && !cmd.Bool(dryRunFlag) {
			lineage.Done(ctx, begun, func(e *openlineage.Events) *openlineage.Work {
				return e.ReadAgain(cmd.Name, f.ID, revision, cfg.Bucket, recall.KeptName(f), f.LandingName)
			}, 1)
		}
		return revision, err
	}
}

// broughtBackBy opens what a command needs that brings files back.
func broughtBackBy(ctx context.Context, cmd *cli.Command, cfg cloud.Config, do func(*recall.Client, *openlineage.Session) error) error {
	return told(ctx, cmd, cfg, func(lineage *openlineage.Session) error {
		return opened(ctx, cfg, func(client *recall.Client) error { return do(client, lineage) })
	})
}
