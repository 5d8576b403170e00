// Package rules is the catalog of data-quality rules: everything that the
// pipeline may find wrong with a record, an order that came twice, or a file.
// The parser, the aggregator's SQL and the documentation use the ids of this
// one list; a finding whose rule is not here is a defect.
package rules

// ID names a rule in messages, tables and metrics. Ids are never reused.
type ID string

// Version names the parser's reading of the rules. It is part of every
// parse_id: raise it when the same bytes may read differently than before.
const Version = "4"

// How far an order may lie from its file's landing (timestamp_out_of_range), which also
// bounds where the facts of a file are looked for. MaxOrderAgeDays is the most that
// MAX_ORDER_AGE_DAYS can be set to, a hundred years.
const (
	MaxOrderAgeDays   = 36_525
	MaxOrderLeadYears = 1
)

// Level is what a rule judges.
type Level string

// Levels.
const (
	LevelRecord    Level = "record"
	LevelFile      Level = "file"
	LevelDuplicate Level = "duplicate"
	LevelCatalog   Level = "catalog"
)

// Severity is how grave a finding is.
type Severity string

// Severities. A record of severity error is refused, a file quarantined; a
// warning is kept and noted; info is noted for completeness.
const (
	SeverityInfo    Severity = "info"
	SeverityWarning Severity = "warning"
	SeverityError   Severity = "error"
)

// Rules that refuse a record.
const (
	MalformedJSON       ID = "malformed_json"
	InvalidUTF8         ID = "invalid_utf8"
	DuplicateKey        ID = "duplicate_key"
	MissingField        ID = "missing_field"
	WrongType           ID = "wrong_type"
	InvalidText         ID = "invalid_text"
	InvalidTimestamp    ID = "invalid_timestamp"
	TimestampOutOfRange ID = "timestamp_out_of_range"
	EmptyItems          ID = "empty_items"
	InvalidQuantity     ID = "invalid_quantity"
	InvalidAmount       ID = "invalid_amount"
	CurrencyMismatch    ID = "currency_mismatch"
	TooLarge            ID = "too_large"
	TooDeep             ID = "too_deep"
	InvalidCSV          ID = "invalid_csv"
	AppendRefused       ID = "append_refused"
	DeadLettered        ID = "dead_lettered"
	RestRefused         ID = "rest_refused"
)

// Rules that a record may break and still be kept.
const (
	AmountMismatch  ID = "amount_mismatch"
	AmountRounded   ID = "amount_rounded"
	MissingCustomer ID = "missing_customer"
	MissingProduct  ID = "missing_product"
	TrimmedText     ID = "trimmed_text"
	UnnamedColumn   ID = "unnamed_column"
	RepeatedHeader  ID = "repeated_header"
	UnknownPlace    ID = "unknown_place"
	UnknownStatus   ID = "unknown_status"
	UnknownField    ID = "unknown_field"
)

// Rules about an order that came before.
const (
	DuplicateOrderReplay   ID = "duplicate_order_replay"
	DuplicateOrderConflict ID = "duplicate_order_conflict"
	OrderUpdated           ID = "order_updated"
	OrderVersionStale      ID = "order_version_stale"
)

// Rules about catalogs.
const (
	CatalogShrunk        ID = "catalog_shrunk"
	DuplicateRowConflict ID = "duplicate_row_conflict"
)

// Rules that quarantine a file.
const (
	UnreadableFile     ID = "unreadable_file"
	EmptyFile          ID = "empty_file"
	UnknownKind        ID = "unknown_kind"
	UnknownSource      ID = "unknown_source"
	UnknownShape       ID = "unknown_shape"
	TruncatedGzip      ID = "truncated_gzip"
	DecompressionLimit ID = "decompression_limit"
	TooManyRecords     ID = "too_many_records"
	HeaderMismatch     ID = "header_mismatch"
	MostlyRefused      ID = "mostly_refused"
	DuplicateOrders    ID = "duplicate_orders"
	// ContradictingRecords is found by the aggregator, which sees all records of a file.
	ContradictingRecords ID = "contradicting_records"
	UnreadableObject     ID = "unreadable_object"
	ParserFailed         ID = "parser_failed"
	TransactionFailed    ID = "transaction_failed"
	LedgerImbalance      ID = "ledger_imbalance"
	TooManyDays          ID = "too_many_days"
	TimeZoneMismatch     ID = "time_zone_mismatch"
)

// Rule is one entry of the catalog.
type Rule struct {
	ID       ID
	Level    Level
	Severity Severity
	// Meaning says what was found.
	Meaning string
	// Remedy says what a person should do about it.
	Remedy string
}

// All returns the catalog: records first, then duplicates, then catalogs and files.
func All() []Rule {
	all := make([]Rule, 0, len(refused)+len(kept)+len(duplicates)+len(catalogs)+len(files))
	all = append(all, refused...)
	all = append(all, kept...)
	all = append(all, duplicates...)
	all = append(all, catalogs...)
	return append(all, files...)
}

// Lookup finds a rule by its id.
func Lookup(id ID) (Rule, bool) {
	for _, list := range [][]Rule{refused, kept, duplicates, catalogs, files} {
		for _, r := range list {
			if r.ID == id {
				return r, true
			}
		}
	}
	return Rule{}, false
}
