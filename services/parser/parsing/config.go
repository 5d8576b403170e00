package parsing

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/zackkki/ecomm_datapipeline/pkg/cloud"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/service"
	"github.com/zackkki/ecomm_datapipeline/pkg/telemetry"
	"github.com/zackkki/ecomm_datapipeline/services/parser/parsing/split"
)

// Port is where the health endpoints listen if LISTEN_ADDR does not say.
const Port = 8082

// Config is the parser's configuration.
type Config struct {
	cloud.Config
	service.Listen
	telemetry.Tracing
	Policy

	MaxFiles int `envconfig:"MAX_FILES" default:"4" desc:"Files read at once; each takes some 20 MiB at most"`
}

// Policy is the part of the configuration that changes how a file reads. It goes
// into the parse_id, so that two readings that may differ are told apart.
type Policy struct {
	Currency             string  `envconfig:"CURRENCY" default:"USD" desc:"ISO 4217 code of all amounts"`
	RejectFileShare      float64 `envconfig:"REJECT_FILE_SHARE" default:"0.5" desc:"Share of refused records (0 to 1) above which a file is quarantined"`
	MaxRecords           int64   `envconfig:"MAX_RECORDS" default:"50000000" desc:"Most records of a file"`
	MaxDecompressedBytes int64   `envconfig:"MAX_DECOMPRESSED_BYTES" default:"10737418240" desc:"Most bytes that a gzip file may decompress to"`
	MaxCompressionRatio  int64   `envconfig:"MAX_COMPRESSION_RATIO" default:"300" desc:"Most times its size that a gzip file may decompress to, once beyond 64 MiB"`
}

// Addr implements service.Spec.
func (c *Config) Addr() string { return c.AddrOr(Port) }

// Validate implements service.Spec.
func (c *Config) Validate() error {
	return errors.Join(
		c.Config.Validate(),
		c.Tracing.Validate(),
		c.Policy.Validate(),
		config.Positive("MAX_FILES", c.MaxFiles),
	)
}

// Validate names the variables at fault.
func (p Policy) Validate() error {
	var currency, share error
	if !isCurrency(p.Currency) {
		currency = fmt.Errorf("CURRENCY must be three capital letters, is %q", p.Currency)
	}
	if !(p.RejectFileShare >= 0 && p.RejectFileShare <= 1) {
		share = fmt.Errorf("REJECT_FILE_SHARE must be from 0 to 1, is %v", p.RejectFileShare)
	}
	return errors.Join(currency, share,
		config.Positive("MAX_RECORDS", p.MaxRecords),
		config.Positive("MAX_DECOMPRESSED_BYTES", p.MaxDecompressedBytes),
		config.Positive("MAX_COMPRESSION_RATIO", p.MaxCompressionRatio),
	)
}

func isCurrency(s string) bool {
	if len(s) != 3 {
		return false
	}
	for _, c := range s {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}

// words spells the policy for the parse_id.
func (p Policy) words() []string {
	return []string{
		"currency=" + p.Currency,
		"reject_file_share=" + strconv.FormatFloat(p.RejectFileShare, 'g', -1, 64),
		"max_records=" + strconv.FormatInt(p.MaxRecords, 10),
		"max_decompressed_bytes=" + strconv.FormatInt(p.MaxDecompressedBytes, 10),
		"max_compression_ratio=" + strconv.FormatInt(p.MaxCompressionRatio, 10),
	}
}

func (p Policy) limits() split.Limits {
	return split.Limits{MaxBytes: p.MaxDecompressedBytes, MaxRatio: p.MaxCompressionRatio}
}
