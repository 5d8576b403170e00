package command

import (
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
)

const timeZoneFlag = "time-zone"

func timeZoneSetting() cli.Flag {
	return &cli.StringFlag{Name: timeZoneFlag, Usage: "IANA name of the shop's time zone, as the services are told", Value: calendar.UTC.String(), Sources: cli.EnvVars("TIME_ZONE")}
}

func timeZoneOf(cmd *cli.Command) (calendar.Zone, error) {
	zone, err := calendar.Load(cmd.String(timeZoneFlag))
	if err != nil {
		return zone, misuse("--%s: %w", timeZoneFlag, err)
	}
	return zone, nil
}
