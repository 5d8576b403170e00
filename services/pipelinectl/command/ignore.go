package command

import (
	"github.com/urfave/cli/v3"

	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

const ignoreFlag = "landing-ignore"

// ignoreSetting is the watcher's LANDING_IGNORE; without it, the watcher's default holds.
func ignoreSetting() cli.Flag {
	return &cli.StringSliceFlag{
		Name: ignoreFlag, Usage: "objects under landing/ that the watcher is told to leave alone; default: the watcher's own", Sources: cli.EnvVars("LANDING_IGNORE"),
	}
}

func ignoreOf(cmd *cli.Command) (topology.Ignore, error) {
	ignore := topology.Ignore{LandingIgnore: cmd.StringSlice(ignoreFlag)}
	if !cmd.IsSet(ignoreFlag) {
		if err := config.Defaults(&ignore); err != nil {
			return ignore, err
		}
	}
	return ignore, ignore.Validate()
}
