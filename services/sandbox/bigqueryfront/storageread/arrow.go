package storageread

import (
	"bytes"
	"fmt"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/cell"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
)

// format is how a session's rows are written, by
// https://cloud.google.com/bigquery/docs/reference/storage#arrow_schema_details
type format struct {
	columns    []*cell.Column
	picked     []bool
	schema     *arrow.Schema
	serialized []byte
	options    []ipc.Option
}

func newFormat(fields []*bq.TableFieldSchema, picked []bool, compression storagepb.ArrowSerializationOptions_CompressionCodec) (*format, error) {
	f := &format{columns: cell.Columns(fields), picked: picked}
	var list []arrow.Field
	for i, field := range fields {
		if !picked[i] {
			continue
		}
		a, err := arrowField(field)
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	f.schema = arrow.NewSchema(list, nil)
	payload := ipc.GetSchemaPayload(f.schema, memory.DefaultAllocator)
	defer payload.Release()
	var b bytes.Buffer
	if _, err := payload.WritePayload(&b); err != nil {
		return nil, fmt.Errorf("write the schema: %w", err)
	}
	f.serialized = b.Bytes()
	switch compression {
	case storagepb.ArrowSerializationOptions_LZ4_FRAME:
		f.options = append(f.options, ipc.WithLZ4())
	case storagepb.ArrowSerializationOptions_ZSTD:
		f.options = append(f.options, ipc.WithZstd())
	}
	return f, nil
}

var arrowTypes = map[string]arrow.DataType{
	"STRING": arrow.BinaryTypes.String, "BYTES": arrow.BinaryTypes.Binary, "INTEGER": arrow.PrimitiveTypes.Int64, "FLOAT": arrow.PrimitiveTypes.Float64,
	"BOOLEAN": arrow.FixedWidthTypes.Boolean, "NUMERIC": &arrow.Decimal128Type{Precision: 38, Scale: 9}, "DATE": arrow.FixedWidthTypes.Date32,
	"DATETIME": &arrow.TimestampType{Unit: arrow.Microsecond}, "TIME": arrow.FixedWidthTypes.Time64us,
	"TIMESTAMP": &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, "JSON": arrow.BinaryTypes.String,
}

// sqlTypes are the types that Arrow has no word for.
var sqlTypes = map[string]string{"JSON": "google:sqlType:json", "DATETIME": "google:sqlType:datetime"}

func arrowField(f *bq.TableFieldSchema) (arrow.Field, error) {
	a := arrow.Field{Name: f.Name, Type: arrowTypes[f.Type], Nullable: f.Mode != "REQUIRED" && f.Mode != "REPEATED"}
	if f.Type == "RECORD" {
		fields := make([]arrow.Field, len(f.Fields))
		for i, child := range f.Fields {
			var err error
			if fields[i], err = arrowField(child); err != nil {
				return a, err
			}
		}
		a.Type = arrow.StructOf(fields...)
	}
	if a.Type == nil {
		return a, fault.Unserved("columns of type %s in Arrow", f.Type)
	}
	if name := sqlTypes[f.Type]; name != "" {
		a.Metadata = arrow.NewMetadata([]string{"ARROW:extension:name"}, []string{name})
	}
	if f.Mode == "REPEATED" {
		a.Type = arrow.ListOf(a.Type)
	}
	return a, nil
}

// encoder gathers rows into a batch.
type encoder struct {
	*format
	builder *array.RecordBuilder
	rows    int64
	bytes   int64
}

func (f *format) encoder() *encoder {
	return &encoder{format: f, builder: array.NewRecordBuilder(memory.DefaultAllocator, f.schema)}
}

func (e *encoder) release() { e.builder.Release() }

// add adds a row in the REST API's form.
func (e *encoder) add(row []byte) error {
	s := scanner{text: row}
	s.expect(`{"f":[`)
	at := 0
	for i, c := range e.columns {
		s.cell(i)
		if e.picked[i] {
			appendValue(&s, c, e.builder.Field(at))
			at++
		} else {
			s.skip()
		}
		s.expect("}")
	}
	s.expect("]}")
	e.rows++
	e.bytes += int64(len(row))
	return s.err
}

// flush writes the batch and begins another.
func (e *encoder) flush() ([]byte, error) {
	// Of a session without fields only the number of rows is told.
	batch := e.builder.NewRecordBatch()
	defer batch.Release()
	payload, err := ipc.GetRecordBatchPayload(batch, e.options...)
	if err != nil {
		return nil, fmt.Errorf("write rows: %w", err)
	}
	defer payload.Release()
	var b bytes.Buffer
	if _, err := payload.WritePayload(&b); err != nil {
		return nil, fmt.Errorf("write rows: %w", err)
	}
	e.rows, e.bytes = 0, 0
	return b.Bytes(), nil
}

func appendValue(s *scanner, c *cell.Column, b array.Builder) {
	if !c.Repeated {
		appendOne(s, c, b)
		return
	}
	list := b.(*array.ListBuilder)
	list.Append(true)
	s.expect("[")
	for i := 0; !s.accept("]") && s.err == nil; i++ {
		s.cell(i)
		appendOne(s, c, list.ValueBuilder())
		s.expect("}")
	}
}

func appendOne(s *scanner, c *cell.Column, b array.Builder) {
	switch {
	case s.accept("null"):
		b.AppendNull()
	case c.Kind == cell.Record:
		record := b.(*array.StructBuilder)
		record.Append(true)
		s.expect(`{"f":[`)
		for i, f := range c.Fields {
			s.cell(i)
			appendValue(s, f, record.FieldBuilder(i))
			s.expect("}")
		}
		s.expect("]}")
	default:
		appendText(s, c.Kind, b)
	}
}

// appendText appends a value that is written as a text: an instant's is its microseconds.
func appendText(s *scanner, k cell.Kind, b array.Builder) {
	text := s.string()
	if s.err != nil {
		return
	}
	parsed := k
	switch k {
	case cell.String, cell.JSON:
		b.(*array.StringBuilder).BinaryBuilder.Append(text)
		return
	case cell.Timestamp:
		parsed = cell.Int64
	}
	v, err := cell.Parse(parsed, text)
	if err != nil {
		s.fail(err)
		return
	}
	switch b := b.(type) {
	case *array.Int64Builder:
		b.Append(v.Number)
	case *array.Float64Builder:
		b.Append(v.Float)
	case *array.BooleanBuilder:
		b.Append(v.Number != 0)
	case *array.BinaryBuilder:
		b.Append(v.Bytes)
	case *array.Date32Builder:
		b.Append(arrow.Date32(v.Number))
	case *array.Time64Builder:
		b.Append(arrow.Time64(v.Number))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(v.Number))
	case *array.Decimal128Builder:
		b.Append(decimal128.New(v.Number, v.Lower))
	default:
		s.fail(fmt.Errorf("no place for a %s in a %T", k, b))
	}
}
