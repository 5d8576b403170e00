package engine

import (
	"encoding/base64"
	"math"
	"math/big"
	"strconv"
	"time"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// vector reads one column of one chunk. DuckDB hands out flat vectors only.
type vector struct {
	t        Type
	data     unsafe.Pointer
	validity unsafe.Pointer
	// element is the vector of a list's elements, fields those of a struct.
	element *vector
	fields  []*vector
}

func newVector(raw mapping.Vector, t Type) *vector {
	v := &vector{t: t, data: mapping.VectorGetData(raw), validity: mapping.VectorGetValidity(raw)}
	switch {
	case t.Repeated:
		element := t
		element.Repeated = false
		v.element = newVector(mapping.ListVectorGetChild(raw), element)
	case t.Kind == Record:
		for i, f := range t.Fields {
			v.fields = append(v.fields, newVector(mapping.StructVectorGetChild(raw, mapping.IdxT(i)), f.Type))
		}
	}
	return v
}

func (v *vector) null(row int) bool {
	if v.validity == nil {
		return false
	}
	word := *(*uint64)(unsafe.Add(v.validity, (row/64)*8))
	return word&(1<<(row%64)) == 0
}

func at[T any](v *vector, row int) T {
	var zero T
	return *(*T)(unsafe.Add(v.data, uintptr(row)*unsafe.Sizeof(zero)))
}

// listEntry, stringT and hugeInt mirror DuckDB's published C layouts.
type (
	listEntry struct{ offset, length uint64 }
	stringT   struct {
		length uint32
		inline [4]byte
		rest   uint64
	}
	hugeInt struct {
		lower uint64
		upper int64
	}
)

// bytes returns the string or blob of a row, borrowed from the chunk.
func (v *vector) bytes(row int) []byte {
	s := (*stringT)(unsafe.Add(v.data, uintptr(row)*unsafe.Sizeof(stringT{})))
	if s.length <= 12 {
		return unsafe.Slice((*byte)(unsafe.Pointer(&s.inline)), s.length)
	}
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&s.rest)), s.length)
}

func appendFields(buf []byte, vecs []*vector, row int) ([]byte, error) {
	var err error
	buf = append(buf, `{"f":[`...)
	for i, v := range vecs {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = append(buf, `{"v":`...)
		if buf, err = v.appendValue(buf, row); err != nil {
			return buf, err
		}
		buf = append(buf, '}')
	}
	return append(buf, "]}"...), nil
}

func (v *vector) appendValue(buf []byte, row int) ([]byte, error) {
	var err error
	if v.t.Repeated {
		// BigQuery's arrays are never NULL: a NULL one reads as empty.
		buf = append(buf, '[')
		if !v.null(row) {
			entry := at[listEntry](v, row)
			for i := range entry.length {
				if i > 0 {
					buf = append(buf, ',')
				}
				buf = append(buf, `{"v":`...)
				if buf, err = v.element.appendValue(buf, int(entry.offset+i)); err != nil {
					return buf, err
				}
				buf = append(buf, '}')
			}
		}
		return append(buf, ']'), nil
	}
	if v.null(row) {
		return append(buf, "null"...), nil
	}
	switch v.t.Kind {
	case Record:
		return appendFields(buf, v.fields, row)
	case String, JSON:
		return appendQuoted(buf, v.bytes(row)), nil
	}
	buf = append(buf, '"')
	if buf, err = v.appendText(buf, row); err != nil {
		return buf, err
	}
	return append(buf, '"'), nil
}

// appendText appends the bare text of a scalar that is not NULL.
func (v *vector) appendText(buf []byte, row int) ([]byte, error) {
	switch v.t.physical {
	case mapping.TypeVarchar:
		return append(buf, v.bytes(row)...), nil
	case mapping.TypeBlob:
		return base64.StdEncoding.AppendEncode(buf, v.bytes(row)), nil
	case mapping.TypeBoolean:
		return strconv.AppendBool(buf, at[bool](v, row)), nil
	case mapping.TypeTinyInt:
		return strconv.AppendInt(buf, int64(at[int8](v, row)), 10), nil
	case mapping.TypeSmallInt:
		return strconv.AppendInt(buf, int64(at[int16](v, row)), 10), nil
	case mapping.TypeInteger:
		return strconv.AppendInt(buf, int64(at[int32](v, row)), 10), nil
	case mapping.TypeBigInt, mapping.TypeTimestampTZ:
		return strconv.AppendInt(buf, at[int64](v, row), 10), nil
	case mapping.TypeUTinyInt:
		return strconv.AppendUint(buf, uint64(at[uint8](v, row)), 10), nil
	case mapping.TypeUSmallInt:
		return strconv.AppendUint(buf, uint64(at[uint16](v, row)), 10), nil
	case mapping.TypeUInteger:
		return strconv.AppendUint(buf, uint64(at[uint32](v, row)), 10), nil
	case mapping.TypeUBigInt, mapping.TypeHugeInt:
		return v.appendWide(buf, row)
	case mapping.TypeFloat:
		return appendFloat(buf, float64(at[float32](v, row))), nil
	case mapping.TypeDouble:
		return appendFloat(buf, at[float64](v, row)), nil
	case mapping.TypeDate:
		return time.Unix(int64(at[int32](v, row))*86400, 0).UTC().AppendFormat(buf, time.DateOnly), nil
	case mapping.TypeTimestamp:
		return time.UnixMicro(at[int64](v, row)).UTC().AppendFormat(buf, "2006-01-02T15:04:05.999999"), nil
	case mapping.TypeTime:
		return time.UnixMicro(at[int64](v, row)).UTC().AppendFormat(buf, "15:04:05.999999"), nil
	case mapping.TypeDecimal:
		return v.appendDecimal(buf, row), nil
	case mapping.TypeInterval:
		return appendInterval(buf, at[int32](v, row*4), at[int32](v, row*4+1), at[int64](v, row*2+1)), nil
	}
	return buf, &Error{Class: ClassInternal, Message: "a value of a type without text"}
}

