package storagewrite

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/cell"
)

// source is a field of the writer's messages: what it is on the wire and which
// column it fills.
type source struct {
	wire   descriptorpb.FieldDescriptorProto_Type
	column *cell.Column
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
	columns []*cell.Column
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
var compatible = map[cell.Kind][]descriptorpb.FieldDescriptorProto_Type{
	cell.String:    {tString, tEnum},
	cell.JSON:      {tString},
	cell.Bytes:     {tBytes, tString},
	cell.Int64:     {tInt64, tInt32, tUint32, tSint64, tSint32, tSfixed64, tSfixed32, tFixed32, tEnum},
	cell.Float64:   {tDouble, tFloat, tInt32, tUint32},
	cell.Bool:      {tBool},
	cell.Numeric:   {tString, tBytes, tInt64, tInt32, tUint32, tSint64, tSint32},
	cell.Date:      {tInt32, tInt64, tSint32, tSint64, tSfixed32, tString},
	cell.Timestamp: {tInt64, tSint64, tSfixed64, tString},
	cell.DateTime:  {tString},
	cell.Time:      {tString},
	cell.Record:    {tMessage},
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
func compile(root, d *descriptorpb.DescriptorProto, columns []*cell.Column, path string, depth int) (*message, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("the descriptor is nested deeper than %d levels", maxNesting)
	}
	if len(columns) > maxColumns {
		return nil, fmt.Errorf("the table has more than %d columns in one record, which the embedded BigQuery does not append to", maxColumns)
	}
	m := &message{columns: columns, large: map[uint64]*source{}, depth: depth}
	for _, f := range d.GetField() {
		name := path + f.GetName()
		c := cell.Find(columns, f.GetName())
		if c == nil {
			return nil, &extraField{name}
		}
		s := &source{wire: f.GetType(), column: c}
		if !accepts(c.Kind, s.wire) {
			return nil, fmt.Errorf("The proto field mismatched with BigQuery field at %s, the proto field type %s, BigQuery field type %s",
				name, strings.ToLower(strings.TrimPrefix(s.wire.String(), "TYPE_")), c.Kind)
		}
		repeated := f.GetLabel() == descriptorpb.FieldDescriptorProto_LABEL_REPEATED
		if repeated != c.Repeated {
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
			if s.message, err = compile(root, nested, c.Fields, name+".", depth+1); err != nil {
				return nil, err
			}
		case tEnum:
			s.enum = findEnum(root, lastPart(f.GetTypeName()), 0)
			if s.enum == nil && c.Kind == cell.String {
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

func accepts(k cell.Kind, t descriptorpb.FieldDescriptorProto_Type) bool {
	return slices.Contains(compatible[k], t)
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
