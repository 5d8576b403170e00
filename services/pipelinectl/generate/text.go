package generate

import (
	"strconv"
	"time"
)

const hexDigits = "0123456789abcdef"

// appendUUID appends a version 4 UUID made of two drawn numbers.
func appendUUID(dst []byte, high, low uint64) []byte {
	high = high&^(0xf<<12) | 4<<12
	low = low&^(0x3<<62) | 2<<62
	for i := range 16 {
		word, shift := high, 56-8*i
		if i >= 8 {
			word, shift = low, 120-8*i
		}
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		b := byte(word >> shift)
		dst = append(dst, hexDigits[b>>4], hexDigits[b&15])
	}
	return dst
}

// appendCents appends an amount with its two decimals.
func appendCents(dst []byte, cents int64) []byte {
	dst = strconv.AppendInt(dst, cents/100, 10)
	return append(dst, '.', byte('0'+cents/10%10), byte('0'+cents%10))
}

const (
	microsPerSecond = 1_000_000
	microsPerDay    = 24 * 60 * 60 * microsPerSecond
)

// clock formats times; orders of one file are mostly of one day, whose date it keeps.
type clock struct {
	day  int64
	date []byte
}

// append appends a time as the shops write it: ISO 8601 without an offset, UTC.
func (c *clock) append(dst []byte, micros int64) []byte {
	day, rest := micros/microsPerDay, micros%microsPerDay
	if rest < 0 {
		day, rest = day-1, rest+microsPerDay
	}
	if c.date == nil || c.day != day {
		c.day, c.date = day, time.UnixMicro(day*microsPerDay).UTC().AppendFormat(c.date[:0], "2006-01-02T")
	}
	dst = append(dst, c.date...)
	seconds, fraction := rest/microsPerSecond, rest%microsPerSecond
	dst = appendDigits(dst, seconds/3600, 2)
	dst = append(dst, ':')
	dst = appendDigits(dst, seconds/60%60, 2)
	dst = append(dst, ':')
	dst = appendDigits(dst, seconds%60, 2)
	dst = append(dst, '.')
	return appendDigits(dst, fraction, 6)
}

// appendDigits appends v with leading zeros.
func appendDigits(dst []byte, v int64, width int) []byte {
	start := len(dst)
	dst = append(dst, "000000"[:width]...)
	for i := len(dst) - 1; i >= start; i-- {
		dst[i] = byte('0' + v%10)
		v /= 10
	}
	return dst
}
