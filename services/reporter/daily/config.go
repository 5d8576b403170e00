package daily

import (
	"fmt"
	"math/big"
	"strconv"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/openlineage"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/daily/expect"
	"github.com/zackkki/ecomm_datapipeline/services/reporter/notify"
)

// Config is the configuration of the daily run.
type Config struct {
	cloud.Config
	telemetry.Tracing
	openlineage.Settings

	TimeZone            calendar.Zone `envconfig:"TIME_ZONE" default:"UTC" desc:"IANA name of the shop's time zone, such as America/New_York, whose days and hours are shown; the same as the parser's"`
	Currency            string        `envconfig:"CURRENCY" default:"USD" desc:"ISO 4217 code that amounts are shown in; the warehouse keeps one currency"`
	ChurnAfterDays      int           `envconfig:"CHURN_AFTER_DAYS" default:"30" desc:"Days without an order from which on a customer is in the churn report, however usual they are for the customer"`
	ChurnValueDays      int           `envconfig:"CHURN_VALUE_DAYS" default:"90" desc:"Days to come whose orders the churn report counts as what a customer who is gone takes along"`
	CoverCriticalDays   int           `envconfig:"COVER_CRITICAL_DAYS" default:"7" desc:"Days that a stock lasts below which its alert is critical"`
	CoverWarningDays    int           `envconfig:"COVER_WARNING_DAYS" default:"14" desc:"Days that a stock lasts below which there is an alert"`
	TrendMaxSeries      int           `envconfig:"TREND_MAX_SERIES" default:"50" desc:"Regions, and categories, that the trends name; the smaller ones are summed up"`
	ForecastModel       string        `envconfig:"FORECAST_MODEL" default:"ets" desc:"What the forecast is made with: ets, exponential smoothing by the run itself; timesfm, BigQuery's AI.FORECAST, which the embedded BigQuery does not have"`
	CompletenessMin     float64       `envconfig:"COMPLETENESS_MIN" default:"0.9" desc:"Share of filled values below which the audit warns of a column"`
	OrdersMaxAgeHours   int           `envconfig:"ORDERS_MAX_AGE_HOURS" default:"2" desc:"Hours without an orders file from which on the audit warns"`
	CatalogsMaxAgeHours int           `envconfig:"CATALOGS_MAX_AGE_HOURS" default:"26" desc:"Hours without a products or customers file from which on the audit warns"`
	AuditDays           int           `envconfig:"AUDIT_DAYS" default:"21" desc:"Days whose facts the audit recounts in a night, those first whose recount is oldest, besides the days that changed"`
	ExpectationsFile    string        `envconfig:"EXPECTATIONS_FILE" desc:"YAML file of expectations that the audit holds beside its own checks; empty: none"`
	ReportTimeout       time.Duration `envconfig:"REPORT_TIMEOUT" default:"10m" desc:"How long one report may take, attempts against a busy or failing warehouse included"`
	MorningMail         bool          `envconfig:"MORNING_MAIL" default:"false" desc:"Write morning.eml beside each date's reports: a mail (RFC 5322) with the page of the day, which names customers"`
	MorningURL          string        `envconfig:"MORNING_URL" desc:"Webhook of Slack, Discord or any other that gets a few figures of each day that is over once its reports are made, and no names; a secret; empty: nobody is told"`
	MorningFormat       string        `envconfig:"MORNING_FORMAT" default:"auto" desc:"What that webhook takes: slack, discord or json; auto: by the host of MORNING_URL"`
	MaxBytesBilled      int64         `envconfig:"MAX_BYTES_BILLED" default:"1099511627776" desc:"Bytes that one report may bill before BigQuery refuses it"`
}

// Validate names the variables at fault.
func (c *Config) Validate() error {
	var wrong []error
	if c.CoverWarningDays < c.CoverCriticalDays {
		wrong = append(wrong, fmt.Errorf("COVER_WARNING_DAYS, %d, must not be below COVER_CRITICAL_DAYS, %d", c.CoverWarningDays, c.CoverCriticalDays))
	}
	if !(c.CompletenessMin >= 0 && c.CompletenessMin <= 1) { // refuses NaN, too
		wrong = append(wrong, fmt.Errorf("COMPLETENESS_MIN must lie between 0 and 1, is %v", c.CompletenessMin))
	}
	if c.MorningURL != "" {
		wrong = append(wrong, notify.ValidateTarget("MORNING", c.MorningURL, c.MorningFormat))
	}
	if _, err := expect.Read(c.ExpectationsFile); err != nil {
		wrong = append(wrong, fmt.Errorf("EXPECTATIONS_FILE: %w", err))
	}
	return config.Join(append(wrong,
		c.Config.Validate(),
		c.Tracing.Validate(),
		c.Settings.Validate(),
		config.Currency("CURRENCY", c.Currency),
		config.Positive("CHURN_AFTER_DAYS", c.ChurnAfterDays),
		config.Positive("CHURN_VALUE_DAYS", c.ChurnValueDays),
		config.Positive("COVER_CRITICAL_DAYS", c.CoverCriticalDays),
		config.Positive("TREND_MAX_SERIES", c.TrendMaxSeries),
		validForecastModel(c.ForecastModel),
		config.Positive("ORDERS_MAX_AGE_HOURS", c.OrdersMaxAgeHours),
		config.Positive("CATALOGS_MAX_AGE_HOURS", c.CatalogsMaxAgeHours),
		config.Positive("AUDIT_DAYS", c.AuditDays),
		config.Positive("REPORT_TIMEOUT", int64(c.ReportTimeout)),
		config.Positive("MAX_BYTES_BILLED", c.MaxBytesBilled),
	)...)
}

// params are the configured values for the statements, by parameter name.
func (c *Config) params() map[string]any {
	return map[string]any{
		"churn_after_days":       int64(c.ChurnAfterDays),
		"churn_value_days":       int64(c.ChurnValueDays),
		"cover_critical_days":    int64(c.CoverCriticalDays),
		"cover_warning_days":     int64(c.CoverWarningDays),
		"max_series":             int64(c.TrendMaxSeries),
		"completeness_min":       c.completenessMin(),
		"orders_max_age_hours":   int64(c.OrdersMaxAgeHours),
		"catalogs_max_age_hours": int64(c.CatalogsMaxAgeHours),
		"audit_days":             int64(c.AuditDays),
	}
}

// completenessMin is the share as a person wrote it: 0.9 is nine tenths, not the
// float beside it.
func (c *Config) completenessMin() *big.Rat {
	share, _ := new(big.Rat).SetString(strconv.FormatFloat(c.CompletenessMin, 'f', 9, 64))
	return share
}
