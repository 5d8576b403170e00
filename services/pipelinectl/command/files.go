package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/civil"
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/recall"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

const (
	nameFlag    = "name"
	verdictFlag = "verdict"
	mostFlag    = "most"
	timeoutFlag = "timeout"
)

func filesCommand() *cli.Command {
	release, reprocess := releaseCommand(), reprocessCommand()
	return &cli.Command{
		Name: "files", Usage: "list and show landed files, have them read again, wait for them",
		Commands: []*cli.Command{
			{
				Name: "list", ArgsUsage: "[FILE_ID...]", Usage: "list the files of the ledger, in the order of their landing",
				Description: "Those that are still on their way are counted below the list; files wait waits for them.",
				Flags: append(fileSelection(),
					&cli.StringFlag{Name: verdictFlag, Usage: "only those with this verdict: loaded or quarantined"},
					&cli.IntFlag{Name: mostFlag, Value: 50, Usage: "at most so many, those that landed last; 0: all"},
					ignoreSetting()),
				Action: withConfig(runFilesList),
			},
			{
				Name: "show", ArgsUsage: "FILE_ID", Usage: "tell all that is known of a file: its revisions, findings and where its bytes are",
				Action: withConfig(runFilesShow),
			},
			release, reprocess,
			{
				Name: "wait", ArgsUsage: "[FILE_ID...]", Usage: "wait until files are in the ledger and put away, or, without FILE_ID, until nothing is on its way",
				Description: "Ends with status 1 if one of the files was quarantined, or the time was too short.",
				Flags: []cli.Flag{
					&cli.DurationFlag{Name: timeoutFlag, Value: defaultWait, Usage: "how long to wait at most"},
					ignoreSetting(),
				},
				Action: withConfig(runFilesWait),
			},
		},
	}
}

// fileSelection are flags that select files, each besides the others.
func fileSelection() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: nameFlag, Usage: "only files whose name under landing/ has this part, in any case"},
		&cli.StringFlag{Name: kindFlag, Usage: "only files of this kind: orders, products, customers or unknown"},
		&cli.StringFlag{Name: reasonFlag, Usage: "only files that were quarantined by this rule"},
		&cli.StringFlag{Name: fromFlag, Usage: "only files that landed on this day (2006-01-02, UTC) or later"},
		&cli.StringFlag{Name: toFlag, Usage: "only files that landed on this day or earlier"},
	}
}

func fileSelectionOf(cmd *cli.Command) (recall.Selection, error) {
	s := recall.Selection{
		IDs: cmd.Args().Slice(), Name: cmd.String(nameFlag), Kind: cmd.String(kindFlag), Reason: cmd.String(reasonFlag),
		Verdict: cmd.String(verdictFlag), Most: cmd.Int(mostFlag),
	}
	if s.Verdict != "" && s.Verdict != landedfile.Loaded && s.Verdict != landedfile.Quarantined {
		return s, usage.Errorf("--%s is %s or %s, not %q", verdictFlag, landedfile.Loaded, landedfile.Quarantined, s.Verdict)
	}
	if words := kindWords(); s.Kind != "" && !slices.Contains(words, s.Kind) {
		return s, usage.Errorf("--%s is one of %s, not %q", kindFlag, strings.Join(words, ", "), s.Kind)
	}
	if _, known := rules.Lookup(rules.ID(s.Reason)); s.Reason != "" && !known {
		var ids []string
		for _, r := range rules.All() {
			ids = append(ids, string(r.ID))
		}
		if meant := usage.Nearest(s.Reason, ids); meant != "" {
			return s, usage.Errorf("--%s: no rule is called %q; did you mean %s?", reasonFlag, s.Reason, meant)
		}
		return s, usage.Errorf("--%s: no rule is called %q; pkg/rules/README.md has them all", reasonFlag, s.Reason)
	}
	if s.Most < 0 {
		return s, usage.Errorf("--%s must not be negative", mostFlag)
	}
	for flag, day := range map[string]**civil.Date{fromFlag: &s.From, toFlag: &s.To} {
		if cmd.String(flag) == "" {
			continue
		}
		given, err := dateFlag(cmd, flag, time.Time{})
		if err != nil {
			return s, err
		}
		*day = &given
	}
	return s, nil
}

