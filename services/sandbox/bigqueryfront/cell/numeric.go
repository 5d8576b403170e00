package cell

import (
	"encoding/binary"
	"math/bits"
)

// NUMERIC has 29 digits before and 9 behind the point.
const (
	wholeDigits = 29
	fraction    = 9
	unit        = 1_000_000_000
)

// Scale turns a whole number into a 128-bit number of billionths.
func Scale(n int64) (upper int64, lower uint64) {
	magnitude := uint64(n)
	if n < 0 {
		magnitude = -magnitude
	}
	hi, lo := bits.Mul64(magnitude, unit)
	return signed(hi, lo, n < 0)
}

func signed(hi, lo uint64, negative bool) (int64, uint64) {
	if !negative {
		return int64(hi), lo
	}
	lo = -lo
	hi = ^hi
	if lo == 0 {
		hi++
	}
	return int64(hi), lo
}

// ParseNumeric reads a decimal, with an exponent perhaps, as a 128-bit number
// of billionths. More decimals than 9 are refused unless they are zeros.
func ParseNumeric(s []byte) (upper int64, lower uint64, ok bool) {
	negative := false
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		negative = s[0] == '-'
		s = s[1:]
	}
	mantissa, exponent, ok := splitExponent(s)
	if !ok {
		return 0, 0, false
	}
	digits, decimals, ok := count(mantissa)
	if !ok {
		return 0, 0, false
	}
	var hi, lo uint64
	// place is the position behind the point of the digit at hand.
	place, significant := decimals-exponent-digits, 0
	push := func(digit byte) bool {
		if digit != 0 || significant > 0 {
			significant++
		}
		hi, lo = times(hi, lo, 10, uint64(digit))
		return significant <= wholeDigits+fraction
	}
	for _, c := range mantissa {
		if c == '.' {
			continue
		}
		place++
		if place > fraction {
			if c != '0' {
				return 0, 0, false
			}
		} else if !push(c - '0') {
			return 0, 0, false
		}
	}
	for ; place < fraction && significant > 0; place++ {
		if !push(0) {
			return 0, 0, false
		}
	}
	upper, lower = signed(hi, lo, negative)
	return upper, lower, true
}

// count returns a plain decimal's digits and those behind its point.
func count(s []byte) (digits, decimals int, ok bool) {
	point := false
	for _, c := range s {
		switch {
		case c == '.' && !point:
			point = true
		case c < '0' || c > '9':
			return 0, 0, false
		default:
			digits++
			if point {
				decimals++
			}
		}
	}
	return digits, decimals, digits > 0
}

// splitExponent cuts e+12 off a number.
func splitExponent(s []byte) (mantissa []byte, exponent int, ok bool) {
	for i, c := range s {
		if c != 'e' && c != 'E' {
			continue
		}
		digits, sign := s[i+1:], 1
		if len(digits) > 0 && (digits[0] == '-' || digits[0] == '+') {
			if digits[0] == '-' {
				sign = -1
			}
			digits = digits[1:]
		}
		if len(digits) == 0 || len(digits) > 3 {
			return nil, 0, false
		}
		for _, d := range digits {
			if d < '0' || d > '9' {
				return nil, 0, false
			}
			exponent = exponent*10 + int(d-'0')
		}
		return s[:i], sign * exponent, true
	}
	return s, 0, true
}

// times returns x*factor + add for a 128-bit x.
func times(hi, lo, factor, add uint64) (uint64, uint64) {
	carry, low := bits.Mul64(lo, factor)
	low, c := bits.Add64(low, add, 0)
	return hi*factor + carry + c, low
}

// BinaryNumeric reads BigQuery's encoding of a NUMERIC: billionths as a
// little-endian two's complement of as few bytes as it takes.
func BinaryNumeric(v []byte) (upper int64, lower uint64, ok bool) {
	if len(v) == 0 || len(v) > 16 {
		return 0, 0, false
	}
	var b [16]byte
	if v[len(v)-1]&0x80 != 0 {
		for i := range b {
			b[i] = 0xff
		}
	}
	copy(b[:], v)
	upper, lower = int64(binary.LittleEndian.Uint64(b[8:])), binary.LittleEndian.Uint64(b[:8])
	return upper, lower, inRange(upper, lower)
}

// 10^38, the first number of billionths that NUMERIC does not hold.
const limitHigh, limitLow = 0x4b3b4ca85a86c47a, 0x098a224000000000

func inRange(upper int64, lower uint64) bool {
	hi, lo := uint64(upper), lower
	if upper < 0 {
		high, low := signed(hi, lo, true)
		hi, lo = uint64(high), low
	}
	return hi < limitHigh || hi == limitHigh && lo < limitLow
}
