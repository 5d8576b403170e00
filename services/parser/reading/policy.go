package reading

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/config"
	"github.com/zackkki/ecomm_datapipeline/pkg/landedfile/stored"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
)

// Policy is the part of the configuration that changes how a file reads. It goes
// into the parse_id, so that two readings that may differ are told apart.
type Policy struct {
	Currency             string        `envconfig:"CURRENCY" default:"USD" desc:"ISO 4217 code of all amounts"`
	TimeZone             calendar.Zone `envconfig:"TIME_ZONE" default:"UTC" desc:"IANA name of the shop's time zone, such as America/New_York: times without an offset are read in it, and days and hours are its"`
	CatalogMode          CatalogMode   `envconfig:"CATALOG_MODE" default:"full" desc:"What a file of products or customers is: full (the catalog), parts (of the catalog that the files of one UTC day are together) or delta (additions and changes)"`
	RejectFileShare      float64       `envconfig:"REJECT_FILE_SHARE" default:"0.5" desc:"Share of refused records or of their bytes (0 to 1) above which a file is quarantined"`
	MaxRecords           int64         `envconfig:"MAX_RECORDS" default:"50000000" desc:"Most records of a file"`
	MaxOrderLines        int           `envconfig:"MAX_ORDER_LINES" default:"10000" desc:"Most lines of an order; the record's 1 MiB is a limit of its own"`
	MaxOrderAgeDays      int           `envconfig:"MAX_ORDER_AGE_DAYS" default:"3653" desc:"Most days that an order may lie before the landing of its file (up to 36525)"`
	MaxDecompressedBytes int64         `envconfig:"MAX_DECOMPRESSED_BYTES" default:"10737418240" desc:"Most bytes that a gzip file may decompress to"`
	MaxCompressionRatio  int64         `envconfig:"MAX_COMPRESSION_RATIO" default:"300" desc:"Most times its size that a gzip file may decompress to, once beyond 64 MiB"`
}

// Validate names the variables at fault.
func (p Policy) Validate() error {
	var share, age error
	if !(p.RejectFileShare >= 0 && p.RejectFileShare <= 1) {
		share = fmt.Errorf("REJECT_FILE_SHARE must be from 0 to 1, is %v", p.RejectFileShare)
	}
	if p.MaxOrderAgeDays < 1 || p.MaxOrderAgeDays > rules.MaxOrderAgeDays {
		age = fmt.Errorf("MAX_ORDER_AGE_DAYS must be from 1 to %d, is %d", rules.MaxOrderAgeDays, p.MaxOrderAgeDays)
	}
	return errors.Join(config.Currency("CURRENCY", p.Currency), share, age, p.CatalogMode.Validate(),
		config.Positive("MAX_RECORDS", p.MaxRecords),
		config.Positive("MAX_ORDER_LINES", p.MaxOrderLines),
		config.Positive("MAX_DECOMPRESSED_BYTES", p.MaxDecompressedBytes),
		config.Positive("MAX_COMPRESSION_RATIO", p.MaxCompressionRatio),
	)
}

// words spells the policy for the parse_id.
func (p Policy) words() []string {
	words := []string{
		"currency=" + p.Currency,
		"reject_file_share=" + strconv.FormatFloat(p.RejectFileShare, 'g', -1, 64),
		"max_records=" + strconv.FormatInt(p.MaxRecords, 10),
		"max_order_lines=" + strconv.Itoa(p.MaxOrderLines),
		"max_order_age_days=" + strconv.Itoa(p.MaxOrderAgeDays),
		"max_decompressed_bytes=" + strconv.FormatInt(p.MaxDecompressedBytes, 10),
		"max_compression_ratio=" + strconv.FormatInt(p.MaxCompressionRatio, 10),
	}
	if !p.TimeZone.IsUTC() { // which had no word before there was a choice
		words = append(words, "time_zone="+p.TimeZone.String())
	}
	if p.CatalogMode.isPart() {
		words = append(words, "catalog_mode="+string(p.CatalogMode))
	}
	return words
}

func (p Policy) limits() stored.Limits {
	return stored.Limits{MaxBytes: p.MaxDecompressedBytes, MaxRatio: p.MaxCompressionRatio}
}
