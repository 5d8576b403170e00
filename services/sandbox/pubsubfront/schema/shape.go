package schema

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// maxDepth is how deep messages may nest; protobuf libraries stop near there.
const maxDepth = 100

// shape is a message as the wire shows it: enough to check an encoded message in
// one pass, without decoding it. Building a dynamic message instead costs ten
// times as much, which a publisher of 50,000 orders a second would feel.
type shape struct {
	name   protoreflect.FullName
	dense  []field // by number, for small ones; a zero field is none
	sparse map[protowire.Number]field
}

const maxDense = 64

type field struct {
	wire     protowire.Type
	known    bool
	packable bool // a list of numbers, which may come as one block
	text     bool
	message  *shape
}

func shapeOf(m protoreflect.MessageDescriptor, done map[protoreflect.FullName]*shape) *shape {
	if s := done[m.FullName()]; s != nil {
		return s
	}
	s := &shape{name: m.FullName(), sparse: make(map[protowire.Number]field)}
	done[m.FullName()] = s
	for i := range m.Fields().Len() {
		d := m.Fields().Get(i)
		f := field{known: true, wire: wireTypes[d.Kind()], text: d.Kind() == protoreflect.StringKind}
		f.packable = d.Cardinality() == protoreflect.Repeated && f.wire != protowire.BytesType
		if d.Message() != nil {
			f.message = shapeOf(d.Message(), done)
		}
		if d.Number() >= maxDense {
			s.sparse[d.Number()] = f
			continue
		}
		for len(s.dense) <= int(d.Number()) {
			s.dense = append(s.dense, field{})
		}
		s.dense[d.Number()] = f
	}
	return s
}

// wireTypes has every kind but groups, which proto3 does not have.
var wireTypes = map[protoreflect.Kind]protowire.Type{
	protoreflect.BoolKind: protowire.VarintType, protoreflect.EnumKind: protowire.VarintType,
	protoreflect.Int32Kind: protowire.VarintType, protoreflect.Sint32Kind: protowire.VarintType, protoreflect.Uint32Kind: protowire.VarintType,
	protoreflect.Int64Kind: protowire.VarintType, protoreflect.Sint64Kind: protowire.VarintType, protoreflect.Uint64Kind: protowire.VarintType,
	protoreflect.Fixed32Kind: protowire.Fixed32Type, protoreflect.Sfixed32Kind: protowire.Fixed32Type, protoreflect.FloatKind: protowire.Fixed32Type,
	protoreflect.Fixed64Kind: protowire.Fixed64Type, protoreflect.Sfixed64Kind: protowire.Fixed64Type, protoreflect.DoubleKind: protowire.Fixed64Type,
	protoreflect.StringKind: protowire.BytesType, protoreflect.BytesKind: protowire.BytesType, protoreflect.MessageKind: protowire.BytesType,
}

var errDeep = errors.New("messages nest too deep")

func (s *shape) check(b []byte, depth int) error {
	if depth == 0 {
		return errDeep
	}
	for len(b) > 0 {
		num, wire, n := protowire.ConsumeTag(b)
		if n < 0 {
			return fmt.Errorf("%s: %w", s.name, protowire.ParseError(n))
		}
		b = b[n:]
		f := s.field(num)
		switch {
		case !f.known:
			return fmt.Errorf("%s: unknown field %d", s.name, num)
		case wire != f.wire && !(f.packable && wire == protowire.BytesType):
			return fmt.Errorf("%s: field %d has wire type %d instead of %d", s.name, num, wire, f.wire)
		}
		if wire != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(num, wire, b); n < 0 {
				return fmt.Errorf("%s: field %d: %w", s.name, num, protowire.ParseError(n))
			}
			b = b[n:]
			continue
		}
		value, n := protowire.ConsumeBytes(b)
		if n < 0 {
			return fmt.Errorf("%s: field %d: %w", s.name, num, protowire.ParseError(n))
		}
		b = b[n:]
		if err := s.checkBytes(num, f, value, depth); err != nil {
			return err
		}
	}
	return nil
}

func (s *shape) checkBytes(num protowire.Number, f field, value []byte, depth int) error {
	switch {
	case f.message != nil:
		return f.message.check(value, depth-1)
	case f.text && !utf8.Valid(value):
		return fmt.Errorf("%s: field %d is not valid UTF-8", s.name, num)
	case f.packable:
		for len(value) > 0 {
			n := protowire.ConsumeFieldValue(num, f.wire, value)
			if n < 0 {
				return fmt.Errorf("%s: field %d: %w", s.name, num, protowire.ParseError(n))
			}
			value = value[n:]
		}
	}
	return nil
}

func (s *shape) field(num protowire.Number) field {
	if int(num) < len(s.dense) {
		return s.dense[num]
	}
	return s.sparse[num]
}
