package storagewrite

import (
	"fmt"
	"slices"
	"strings"

	bq "google.golang.org/api/bigquery/v2"
	"google.golang.org/protobuf/types/descriptorpb"
)

// kind is how a column's value is written into its vector.
type kind uint8

const (
	kindString kind = iota
	kindJSON
	kindBytes
	kindInt64
	kindFloat64
	kindBool
	kindNumeric
	kindDate
	kindTimestamp
	kindDateTime
	kindTime
	kindRecord
)

var kinds = map[string]kind{
	"STRING": kindString, "JSON": kindJSON, "BYTES": kindBytes, "INTEGER": kindInt64, "FLOAT": kindFloat64,
	"BOOLEAN": kindBool, "NUMERIC": kindNumeric, "DATE": kindDate, "TIMESTAMP": kindTimestamp,
	"DATETIME": kindDateTime, "TIME": kindTime, "RECORD": kindRecord,
}

// column is where a value goes: a column of the table or a field of a record.
type column struct {
	name     string
	kind     kind
	repeated bool
	required bool
	fields   []*column
	// index among its siblings.
	index int
}

func columnsOf(fields []*bq.TableFieldSchema) []*column {
	list := make([]*column, len(fields))
	for i, f := range fields {
		list[i] = &column{name: f.Name, kind: kinds[f.Type], repeated: f.Mode == "REPEATED", required: f.Mode == "REQUIRED",
			fields: columnsOf(f.Fields), index: i}
	}
	return list
}

// source is a field of the writer's messages: what it is on the wire and which
// column it fills.
type source struct {
	wire   descriptorpb.FieldDescriptorProto_Type
	column *column
	// message is the plan of a record's own fields.
	message *message
	// enum maps an enum's numbers to names, for STRING columns.
	enum map[int32]string
}

// message is the compiled way from a message's bytes to columns. Fields with
// small numbers, which is nearly all, are found by index.
type message struct {
	small   [64]*source
	large   map[uint64]*source
	columns []*column
	// depth of nesting, for the decoder's scratch memory.
	depth int
}

func (m *message) field(number uint64) *source {
	if number < uint64(len(m.small)) {
		return m.small[number]
	}
	return m.large[number]
}

// compatible lists the wire types that each kind takes, as the write API's
// documentation of supported types has them, less the packed forms of civil
// times, which are refused.
var compatible = map[kind][]descriptorpb.FieldDescriptorProto_Type{
	kindString:    {tString, tEnum},
	kindJSON:      {tString},
	kindBytes:     {tBytes, tString},
	kindInt64:     {tInt64, tInt32, tUint32, tSint64, tSint32, tSfixed64, tSfixed32, tFixed32, tEnum},
	kindFloat64:   {tDouble, tFloat, tInt32, tUint32},
	kindBool:      {tBool},
	kindNumeric:   {tString, tBytes, tInt64, tInt32, tUint32, tSint64, tSint32},
	kindDate:      {tInt32, tInt64, tSint32, tSint64, tSfixed32, tString},
	kindTimestamp: {tInt64, tSint64, tSfixed64, tString},
	kindDateTime:  {tString},
	kindTime:      {tString},
	kindRecord:    {tMessage},
}

const (
	tString   = descriptorpb.FieldDescriptorProto_TYPE_STRING
	tBytes    = descriptorpb.FieldDescriptorProto_TYPE_BYTES
	tInt64    = descriptorpb.FieldDescriptorProto_TYPE_INT64
	tInt32    = descriptorpb.FieldDescriptorProto_TYPE_INT32
	tUint32   = descriptorpb.FieldDescriptorProto_TYPE_UINT32
	tSint64   = descriptorpb.FieldDescriptorProto_TYPE_SINT64
	tSint32   = descriptorpb.FieldDescriptorProto_TYPE_SINT32
	tSfixed64 = descriptorpb.FieldDescriptorProto_TYPE_SFIXED64
	tSfixed32 = descriptorpb.FieldDescriptorProto_TYPE_SFIXED32
	tFixed32  = descriptorpb.FieldDescriptorProto_TYPE_FIXED32
	tDouble   = descriptorpb.FieldDescriptorProto_TYPE_DOUBLE
	tFloat    = descriptorpb.FieldDescriptorProto_TYPE_FLOAT
	tBool     = descriptorpb.FieldDescriptorProto_TYPE_BOOL
	tEnum     = descriptorpb.FieldDescriptorProto_TYPE_ENUM
	tMessage  = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE
)

