package command

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/upload"
)

func uploadCommand() *cli.Command {
	return &cli.Command{
		Name:      "upload",
		Usage:     "land files: copy them to landing/<kind>/ of the bucket",
		ArgsUsage: "FILE...",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "kind", Usage: "one of " + strings.Join(upload.Kinds, ", ") + "; default: by each file's folder or name"},
		},
		Action: withConfig(runUpload),
	}
}

func runUpload(ctx context.Context, cmd *cli.Command, cfg cloud.Config) (err error) {
	paths := cmd.Args().Slice()
	if len(paths) == 0 {
		return errors.New("give at least one file")
	}
	names := make([]string, len(paths))
	for i, path := range paths {
		kind := cmd.String("kind")
		if kind == "" {
			kind = upload.KindOf(path)
		}
		if !slices.Contains(upload.Kinds, kind) {
			return fmt.Errorf("%s: neither its folder nor its name tells the kind; give --kind", filepath.Base(path))
		}
		names[i] = upload.LandingName(kind, path)
		if first := slices.Index(names[:i], names[i]); first >= 0 {
			return fmt.Errorf("%s and %s would both land as %s; nothing is uploaded", paths[first], path, names[i])
		}
	}
	client, err := cfg.NewStorage(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	bar := progress(cmd.Root().ErrWriter, int64(len(paths)), "uploading")
	for i, path := range paths {
		_, err := upload.File(ctx, client.Bucket(cfg.Bucket), names[i], path)
		if errors.Is(err, upload.ErrOccupied) {
			return fmt.Errorf("%w; try again in a moment, or give %s another name", err, path)
		}
		if err != nil {
			return err
		}
		_ = bar.Add(1)
		fmt.Fprintf(cmd.Root().Writer, "gs://%s/%s\n", cfg.Bucket, names[i])
	}
	return bar.Finish()
}
