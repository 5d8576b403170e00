package storagewrite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/cell"
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
		if c.Repeated {
			start = columns[c.Index].Element.Length
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
		n, err := d.field(s, protowire.Type(tag&7), data, columns[c.Index], row, seen[c.Index/64]&(1<<(c.Index%64)) != 0)
		if err != nil {
			return fmt.Errorf("Field %s: %w", c.Name, err)
		}
		data = data[n:]
		seen[c.Index/64] |= 1 << (c.Index % 64)
	}
	for i, c := range m.columns {
		w := columns[i]
		switch {
		case c.Repeated:
			w.List(row, starts[i], w.Element.Length-starts[i])
		case seen[i/64]&(1<<(i%64)) != 0:
		case c.Required:
			return fmt.Errorf("Field %s: required field is missing", c.Name)
		default:
			w.Null(row)
		}
	}
	return nil
}

// field decodes one occurrence of a field and returns the bytes it took.
func (d *decoder) field(s *source, wire protowire.Type, data []byte, w *engine.Writer, row int, again bool) (int, error) {
	c := s.column
	if c.Repeated {
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
	switch s.column.Kind {
	case cell.Int64:
		w.Int64(row, n)
	case cell.Bool:
		w.Bool(row, v != 0)
	case cell.Float64:
		f := float64(n)
		if s.wire == tDouble {
			f = math.Float64frombits(v)
		} else if s.wire == tFloat {
			f = float64(math.Float32frombits(uint32(v)))
		}
		w.Float64(row, f)
	case cell.Date:
		if n < cell.MinDay || n > cell.MaxDay {
			return fmt.Errorf("Invalid DATE value: %d days", n)
		}
		w.Int32(row, int32(n))
	case cell.Timestamp:
		if n < cell.MinMicros || n > cell.MaxMicros {
			return fmt.Errorf("Invalid TIMESTAMP value: %d microseconds", n)
		}
		w.Int64(row, n)
	case cell.Numeric:
		upper, lower := cell.Scale(n)
		w.Decimal(row, upper, lower)
	case cell.String:
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
	k := s.column.Kind
	switch {
	case k == cell.Bytes, k == cell.String && utf8.Valid(v):
		w.Bytes(row, v)
		return nil
	case s.wire == tBytes && k == cell.Numeric:
		upper, lower, ok := cell.BinaryNumeric(v)
		if !ok {
			return errors.New("Invalid NUMERIC value: not an encoded NUMERIC")
		}
		w.Decimal(row, upper, lower)
		return nil
	}
	value, err := cell.Parse(k, v)
	if err != nil {
		return err
	}
	value.Put(k, w, row)
	return nil
}
