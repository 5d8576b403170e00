// Package decode reads single records: an order from JSON, a product or customer
// from a CSV row. It is pure: the same bytes under the same policy always read
// the same, whoever reads them and whenever; the only time it knows is the one
// at which the file landed.
//
// A record is refused with all that is wrong with it, the first fault naming the rule, or
// accepted with the ids of the rules that it broke without being refused.
package decode

import (
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zackkki/ecomm_datapipeline/pkg/calendar"
	"github.com/zackkki/ecomm_datapipeline/pkg/identity"
	"github.com/zackkki/ecomm_datapipeline/pkg/rules"
	pipelinev1 "github.com/zackkki/ecomm_datapipeline/proto/ecommerce/pipeline/v1"
)

// Limits on a record's parts.
const (
	maxID       = 256     // bytes of an id or a code
	maxText     = 4 << 10 // bytes of any other text
	maxQuantity = 1_000_000_000
)

// Reading is what all records of one reading of a file have in common.
type Reading struct {
	FileID, ParseID string
	LandedAt        time.Time
	// Currency is the ISO 4217 code of all amounts.
	Currency string
	// MaxOrderLines is how many lines an order may have.
	MaxOrderLines int
	// MaxOrderAgeDays is how many days before its file's landing an order may lie.
	MaxOrderAgeDays int
	// Zone is the shop's time zone.
	Zone calendar.Zone
}

// Accepted is a record that was read. It and its message are valid until the
// decoder's next call; its strings for ever.
type Accepted struct {
	// Message is an Order, Product or Customer.
	Message proto.Message
	// Source is the message's own; its record_index is left to the caller.
	Source *pipelinev1.RecordSource
	// OrderID is set for orders only.
	OrderID string
	// Micros is the time of an order, in microseconds since 1970.
	Micros int64
	// Offset is how many seconds the shop's clock was ahead of UTC then.
	Offset int64
	// Versioned tells that an order says when it was updated.
	Versioned bool
}

// Decoder reads records of one kind. Not for concurrent use.
type Decoder interface {
	// Decode reads one record, which it does not keep. Exactly one of the results is nil.
	Decode(raw []byte) (*Accepted, *Fault)
}

// record is what the decoders of all kinds share.
type record struct {
	accepted Accepted
	source   pipelinev1.RecordSource
	hash     *identity.Hasher
	currency string
	faults   Faults
	zone     calendar.Zone
	warned   warnings
}

func (r *record) init(reading Reading) {
	r.hash, r.currency, r.zone = identity.NewHasher(), reading.Currency, reading.Zone
	r.source.FileId, r.source.ParseId = reading.FileID, reading.ParseID
	r.source.LandedAt = timestamppb.New(reading.LandedAt)
}

func (r *record) reset() {
	r.faults, r.warned = Faults{}, 0
	r.source.UnknownFields = ""
}

// accept completes the source of a record whose fields are hashed.
func (r *record) accept(m proto.Message) *Accepted {
	if r.source.UnknownFields != "" {
		r.warned |= warnUnknownField
	}
	r.source.ContentHash = r.hash.Sum()
	r.source.Warnings = r.warned.ids()
	r.accepted.Message, r.accepted.Source = m, &r.source
	return &r.accepted
}

// trim takes white space off both ends of an id, a number or a date, and notes it.
func (r *record) trim(text string) string {
	if text == "" || isInk(text[0]) && isInk(text[len(text)-1]) {
		return text
	}
	trimmed := strings.TrimSpace(text)
	if len(trimmed) < len(text) {
		r.warned |= warnTrimmedText
	}
	return trimmed
}

// isInk tells that a byte of a text is no white space nor a part of any.
func isInk(c byte) bool { return ' ' < c && c < utf8.RuneSelf }

// warnings is a set of the rules that a record may break and be kept, in the
// order of their ids.
type warnings uint8

const (
	warnAmountMismatch warnings = 1 << iota
	warnAmountRounded
	warnTrimmedText
	warnUnknownField
	warnUnknownStatus
	warnUnnamedColumn
)

var warningIDs = [...]rules.ID{rules.AmountMismatch, rules.AmountRounded, rules.TrimmedText, rules.UnknownField, rules.UnknownStatus, rules.UnnamedColumn}

func (w warnings) ids() []string {
	if w == 0 {
		return nil
	}
	var ids []string
	for i, id := range warningIDs {
		if w&(1<<i) != 0 {
			ids = append(ids, string(id))
		}
	}
	return ids
}
