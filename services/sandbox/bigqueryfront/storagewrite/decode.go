package storagewrite

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
)

// maxColumns bounds the columns of one level that the decoder tracks.
const maxColumns = 1024

// decoder writes serialized rows into a batch. It allocates nothing per row.
type decoder struct {
	plan *message
	// seen has a bit per column for each level of nesting, starts the first
	// element of each list.
	seen   [maxNesting + 1][maxColumns / 64]uint64
	starts [maxNesting + 1][]int
}

var errTruncated = errors.New("the row is not a valid serialized message")

// row decodes one row into the batch's next one. After an error the batch must
// be reset.
func (d *decoder) row(data []byte, batch *engine.Batch) error {
	if err := d.message(d.plan, data, batch.Columns, batch.Rows); err != nil {
		return err
	}
	batch.Rows++
	return nil
}

func (d *decoder) message(m *message, data []byte, columns []*engine.Writer, row int) error {
	seen := &d.seen[m.depth]
	clear(seen[:(len(m.columns)+63)/64])
	starts := d.starts[m.depth][:0]
	for _, c := range m.columns {
		start := 0
		if c.repeated {
			start = columns[c.index].Element.Length
		}
		starts = append(starts, start)
	}
	d.starts[m.depth] = starts
	for len(data) > 0 {
		tag, n := binary.Uvarint(data)
		if n <= 0 {
			return errTruncated
		}
		data = data[n:]
		s := m.field(tag >> 3)
		if s == nil {
			if n = protowire.ConsumeFieldValue(protowire.Number(tag>>3), protowire.Type(tag&7), data); n < 0 {
				return errTruncated
			}
			data = data[n:]
			continue
		}
		c := s.column
		n, err := d.field(s, protowire.Type(tag&7), data, columns[c.index], row, seen[c.index/64]&(1<<(c.index%64)) != 0)
		if err != nil {
			return fmt.Errorf("Field %s: %w", c.name, err)
		}
		data = data[n:]
		seen[c.index/64] |= 1 << (c.index % 64)
	}
	for i, c := range m.columns {
		w := columns[i]
		switch {
		case c.repeated:
			w.List(row, starts[i], w.Element.Length-starts[i])
		case seen[i/64]&(1<<(i%64)) != 0:
		case c.required:
			return fmt.Errorf("Field %s: required field is missing", c.name)
		default:
			w.Null(row)
		}
	}
	return nil
}

// field decodes one occurrence of a field and returns the bytes it took.
func (d *decoder) field(s *source, wire protowire.Type, data []byte, w *engine.Writer, row int, again bool) (int, error) {
	c := s.column
	if c.repeated {
		if wire == protowire.BytesType && isPackable(s) {
			return d.packed(s, data, w)
		}
		var err error
		if row, err = w.Grow(); err != nil {
			return 0, err
		}
		w = w.Element
	} else if again && s.message != nil {
		return 0, errors.New("a record is given twice")
	}
	switch wire {
	case protowire.VarintType:
		v, n := binary.Uvarint(data)
		if n <= 0 {
			return 0, errTruncated
		}
		return n, d.number(s, wire, v, w, row)
	case protowire.Fixed64Type:
		if len(data) < 8 {
			return 0, errTruncated
		}
		return 8, d.number(s, wire, binary.LittleEndian.Uint64(data), w, row)
	case protowire.Fixed32Type:
		if len(data) < 4 {
			return 0, errTruncated
		}
		return 4, d.number(s, wire, uint64(binary.LittleEndian.Uint32(data)), w, row)
	case protowire.BytesType:
		length, n := binary.Uvarint(data)
		if n <= 0 || length > uint64(len(data)-n) {
			return 0, errTruncated
		}
		value := data[n : n+int(length)]
		n += int(length)
		switch {
		case s.message != nil:
			return n, d.message(s.message, value, w.Fields, row)
		case s.wire == tString || s.wire == tBytes:
			return n, text(s, value, w, row)
		}
	}
	return 0, errTruncated
}

func isPackable(s *source) bool { return s.wire != tString && s.wire != tBytes && s.wire != tMessage }

// packed decodes a packed list of numbers.
func (d *decoder) packed(s *source, data []byte, w *engine.Writer) (int, error) {
	length, n := binary.Uvarint(data)
	if n <= 0 || length > uint64(len(data)-n) {
		return 0, errTruncated
	}
	total := n + int(length)
	wire := protowire.VarintType
	switch s.wire {
	case tDouble, tSfixed64:
		wire = protowire.Fixed64Type
	case tFloat, tSfixed32, tFixed32:
		wire = protowire.Fixed32Type
	}
	for rest := data[n:total]; len(rest) > 0; {
		n, err := d.field(s, wire, rest, w, 0, false)
		if err != nil {
			return 0, err
		}
		rest = rest[n:]
	}
	return total, nil
}

