package loading

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
)

// DefaultPort serves the aggregator's health and metrics.
const DefaultPort = 8084

// DuplicatePolicy is what becomes of an order whose id came before with other content,
// when their updated_at does not tell which of the two is later. An exact replay of an
// order loses nothing and is left out under every policy, or every file sent twice
// would end in quarantine.
type DuplicatePolicy string

// Policies.
const (
	RejectOrder DuplicatePolicy = "reject_order" // the order is left out
	FailFile    DuplicatePolicy = "fail_file"    // the file is quarantined
	Latest      DuplicatePolicy = "latest"       // the order that landed later replaces the other
)

// Config is the aggregator's configuration.
type Config struct {
	cloud.Config
	service.Listen
	telemetry.Tracing

	TransactionInterval    time.Duration   `envconfig:"TRANSACTION_INTERVAL" default:"1m" desc:"Least time between two transactions; the lever between freshness and cost"`
	CompletenessInterval   time.Duration   `envconfig:"COMPLETENESS_INTERVAL" default:"5s" desc:"How often the warehouse is asked whether waiting files are complete once a transaction may begin; each look is billed"`
	IncompleteAfter        time.Duration   `envconfig:"INCOMPLETE_AFTER" default:"15m" desc:"How long a file may stay incomplete before it is read once more"`
	MaxFilesPerTransaction int             `envconfig:"MAX_FILES_PER_TRANSACTION" default:"200" desc:"Files loaded by one transaction"`
	MaxDaysPerTransaction  int             `envconfig:"MAX_DAYS_PER_TRANSACTION" default:"3900" desc:"Days whose facts one transaction changes; BigQuery lets a job change 4,000 partitions of a table"`
	MaxWaitingFiles        int             `envconfig:"MAX_WAITING_FILES" default:"1000" desc:"Files whose lease is held while they wait"`
	TransactionTimeout     time.Duration   `envconfig:"TRANSACTION_TIMEOUT" default:"10m" desc:"How long a transaction may take before it is given up; its files are then tried in smaller ones, and one that alone takes longer waits, and an alarm is raised"`
	MaxBytesBilled         int64           `envconfig:"MAX_BYTES_BILLED" default:"107374182400" desc:"Bytes that one transaction may bill; files that need more wait, and an alarm is raised; 0: any"`
	DedupLookbackDays      int             `envconfig:"DEDUP_LOOKBACK_DAYS" default:"0" desc:"Days of order_keys searched for duplicates; 0: all, which reads eight bytes of each every time"`
	MaxFindingsPerRule     int             `envconfig:"MAX_FINDINGS_PER_RULE" default:"100" desc:"Findings of one file and rule that stand as rows of their own; those beyond are one row with their number"`
	MaxDeactivateShare     float64         `envconfig:"MAX_DEACTIVATE_SHARE" default:"0.2" desc:"Rows that a catalog's newest file lacks are marked inactive if they are less than this share (0 to 1) of the active ones"`
	DuplicatePolicy        DuplicatePolicy `envconfig:"DUPLICATE_POLICY" default:"reject_order" desc:"What becomes of an order whose id came before with other content, where updated_at does not tell which is later: reject_order leaves it out, fail_file quarantines its file, latest lets the later landing replace the other"`
}

// Addr implements service.Spec.
func (c *Config) Addr() string { return c.AddrOr(DefaultPort) }

// Validate names the variables at fault.
func (c *Config) Validate() error {
	var faults []error
	if c.TransactionInterval < 0 {
		faults = append(faults, errors.New("TRANSACTION_INTERVAL must not be negative"))
	}
	if c.MaxBytesBilled < 0 {
		faults = append(faults, errors.New("MAX_BYTES_BILLED must not be negative"))
	}
	if c.DedupLookbackDays < 0 {
		faults = append(faults, errors.New("DEDUP_LOOKBACK_DAYS must not be negative"))
	}
	if !slices.Contains([]DuplicatePolicy{RejectOrder, FailFile, Latest}, c.DuplicatePolicy) {
		faults = append(faults, fmt.Errorf("DUPLICATE_POLICY must be %s, %s or %s, is %q", RejectOrder, FailFile, Latest, c.DuplicatePolicy))
	}
	if !(c.MaxDeactivateShare >= 0 && c.MaxDeactivateShare <= 1) {
		faults = append(faults, fmt.Errorf("MAX_DEACTIVATE_SHARE must be from 0 to 1, is %v", c.MaxDeactivateShare))
	}
	return config.Join(append(faults,
		c.Config.Validate(),
		c.Tracing.Validate(),
		config.Positive("COMPLETENESS_INTERVAL", int64(c.CompletenessInterval)),
		config.Positive("INCOMPLETE_AFTER", int64(c.IncompleteAfter)),
		config.Positive("MAX_FILES_PER_TRANSACTION", c.MaxFilesPerTransaction),
		config.Positive("MAX_DAYS_PER_TRANSACTION", c.MaxDaysPerTransaction),
		config.Positive("MAX_WAITING_FILES", c.MaxWaitingFiles),
		config.Positive("MAX_FINDINGS_PER_RULE", c.MaxFindingsPerRule),
		config.Positive("TRANSACTION_TIMEOUT", int64(c.TransactionTimeout)),
	)...)
}
