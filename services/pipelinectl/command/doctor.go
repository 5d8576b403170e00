package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/console"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/doctor"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/render"
)

func doctorCommand() *cli.Command {
	defaults := doctor.Default()
	return &cli.Command{
		Name:  "doctor",
		Usage: "examine a deployment from end to end and say what to do about each fault",
		Description: "Changes nothing, unless --canary is given. Ends with status 1 if a check fails.\n\n" +
			"--canary lands a file of one malformed record and follows it through every service. It adds 0 orders: the\n" +
			"record is refused and the file quarantined as mostly_refused. It leaves a row each in file_ledger and\n" +
			"rejected_records, findings, and an object in quarantine/; alerts on quarantined files may go off.",
		Flags: append([]cli.Flag{
			&cli.BoolFlag{Name: "json", Hidden: true, Usage: "print the findings as one JSON array"},
			servicesSetting(),
			&cli.BoolFlag{Name: "canary", Usage: "land a file that is refused, and follow it"},
			&cli.DurationFlag{Name: "canary-timeout", Usage: "how long to follow it", Value: defaults.CanaryTimeout},
			&cli.DurationFlag{Name: "landing-age", Usage: "age from which a file in landing/ is a fault", Value: defaults.LandingAge},
			&cli.DurationFlag{Name: "staging-age", Usage: "age from which a file in staging/ is a fault", Value: defaults.StagingAge},
			&cli.DurationFlag{Name: "backlog-age", Usage: "age from which an unacknowledged message is a fault", Value: defaults.BacklogAge},
			&cli.DurationFlag{Name: "dead-letters-since", Usage: "how far back to look for dead letters", Value: defaults.Letters},
			ignoreSetting(), timeZoneSetting(), namespaceSetting(), numberSetting(), operatorSetting(),
		}, lifecycleFlags()...),
		Action: runDoctor,
	}
}

func runDoctor(ctx context.Context, cmd *cli.Command) error {
	findings, err := examine(ctx, cmd)
	if err != nil {
		return err
	}
	switch p := console.PrinterOf(cmd); {
	case cmd.Bool("json"):
		err = doctor.WriteJSON(p.Out, findings)
	case p.Format == render.Table:
		err = doctor.WriteTable(p.Out, findings)
	default:
		err = p.Rows(render.Of(findings), "")
	}
	if failed := doctor.Failed(findings); failed > 0 {
		return errors.Join(err, fmt.Errorf("%d of %d checks failed", failed, len(findings)))
	}
	return err
}

func examine(ctx context.Context, cmd *cli.Command) ([]doctor.Finding, error) {
	cfg, err := configOf(cmd)
	var services map[string]string
	if err == nil || cmd.IsSet(serviceFlag) { // else what is wrong with the file would be told twice
		var wrong error
		services, wrong = servicesOf(cmd)
		err = errors.Join(err, wrong)
	}
	lifecycle := lifecycleOf(cmd)
	ignore, ignoreErr := ignoreOf(cmd)
	zone, zoneErr := timeZoneOf(cmd)
	if err := errors.Join(err, ignoreErr, zoneErr, lifecycle.Validate()); err != nil {
		return []doctor.Finding{{
			Check: "configuration", Status: doctor.Fail, Detail: err.Error(), Remedy: "Set what is named; pipelinectl --help lists the flags and variables.",
		}}, nil
	}
	opts := doctor.Default()
	opts.Lifecycle, opts.Services, opts.Ignore = lifecycle, services, &ignore
	opts.TimeZone = zone
	opts.Namespace, opts.ProjectNumber = cmd.String(namespaceFlag), cmd.String(numberFlag)
	opts.Operator = cmd.String(operatorFlag)
	opts.LandingAge, opts.StagingAge = cmd.Duration("landing-age"), cmd.Duration("staging-age")
	opts.BacklogAge, opts.Letters = cmd.Duration("backlog-age"), cmd.Duration("dead-letters-since")
	opts.Canary, opts.CanaryTimeout = cmd.Bool("canary"), cmd.Duration("canary-timeout")
	findings, err := doctor.Examine(ctx, cfg, opts)
	where := "project " + cfg.ProjectID + ", bucket " + cfg.Bucket + ", dataset " + cfg.Dataset + ", location " + cfg.Location
	return append([]doctor.Finding{{Check: "configuration", Status: doctor.OK, Detail: where}}, findings...), err
}
