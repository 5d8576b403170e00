package parsing

import (
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/services/parser/reading"
)

// DefaultPort serves the parser's health and metrics.
const DefaultPort = 8082

// Config is the parser's configuration.
type Config struct {
	cloud.Config
	service.Listen
	telemetry.Tracing
	reading.Policy

	SourcesDir string `envconfig:"SOURCES_DIR" desc:"Folder of the files that describe shops' own exports, one a source; empty: only the sources that are built in"`

	ReadTimeout time.Duration `envconfig:"READ_TIMEOUT" default:"2m" desc:"How long Cloud Storage may take to answer, or BigQuery to find a file in the ledger, before the file's message is given back"`

	MaxFiles int `envconfig:"MAX_FILES" default:"16" desc:"Files read at once; each takes some 20 MiB at most"`
}

// Addr implements service.Spec.
func (c *Config) Addr() string { return c.AddrOr(DefaultPort) }

// Validate names the variables at fault.
func (c *Config) Validate() error {
	return config.Join(
		c.Config.Validate(),
		c.Tracing.Validate(),
		c.Policy.Validate(),
		config.Positive("READ_TIMEOUT", int64(c.ReadTimeout)),
		config.Positive("MAX_FILES", c.MaxFiles),
	)
}