// appendWide appends an integer that DuckDB keeps in more than 64 signed bits.
func (v *vector) appendWide(buf []byte, row int) ([]byte, error) {
	var n int64
	fits := false
	if v.t.physical == mapping.TypeUBigInt {
		u := at[uint64](v, row)
		n, fits = int64(u), u <= math.MaxInt64
	} else {
		h := at[hugeInt](v, row)
		n = int64(h.lower)
		fits = (h.upper == 0 && n >= 0) || (h.upper == -1 && n < 0)
	}
	if !fits {
		return buf, &Error{Class: ClassQuery, Message: "int64 overflow"}
	}
	return strconv.AppendInt(buf, n, 10), nil
}

func appendFloat(buf []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(buf, "NaN"...)
	case math.IsInf(f, 1):
		return append(buf, "Infinity"...)
	case math.IsInf(f, -1):
		return append(buf, "-Infinity"...)
	case f == math.Trunc(f) && math.Abs(f) < 1e15:
		return strconv.AppendFloat(buf, f, 'f', 1, 64)
	}
	return strconv.AppendFloat(buf, f, 'g', -1, 64)
}

// appendInterval writes BigQuery's canonical form, "Y-M D H:M:S.F".
func appendInterval(buf []byte, months, days int32, micros int64) []byte {
	sign := func(negative bool) {
		if negative {
			buf = append(buf, '-')
		}
	}
	abs := func(n int64) int64 { return max(n, -n) }
	sign(months < 0)
	m := abs(int64(months))
	buf = strconv.AppendInt(buf, m/12, 10)
	buf = append(buf, '-')
	buf = strconv.AppendInt(buf, m%12, 10)
	buf = append(buf, ' ')
	buf = strconv.AppendInt(buf, int64(days), 10)
	buf = append(buf, ' ')
	sign(micros < 0)
	u := abs(micros)
	buf = strconv.AppendInt(buf, u/3_600_000_000, 10)
	buf = append(buf, ':')
	buf = strconv.AppendInt(buf, u/60_000_000%60, 10)
	buf = append(buf, ':')
	buf = strconv.AppendInt(buf, u/1_000_000%60, 10)
	if f := u % 1_000_000; f != 0 {
		buf = append(buf, '.')
		buf = append(buf, strconv.Itoa(int(1_000_000 + f))[1:]...)
	}
	return buf
}

// appendDecimal writes a decimal without trailing zeros, as BigQuery does.
func (v *vector) appendDecimal(buf []byte, row int) []byte {
	var n int64
	switch v.t.decimal {
	case mapping.TypeSmallInt:
		n = int64(at[int16](v, row))
	case mapping.TypeInteger:
		n = int64(at[int32](v, row))
	case mapping.TypeBigInt:
		n = at[int64](v, row)
	default:
		h := at[hugeInt](v, row)
		n = int64(h.lower)
		if !((h.upper == 0 && n >= 0) || (h.upper == -1 && n < 0)) {
			return appendScaled(buf, h.big().String(), v.t.scale)
		}
	}
	var digits [20]byte
	return appendScaled(buf, unsafeString(strconv.AppendInt(digits[:0], n, 10)), v.t.scale)
}

func unsafeString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func (h hugeInt) big() *big.Int {
	b := big.NewInt(h.upper)
	b.Lsh(b, 64)
	return b.Add(b, new(big.Int).SetUint64(h.lower))
}

// appendScaled places the decimal point into a whole number's digits.
func appendScaled(buf []byte, digits string, scale int) []byte {
	if len(digits) > 0 && digits[0] == '-' {
		buf = append(buf, '-')
		digits = digits[1:]
	}
	whole, fraction := "0", digits
	if len(digits) > scale {
		whole, fraction = digits[:len(digits)-scale], digits[len(digits)-scale:]
	}
	buf = append(buf, whole...)
	end := len(fraction)
	for end > 0 && fraction[end-1] == '0' {
		end--
	}
	if end == 0 {
		return buf
	}
	buf = append(buf, '.')
	for i := len(fraction); i < scale; i++ {
		buf = append(buf, '0')
	}
	return append(buf, fraction[:end]...)
}

const hexDigits = "0123456789abcdef"

// appendQuoted appends a JSON string. DuckDB's strings are valid UTF-8.
func appendQuoted(buf, s []byte) []byte {
	buf = append(buf, '"')
	start := 0
	for i, c := range s {
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		buf = append(buf, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			buf = append(buf, '\\', c)
		case '\n':
			buf = append(buf, '\\', 'n')
		default:
			buf = append(buf, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	buf = append(buf, s[start:]...)
	return append(buf, '"')
}
