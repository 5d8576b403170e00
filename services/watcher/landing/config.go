package landing

import (
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/claim"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/pkg/topology"
)

// DefaultPort serves the watcher's health and metrics.
const DefaultPort = 8081

// Config is the watcher's configuration.
type Config struct {
	cloud.Config
	service.Listen
	telemetry.Tracing
	topology.Ignore

	SweepInterval    time.Duration `envconfig:"SWEEP_INTERVAL" default:"1m" desc:"How often landing/ and staging/ are listed for what notifications missed"`
	SweepTimeout     time.Duration `envconfig:"SWEEP_TIMEOUT" default:"10m" desc:"How long Cloud Storage may take over one file or one page of a listing; what takes longer is tried again"`
	SweepGrace       time.Duration `envconfig:"SWEEP_GRACE" default:"30s" desc:"Age below which a sweep leaves a file to its notification, and an object of 0 bytes to its writer"`
	StuckAfter       time.Duration `envconfig:"STUCK_AFTER" default:"15m" desc:"Age of an announcement after which a file that no parser has finished is announced again; doubles each time"`
	UnloadedAfter    time.Duration `envconfig:"UNLOADED_AFTER" default:"24h" desc:"Age of an announcement after which a parsed file that is still not loaded is announced again, in case its manifest was lost; doubles each time"`
	MaxAnnouncements int           `envconfig:"MAX_ANNOUNCEMENTS" default:"5" desc:"Announcements after which a file is given up and quarantined; only those count for which a parser began to read"`
	MaxFiles         int           `envconfig:"MAX_FILES" default:"16" desc:"Files claimed or put away at once"`
}

// Addr implements service.Spec.
func (c *Config) Addr() string { return c.AddrOr(DefaultPort) }

// Validate names the variables at fault.
func (c *Config) Validate() error {
	return config.Join(
		c.Config.Validate(),
		c.Tracing.Validate(),
		config.Positive("SWEEP_INTERVAL", int64(c.SweepInterval)),
		config.Positive("STUCK_AFTER", int64(c.StuckAfter)),
		config.Positive("UNLOADED_AFTER", int64(c.UnloadedAfter)),
		config.Positive("MAX_ANNOUNCEMENTS", c.MaxAnnouncements),
		config.Positive("MAX_FILES", c.MaxFiles),
		c.Ignore.Validate(),
		config.Positive("SWEEP_TIMEOUT", int64(c.SweepTimeout)),
	)
}

func (c *Config) patience() claim.Patience {
	return claim.Patience{Grace: c.SweepGrace, Unparsed: c.StuckAfter, Unloaded: c.UnloadedAfter}
}