// kindWords are the kinds of files, as the ledger calls them.
func kindWords() []string {
	var words []string
	for _, kind := range topology.Kinds() {
		words = append(words, topology.KindFolder(kind))
	}
	return words
}

func runFilesList(ctx context.Context, cmd *cli.Command, cfg cloud.Config) (err error) {
	selection, err := fileSelectionOf(cmd)
	if err != nil {
		return err
	}
	ignore, err := ignoreOf(cmd)
	if err != nil {
		return usage.Wrong(err)
	}
	client, err := cfg.NewBigQuery(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	files, err := recall.Select(ctx, &warehouse.Client{BigQuery: client, Dataset: cfg.Dataset, Service: topology.Operator, Task: "files"}, selection)
	if err != nil {
		return err
	}
	p := console.PrinterOf(cmd)
	if err := p.Rows(render.Of(files), "no such file in the ledger"); err != nil {
		return err
	}
	objects, err := cfg.NewStorage(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, objects.Close()) }()
	landing, staging, err := recall.OnTheWay(ctx, objects.Bucket(cfg.Bucket), ignore)
	if err != nil {
		return err
	}
	if selection.Most > 0 && len(files) == selection.Most {
		p.Say("the last %s; --%s 0 lists all", counted(len(files), "file"), mostFlag)
	}
	if n := len(landing) + len(staging); n > 0 {
		p.Say("%s on the way: %d in landing/, %d in staging/", counted(n, "file"), len(landing), len(staging))
	}
	return nil
}

// opened runs do with a client that brings files back.
func opened(ctx context.Context, cfg cloud.Config, do func(*recall.Client) error) (err error) {
	client, err := recall.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	return do(client)
}

func runFilesWait(ctx context.Context, cmd *cli.Command, cfg cloud.Config) error {
	ids := slices.Compact(slices.Sorted(slices.Values(cmd.Args().Slice())))
	return opened(ctx, cfg, func(client *recall.Client) error {
		ignore, err := ignoreOf(cmd)
		if err != nil {
			return usage.Wrong(err)
		}
		return waitForFiles(ctx, cmd, client, ids, ignore, cmd.Duration(timeoutFlag))
	})
}

// waitForFiles waits with a bar, and prints what became of the files.
func waitForFiles(ctx context.Context, cmd *cli.Command, client *recall.Client, ids []string, ignore topology.Ignore, within time.Duration) error {
	limited, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	most, left := 0, 0
	bar := console.Progress(cmd.Root().ErrWriter, -1, "waiting")
	files, err := client.Await(limited, ids, ignore, func(n int) {
		left = n
		if n > most {
			most = n
			bar.ChangeMax(most)
		}
		_ = bar.Set(most - n)
	})
	if ended := bar.Finish(); ended != nil && err == nil {
		err = ended
	}
	if err != nil {
		if ctx.Err() == nil && limited.Err() != nil {
			return fmt.Errorf("%s not there after %v; pipelinectl status tells what keeps them", counted(left, "file"), within)
		}
		return err
	}
	p := console.PrinterOf(cmd)
	if len(ids) == 0 {
		p.Say("nothing is on its way")
		return p.Beside(render.Of(files))
	}
	if err := p.Rows(render.Of(files), ""); err != nil {
		return err
	}
	if n := len(slices.DeleteFunc(files, func(f recall.File) bool { return f.Verdict == landedfile.Loaded })); n > 0 {
		return fmt.Errorf("%s quarantined: pipelinectl files show FILE_ID tells why", counted(n, "file"))
	}
	return nil
}
