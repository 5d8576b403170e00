package reporting

import (
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/openlineage"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/notify"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/reporting/probe"
)

// DefaultPort serves the dashboard, the API, health and metrics.
const DefaultPort = 8080

// Config is the reporter's configuration.
type Config struct {
	cloud.Config
	service.Listen
	telemetry.Tracing
	notify.Webhook
	openlineage.Settings

	TimeZone         calendar.Zone `envconfig:"TIME_ZONE" default:"UTC" desc:"IANA name of the shop's time zone, such as America/New_York, whose days and hours are shown; the same as the parser's"`
	Currency         string        `envconfig:"CURRENCY" default:"USD" desc:"ISO 4217 code that amounts are shown in; the warehouse keeps one currency"`
	RefreshInterval  time.Duration `envconfig:"REFRESH_INTERVAL" default:"500ms" desc:"Shortest time between two refreshes of the open pages while files complete"`
	CacheTTL         time.Duration `envconfig:"CACHE_TTL" default:"1m" desc:"How long a result is kept if no file completes"`
	CacheBytes       int           `envconfig:"CACHE_BYTES" default:"67108864" desc:"Bytes of results kept at most"`
	QueryTimeout     time.Duration `envconfig:"QUERY_TIMEOUT" default:"30s" desc:"How long one query may take"`
	QueryConcurrency int           `envconfig:"QUERY_CONCURRENCY" default:"8" desc:"Queries that run at once"`
	MaxBytesBilled   int64         `envconfig:"MAX_BYTES_BILLED" default:"10737418240" desc:"Bytes that one query may bill before BigQuery refuses it"`
	MaxPeriodDays    int           `envconfig:"MAX_PERIOD_DAYS" default:"4020" desc:"Longest period that a request may ask for; the default reaches from the oldest order that is accepted to the newest"`
	MaxEventClients  int           `envconfig:"MAX_EVENT_CLIENTS" default:"256" desc:"Open event streams at most; each open page holds one"`

	ServiceURLs probe.ServiceURLs `envconfig:"SERVICE_URLS" desc:"Other services whose /readyz and /metrics the System page shows: name=http://host:port,name=..."`
}

// Addr implements service.Spec.
func (c *Config) Addr() string { return c.AddrOr(DefaultPort) }

// Validate names the variables at fault.
func (c *Config) Validate() error {
	return config.Join(
		c.Config.Validate(),
		c.Tracing.Validate(),
		c.Webhook.Validate(),
		c.Settings.Validate(),
		config.Currency("CURRENCY", c.Currency),
		config.Positive("REFRESH_INTERVAL", int64(c.RefreshInterval)),
		config.Positive("CACHE_TTL", int64(c.CacheTTL)),
		config.Positive("CACHE_BYTES", c.CacheBytes),
		config.Positive("QUERY_TIMEOUT", int64(c.QueryTimeout)),
		config.Positive("QUERY_CONCURRENCY", c.QueryConcurrency),
		config.Positive("MAX_BYTES_BILLED", c.MaxBytesBilled),
		config.Positive("MAX_PERIOD_DAYS", c.MaxPeriodDays),
		config.Positive("MAX_EVENT_CLIENTS", c.MaxEventClients),
	)
}
