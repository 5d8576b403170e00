package staging

import (
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
)

// DefaultPort serves the writer's health and metrics.
const DefaultPort = 8083

// Config is the writer's configuration.
type Config struct {
	cloud.Config
	service.Listen
	telemetry.Tracing

	MaxOutstandingMessages int           `envconfig:"MAX_OUTSTANDING_MESSAGES" default:"20000" desc:"Messages held per subscription; bounds memory together with the bytes"`
	MaxOutstandingBytes    int           `envconfig:"MAX_OUTSTANDING_BYTES" default:"67108864" desc:"Bytes of messages held per subscription"`
	MaxAppendBytes         int           `envconfig:"MAX_APPEND_BYTES" default:"4194304" desc:"Bytes of rows per append request; BigQuery refuses more than 20 MB"`
	AppendLinger           time.Duration `envconfig:"APPEND_LINGER" default:"5ms" desc:"How long an append waits for more rows"`
	AppendTimeout          time.Duration `envconfig:"APPEND_TIMEOUT" default:"20s" desc:"How long an append may take before it is sent again"`
	ReadTimeout            time.Duration `envconfig:"READ_TIMEOUT" default:"2m" desc:"How long Cloud Storage may take over one step of reading the record of a refused row, before its message is given back"`
	Appenders              int           `envconfig:"APPENDERS" default:"2" desc:"Appends in flight per table"`
}

// Addr implements service.Spec.
func (c *Config) Addr() string { return c.AddrOr(DefaultPort) }

// Validate names the variables at fault.
func (c *Config) Validate() error {
	return config.Join(
		c.Config.Validate(),
		c.Tracing.Validate(),
		config.Positive("MAX_OUTSTANDING_MESSAGES", c.MaxOutstandingMessages),
		config.Positive("MAX_OUTSTANDING_BYTES", c.MaxOutstandingBytes),
		config.Positive("MAX_APPEND_BYTES", c.MaxAppendBytes),
		config.Positive("APPEND_TIMEOUT", int64(c.AppendTimeout)),
		config.Positive("READ_TIMEOUT", int64(c.ReadTimeout)),
		config.Positive("APPENDERS", c.Appenders),
	)
}