// extraField is a writer's field that the table lacks.
type extraField struct{ path string }

func (e *extraField) Error() string {
	return fmt.Sprintf("Input schema has more fields than BigQuery schema, extra fields: '%s'", e.path)
}

// maxNesting is BigQuery's limit of nested records.
const maxNesting = 15

// compile plans the way from messages of the descriptor to the columns. The
// descriptor must be self-contained, as the write API demands.
func compile(root, d *descriptorpb.DescriptorProto, columns []*column, path string, depth int) (*message, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("the descriptor is nested deeper than %d levels", maxNesting)
	}
	if len(columns) > maxColumns {
		return nil, fmt.Errorf("the table has more than %d columns in one record, which the embedded BigQuery does not append to", maxColumns)
	}
	m := &message{columns: columns, large: map[uint64]*source{}, depth: depth}
	for _, f := range d.GetField() {
		name := path + f.GetName()
		c := findColumn(columns, f)
		if c == nil {
			return nil, &extraField{name}
		}
		s := &source{wire: f.GetType(), column: c}
		if !accepts(c.kind, s.wire) {
			return nil, fmt.Errorf("The proto field mismatched with BigQuery field at %s, the proto field type %s, BigQuery field type %s",
				name, strings.ToLower(strings.TrimPrefix(s.wire.String(), "TYPE_")), kindName(c.kind))
		}
		repeated := f.GetLabel() == descriptorpb.FieldDescriptorProto_LABEL_REPEATED
		if repeated != c.repeated {
			return nil, fmt.Errorf("The proto field mismatched with BigQuery field at %s: only one of them is repeated", name)
		}
		switch s.wire {
		case tMessage:
			nested := findMessage(d, lastPart(f.GetTypeName()), 0)
			if nested == nil {
				nested = findMessage(root, lastPart(f.GetTypeName()), 0)
			}
			if nested == nil {
				return nil, fmt.Errorf("the descriptor is not self-contained: %s has type %s", name, f.GetTypeName())
			}
			var err error
			if s.message, err = compile(root, nested, c.fields, name+".", depth+1); err != nil {
				return nil, err
			}
		case tEnum:
			s.enum = findEnum(root, lastPart(f.GetTypeName()), 0)
			if s.enum == nil && c.kind == kindString {
				return nil, fmt.Errorf("the descriptor is not self-contained: %s has type %s", name, f.GetTypeName())
			}
		}
		number := uint64(f.GetNumber())
		if number < uint64(len(m.small)) {
			m.small[number] = s
		} else {
			m.large[number] = s
		}
	}
	return m, nil
}

func accepts(k kind, t descriptorpb.FieldDescriptorProto_Type) bool {
	return slices.Contains(compatible[k], t)
}

func kindName(k kind) string {
	for name, other := range kinds {
		if other == k {
			return name
		}
	}
	return "unknown"
}

func findColumn(columns []*column, f *descriptorpb.FieldDescriptorProto) *column {
	for _, c := range columns {
		if strings.EqualFold(c.name, f.GetName()) {
			return c
		}
	}
	return nil
}

func lastPart(typeName string) string { return typeName[strings.LastIndexByte(typeName, '.')+1:] }

// findMessage looks for a message type within another; writers put them all
// into the root, or each where it is used.
func findMessage(d *descriptorpb.DescriptorProto, name string, depth int) *descriptorpb.DescriptorProto {
	for _, n := range d.GetNestedType() {
		if n.GetName() == name {
			return n
		}
	}
	for _, n := range d.GetNestedType() {
		if depth < maxNesting {
			if found := findMessage(n, name, depth+1); found != nil {
				return found
			}
		}
	}
	return nil
}

func findEnum(d *descriptorpb.DescriptorProto, name string, depth int) map[int32]string {
	for _, e := range d.GetEnumType() {
		if e.GetName() == name {
			names := map[int32]string{}
			for _, v := range e.GetValue() {
				names[v.GetNumber()] = v.GetName()
			}
			return names
		}
	}
	for _, n := range d.GetNestedType() {
		if depth < maxNesting {
			if found := findEnum(n, name, depth+1); found != nil {
				return found
			}
		}
	}
	return nil
}
