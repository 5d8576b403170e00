package generate

import "github.com/zackkki/ecomm_datapipeline/pkg/rules"

// OrderFaults are the rules that generated orders can break. A reference to
// nothing is no fault here: see OrderOptions.UnknownShare.
func OrderFaults() []rules.ID {
	return []rules.ID{
		rules.AmountMismatch, rules.AmountRounded, rules.CurrencyMismatch, rules.DuplicateKey,
		rules.DuplicateOrderConflict, rules.DuplicateOrderReplay, rules.EmptyItems,
		rules.InvalidAmount, rules.InvalidQuantity, rules.InvalidText, rules.InvalidTimestamp,
		rules.InvalidUTF8, rules.MalformedJSON, rules.MissingField, rules.TimestampOutOfRange,
		rules.TooDeep, rules.TooLarge, rules.UnknownField, rules.UnknownStatus, rules.WrongType,
	}
}

const (
	tooLong = 1<<20 + 1 // bytes; a record may have 1 MiB
	tooDeep = 40        // levels; a record may have 32
)

// appendTime writes the order's time, or one that is none.
func (s *Orders) appendTime(dst []byte, micros int64, fault rules.ID) []byte {
	switch fault {
	case rules.InvalidTimestamp:
		return append(dst, "2026-02-30T25:61:00"...)
	case rules.TimestampOutOfRange:
		return append(dst, "1970-01-01T00:00:00"...) // a clock that was never set
	}
	return s.clock.append(dst, micros)
}

// appendTotal writes the order's total, or one that is wrong.
func appendTotal(dst []byte, cents int64, fault rules.ID) []byte {
	switch fault {
	case rules.AmountMismatch:
		return appendCents(dst, cents+100)
	case rules.AmountRounded:
		return append(appendCents(dst, cents), "00000001"...) // the tenth decimal
	case rules.InvalidAmount:
		return appendCents(append(dst, '-'), cents)
	case rules.WrongType:
		return append(appendCents(append(dst, '"'), cents), '"')
	}
	return appendCents(dst, cents)
}

// appendExtra writes what does not belong into an order, after its last field.
func appendExtra(dst []byte, fault rules.ID) []byte {
	switch fault {
	case rules.CurrencyMismatch:
		return append(dst, `, "currency": "XXX"`...) // ISO 4217: no currency
	case rules.UnknownField:
		return append(dst, `, "coupon": "SAVE10"`...)
	case rules.DuplicateKey:
		return append(dst, `, "payment_status": "completed"`...)
	case rules.TooDeep:
		dst = append(dst, `, "trail": `...)
		dst = appendRepeated(dst, '[', tooDeep)
		return appendRepeated(dst, ']', tooDeep)
	case rules.TooLarge:
		dst = append(dst, `, "note": "`...)
		dst = appendRepeated(dst, 'x', tooLong)
		return append(dst, '"')
	}
	return dst
}

func appendRepeated(dst []byte, b byte, n int) []byte {
	for range n {
		dst = append(dst, b)
	}
	return dst
}
