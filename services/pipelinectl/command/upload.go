package command

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/storage"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/services/parser/source"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/check"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/upload"
)

func uploadCommand() *cli.Command {
	return &cli.Command{
		Name:  "upload",
		Usage: "land files: copy them to landing/<kind>/ of the bucket, or to landing/<kind>/<source>/",
		Description: "Each file is checked first, as source check does (by CURRENCY and the like of this environment): if one would\n" +
			"end in quarantine/, nothing is uploaded. Single refused records are told of, and the file lands.\n" +
			"Then it waits until the files are loaded and tells what became of each. Ends with status 1 if a file\n" +
			"was quarantined, a record refused or left out as a conflict, or the wait was too short.",
		ArgsUsage: "FILE...",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: kindFlag, Usage: "one of " + strings.Join(upload.Kinds, ", ") + "; default: by each file's folder or name"},
			&cli.StringFlag{Name: sourceFlag, Usage: "the source that reads the files; default: the folder that a file lies in, below the one of its kind, else native records"},
			sourcesDirFlag(),
			&cli.BoolFlag{Name: "force", Usage: "land files without a check: they may end in quarantine/"},
			&cli.DurationFlag{Name: waitFlag, Value: defaultWait, Usage: "how long to wait until the files are loaded, to tell what became of them; 0: do not wait"},
		},
		Action: withStatus(withConfig(runUpload)),
	}
}

func runUpload(ctx context.Context, cmd *cli.Command, cfg cloud.Config) (err error) {
	files, err := filesToLand(cmd)
	if err != nil {
		return err
	}
	if !cmd.Bool("force") {
		if err := checkAll(ctx, cmd, cmd.Args().Slice()); err != nil {
			return err
		}
	}
	client, err := cfg.NewStorage(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	bucket, start := client.Bucket(cfg.Bucket), time.Now()
	bar, p := console.Progress(cmd.Root().ErrWriter, int64(len(files)), "uploading"), console.PrinterOf(cmd)
	for i := range files {
		if err := files[i].land(ctx, bucket); err != nil {
			return err
		}
		_ = bar.Add(1)
		p.Say("gs://%s/%s", cfg.Bucket, files[i].name)
	}
	if err := bar.Finish(); err != nil {
		return err
	}
	if cmd.Duration(waitFlag) <= 0 {
		if p.Format == render.Table {
			return nil
		}
		return printOutcomes(p, files, fileIDs(cfg.Bucket, files), nil)
	}
	return tellOutcomes(ctx, cmd, cfg, bucket, files, start)
}

// landing is a local file and the object that it becomes.
type landing struct {
	path, name string
	generation int64 // once it has landed
}

func (l *landing) land(ctx context.Context, bucket *storage.BucketHandle) (err error) {
	l.generation, err = upload.File(ctx, bucket, l.name, l.path)
	if errors.Is(err, upload.ErrOccupied) {
		return fmt.Errorf("%w; try again in a moment, or give %s another name", err, l.path)
	}
	return err
}

// filesToLand finds the name of each file by the flags and by where the file lies.
func filesToLand(cmd *cli.Command) ([]landing, error) {
	paths := cmd.Args().Slice()
	if len(paths) == 0 {
		return nil, fmt.Errorf("%w: give at least one file", check.ErrUsage)
	}
	sources, err := source.Load(existing(cmd.String(sourcesFlag)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", check.ErrUsage, err)
	}
	if name := cmd.String(sourceFlag); name != "" && name != source.Native && sources.Get(name) == nil && !cmd.Bool("force") {
		return nil, fmt.Errorf("%w: no source is called %q here; there are %s (--%s names another folder, --force lands the files all the same)",
			check.ErrUsage, name, strings.Join(sources.Names(), ", "), sourcesFlag)
	}
	files := make([]landing, len(paths))
	for i, path := range paths {
		kind := cmd.String(kindFlag)
		if kind == "" {
			kind = upload.KindOf(path)
		}
		if !slices.Contains(upload.Kinds, kind) {
			return nil, fmt.Errorf("%w: %s: neither its folder nor its name tells the kind; give --%s, one of %s",
				check.ErrUsage, filepath.Base(path), kindFlag, strings.Join(upload.Kinds, ", "))
		}
		by := cmd.String(sourceFlag)
		if by == "" {
			by = upload.SourceOf(path, sources.Names())
		}
		files[i] = landing{path: path, name: upload.LandingNameFor(kind, by, path)}
		same := func(other landing) bool { return other.name == files[i].name }
		if first := slices.IndexFunc(files[:i], same); first >= 0 {
			return nil, fmt.Errorf("%w: %s and %s would both land as %s; nothing is uploaded", check.ErrUsage, paths[first], path, files[i].name)
		}
	}
	return files, nil
}

// checkAll tells what each file would come to; the error is that of files which would not be
// loaded.
func checkAll(ctx context.Context, cmd *cli.Command, paths []string) error {
	var faults []error
	for _, path := range paths {
		report, err := checkFile(ctx, cmd, path, cmd.String(kindFlag), cmd.String(sourceFlag))
		if err != nil {
			return err
		}
		if report.Verdict == landedfile.Loaded && report.Refused == 0 {
			continue
		}
		if err := report.Print(cmd.Root().ErrWriter); err != nil {
			return err
		}
		if report.Verdict != landedfile.Loaded {
			faults = append(faults, fmt.Errorf("%s would end in quarantine/ (%s)", path, report.Reason))
		}
	}
	if len(faults) > 0 {
		return fmt.Errorf("nothing is uploaded; --force lands the files all the same: %w", errors.Join(faults...))
	}
	return nil
}
