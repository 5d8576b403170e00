package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/kelseyhightower/envconfig"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/services/parser/reading"
	"github.com/zackkki/ecomm_datapipeline/services/parser/source"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/check"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/suggest"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/upload"
)

const (
	sourcesFlag = "sources-dir"
	sourceFlag  = "source"
	kindFlag    = "kind"
	detailsFlag = "details"
)

func sourceCommand() *cli.Command {
	return &cli.Command{
		Name:  "source",
		Usage: "read a shop's own export: check a file, draft a description of it, list those that there are",
		Description: "Works on this machine, without a cloud. A source is a YAML file that says how the records of an\n" +
			"export become orders, products or customers; files in landing/<kind>/<source>/ are read by it.",
		Commands: []*cli.Command{
			{
				Name: "check", ArgsUsage: "FILE (- is standard input)",
				Usage: "tell what of a file would be loaded and what refused, with all faults of each record",
				Description: "Reads the file with the parser's own code and the same settings (CURRENCY, TIME_ZONE and the like).\n" +
					"As csv it is one row for each fault of the records that are told of, for the file's own and for each rule that is noted.\n" +
					"Ends with status 0 if all would be loaded, 1 if something would not, 2 if it was used wrongly.",
				Flags: append(fileFlags(),
					&cli.IntFlag{Name: detailsFlag, Value: 10, Usage: "refused records that are told of one by one"}),
				Action: withStatus(runSourceCheck),
			},
			{
				Name: "suggest", ArgsUsage: "FILE (- is standard input)",
				Usage: "draft a source for an unknown JSON or CSV file, on standard output",
				Description: "Drafts from the file's beginning, and tells if a source that is built in reads the file. What it is not sure of\n" +
					"stands in the draft as a comment: read it, then try it " +
					"with source check --sources-dir. It prints names of fields and columns, and no values of people.",
				Flags:  []cli.Flag{&cli.StringFlag{Name: kindFlag, Usage: "one of " + strings.Join(upload.Kinds, ", ") + "; default: what the file looks like"}},
				Action: withStatus(runSourceSuggest),
			},
			{
				Name: "list", Usage: "list the sources that there are, and what is wrong with those that are not valid",
				Flags: []cli.Flag{sourcesDirFlag()}, Action: withStatus(runSourceList),
			},
			{Name: "show", ArgsUsage: "NAME", Usage: "print a source's file", Flags: []cli.Flag{sourcesDirFlag()}, Action: withStatus(runSourceShow)},
			{Name: "schema", Usage: "print the JSON Schema of a source's file, for an editor", Action: func(_ context.Context, cmd *cli.Command) error {
				_, err := cmd.Root().Writer.Write(source.Schema())
				return err
			}},
		},
	}
}

func sourcesDirFlag() cli.Flag {
	return &cli.StringFlag{Name: sourcesFlag, Sources: cli.EnvVars("SOURCES_DIR"), Value: defaultSourcesDir(),
		Usage: "folder of the sources beside those that are built in"}
}

func fileFlags() []cli.Flag {
	return []cli.Flag{
		sourcesDirFlag(),
		&cli.StringFlag{Name: sourceFlag, Usage: "the source to read by; default: the folder that the file lies in, else native records"},
		&cli.StringFlag{Name: kindFlag, Usage: "one of " + strings.Join(upload.Kinds, ", ") + "; default: by the file's folder or name, else what it looks like"},
	}
}

// oneFile gives the command's only argument.
func oneFile(cmd *cli.Command) (string, error) {
	if cmd.Args().Len() != 1 {
		return "", fmt.Errorf("%w: give one file", check.ErrUsage)
	}
	return cmd.Args().First(), nil
}

func runSourceCheck(ctx context.Context, cmd *cli.Command) error {
	path, err := oneFile(cmd)
	if err != nil {
		return err
	}
	if path == "-" {
		spooled, err := spool(cmd.Root().Reader)
		if err != nil {
			return err
		}
		defer os.Remove(spooled)
		path = spooled
	}
	report, err := checkFile(ctx, cmd, path, cmd.String(kindFlag), cmd.String(sourceFlag))
	if err != nil {
		return err
	}
	if cmd.Args().First() == "-" {
		report.File = "standard input"
	}
	if err := console.PrinterOf(cmd).Document(report, report.Print, render.Of(report.Rows())); err != nil {
		return err
	}
	if !report.Clean() {
		return errors.New("the file is not fit to land as it is")
	}
	return nil
}

// checkFile checks a file by the flags and the environment.
func checkFile(ctx context.Context, cmd *cli.Command, path, kind, name string) (*check.Report, error) {
	if kind == "" {
		if kind = upload.KindOf(path); kind == "" {
			kind = suggest.Kind(path)
		}
	}
	sources, err := source.Load(existing(cmd.String(sourcesFlag)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", check.ErrUsage, err)
	}
	if name == "" {
		name = upload.SourceOf(path, sources.Names())
	}
	var policy reading.Policy
	if err := errors.Join(envconfig.Process("", &policy), policy.Validate()); err != nil {
		return nil, fmt.Errorf("%w: %w", check.ErrUsage, err)
	}
	size := int64(-1)
	if info, err := os.Stat(path); err == nil {
		size = info.Size()
	}
	bar := console.Progress(cmd.Root().ErrWriter, size, "checking")
	report, err := check.Run(ctx, check.Request{
		Path: path, Kind: kind, Source: name, Sources: sources, Policy: policy, LandedAt: time.Now(),
		Details: details(cmd), Progress: func(n int) { _ = bar.Add(n) },
	})
	return report, errors.Join(err, bar.Finish())
}

// details is how many refused records are told of one by one, also where there is no flag of it.
func details(cmd *cli.Command) int {
	if n := cmd.Int(detailsFlag); n > 0 || cmd.IsSet(detailsFlag) {
		return n
	}
	return 3
}

// spool keeps what comes in once in a file, because a reading may need a second pass.
func spool(in io.Reader) (string, error) {
	file, err := os.CreateTemp("", "pipelinectl-*")
	if err != nil {
		return "", err
	}
	if _, err := io.Copy(file, in); err != nil {
		return "", errors.Join(err, file.Close(), os.Remove(file.Name()))
	}
	return file.Name(), file.Close()
}

func runSourceSuggest(ctx context.Context, cmd *cli.Command) error {
	path, err := oneFile(cmd)
	if err != nil {
		return err
	}
	if path == "-" {
		if path, err = spool(cmd.Root().Reader); err != nil {
			return err
		}
		defer os.Remove(path)
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	kind := cmd.String(kindFlag)
	draft, err := suggest.Draft(file, kind)
	if err != nil {
		return err
	}
	if kind == "" {
		kind = suggest.Kind(path)
	}
	sources, err := source.Load("")
	if err != nil {
		return err
	}
	known, err := knownBy(ctx, sources, path, kind)
	if err != nil {
		return err
	}
	_, err = io.WriteString(cmd.Root().Writer, known+draft)
	return err
}
