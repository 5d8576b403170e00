package command

import (
	"context"
	"errors"

	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
	"github.com/zackkki/ecomm_datapipeline/pkg/warehouse"
	"github.com/zackkki/ecomm_datapipeline/services/pipelinectl/usage"
)

const timeZoneFlag = "time-zone"

func timeZoneSetting() cli.Flag {
	return &cli.StringFlag{Name: timeZoneFlag, Usage: "IANA name of the shop's time zone, as the services are told (default: the warehouse's)", Sources: cli.EnvVars("TIME_ZONE")}
}

// timeZoneOf is the zone that is given, or nil.
func timeZoneOf(cmd *cli.Command) (*calendar.Zone, error) {
	if !cmd.IsSet(timeZoneFlag) {
		return nil, nil
	}
	zone, err := calendar.Load(cmd.String(timeZoneFlag))
	if err != nil {
		return nil, usage.Errorf("--%s: %w", timeZoneFlag, err)
	}
	return &zone, nil
}

// zoneOf is the warehouse's zone; one that is given must be the same. Before the first orders it is the
// one that is given, or UTC.
func zoneOf(ctx context.Context, cmd *cli.Command, cfg cloud.Config) (zone calendar.Zone, err error) {
	given, err := timeZoneOf(cmd)
	if err != nil {
		return zone, err
	}
	client, err := cfg.NewBigQuery(ctx)
	if err != nil {
		return zone, err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	asking := &warehouse.Client{BigQuery: client, Dataset: cfg.Dataset, Service: topology.Operator, Task: "calendar"}
	if given != nil {
		_, err = warehouse.HasZone(ctx, asking, *given)
		return *given, err
	}
	zone, _, err = warehouse.Zone(ctx, asking)
	return zone, err
}