// Ranges of BigQuery's DATE and TIMESTAMP: the years 1 to 9999.
const (
	minDay, maxDay       = -719162, 2932896
	minMicros, maxMicros = minDay * 86_400_000_000, (maxDay+1)*86_400_000_000 - 1
)

// number writes a number of the wire.
func (d *decoder) number(s *source, wire protowire.Type, v uint64, w *engine.Writer, row int) error {
	n := int64(v)
	want := protowire.VarintType
	switch s.wire {
	case tSint32, tSint64:
		n = protowire.DecodeZigZag(v)
	case tInt32, tEnum:
		n = int64(int32(v))
	case tUint32:
		n = int64(uint32(v))
	case tDouble, tSfixed64:
		want = protowire.Fixed64Type
	case tFloat, tSfixed32:
		n, want = int64(int32(v)), protowire.Fixed32Type
	case tFixed32:
		want = protowire.Fixed32Type
	case tString, tBytes, tMessage:
		return errTruncated
	}
	if wire != want {
		return errTruncated
	}
	switch s.column.kind {
	case kindInt64:
		w.Int64(row, n)
	case kindBool:
		w.Bool(row, v != 0)
	case kindFloat64:
		f := float64(n)
		if s.wire == tDouble {
			f = math.Float64frombits(v)
		} else if s.wire == tFloat {
			f = float64(math.Float32frombits(uint32(v)))
		}
		w.Float64(row, f)
	case kindDate:
		if n < minDay || n > maxDay {
			return fmt.Errorf("Invalid DATE value: %d days", n)
		}
		w.Int32(row, int32(n))
	case kindTimestamp:
		if n < minMicros || n > maxMicros {
			return fmt.Errorf("Invalid TIMESTAMP value: %d microseconds", n)
		}
		w.Int64(row, n)
	case kindNumeric:
		upper, lower := scale(n)
		w.Decimal(row, upper, lower)
	case kindString:
		name, ok := s.enum[int32(n)]
		if !ok {
			return fmt.Errorf("unknown enum value %d", n)
		}
		w.Bytes(row, []byte(name))
	default:
		return errTruncated
	}
	return nil
}

// text writes a string or bytes of the wire.
func text(s *source, v []byte, w *engine.Writer, row int) error {
	k := s.column.kind
	if s.wire == tBytes && k == kindNumeric {
		upper, lower, ok := binaryNumeric(v)
		if !ok {
			return errors.New("Invalid NUMERIC value: not an encoded NUMERIC")
		}
		w.Decimal(row, upper, lower)
		return nil
	}
	if k != kindBytes && !utf8.Valid(v) {
		return errors.New("the value is not valid UTF-8")
	}
	switch k {
	case kindString, kindBytes:
		w.Bytes(row, v)
	case kindJSON:
		if !json.Valid(v) {
			return errors.New("Invalid JSON value")
		}
		w.Bytes(row, v)
	case kindNumeric:
		upper, lower, ok := parseNumeric(v)
		if !ok {
			return fmt.Errorf("Invalid NUMERIC value: %.100s", v)
		}
		w.Decimal(row, upper, lower)
	case kindDate:
		t, err := time.Parse(time.DateOnly, string(v))
		if err != nil {
			return fmt.Errorf("Invalid DATE value: %.100s", v)
		}
		w.Int32(row, int32(t.Unix()/86400))
	default:
		micros, ok := parseInstant(k, string(v))
		if !ok {
			return fmt.Errorf("Invalid time value: %.100s", v)
		}
		w.Int64(row, micros)
	}
	return nil
}

var layouts = map[kind][]string{
	kindTimestamp: {time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999 UTC", "2006-01-02 15:04:05.999999999", time.DateOnly},
	kindDateTime:  {"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", time.DateOnly},
	kindTime:      {"15:04:05.999999999"},
}

func parseInstant(k kind, s string) (int64, bool) {
	for _, layout := range layouts[k] {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		if k == kindTime {
			midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
			return t.Sub(midnight).Microseconds(), true
		}
		return t.UnixMicro(), t.Year() >= 1 && t.Year() <= 9999
	}
	return 0, false
}
