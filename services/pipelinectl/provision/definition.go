package provision

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// maxDefinition is the size that Pub/Sub allows a definition, in bytes.
const maxDefinition = 300 << 10

// definition writes a message as Pub/Sub wants a schema: one file of proto3 without
// imports, with one top-level message. The messages and enums that it uses, whatever
// file they come from, are nested in it under their own names, in the order of
// those, and fields stand in the order of their numbers, so that the same protos
// always give the same text. Names and numbers are the protos' own: what a publisher
// encodes by the protos, a consumer decodes by the definition.
func definition(message protoreflect.MessageDescriptor) (string, error) {
	d := definer{used: make(map[protoreflect.Name]protoreflect.Descriptor)}
	if err := d.collect(message); err != nil {
		return "", err
	}
	fmt.Fprintf(&d.text, "// %s, with what it uses nested in it.\nsyntax = \"proto3\";\n\nmessage %s {\n", message.FullName(), message.Name())
	d.fields("  ", message)
	delete(d.used, message.Name())
	for _, used := range slices.SortedFunc(maps.Values(d.used), func(a, b protoreflect.Descriptor) int { return cmp.Compare(a.Name(), b.Name()) }) {
		switch used := used.(type) {
		case protoreflect.MessageDescriptor:
			fmt.Fprintf(&d.text, "\n  message %s {\n", used.Name())
			d.fields("    ", used)
		case protoreflect.EnumDescriptor:
			fmt.Fprintf(&d.text, "\n  enum %s {\n", used.Name())
			for i := range used.Values().Len() {
				v := used.Values().Get(i)
				fmt.Fprintf(&d.text, "    %s = %d;\n", v.Name(), v.Number())
			}
		}
		d.text.WriteString("  }\n")
	}
	d.text.WriteString("}\n")
	if d.text.Len() > maxDefinition {
		return "", fmt.Errorf("the definition of %s has %d bytes, but Pub/Sub allows %d", message.FullName(), d.text.Len(), maxDefinition)
	}
	return d.text.String(), nil
}

type definer struct {
	text strings.Builder
	used map[protoreflect.Name]protoreflect.Descriptor
}

// collect finds the types that a message uses, itself first.
func (d *definer) collect(m protoreflect.MessageDescriptor) error {
	known, err := d.use(m)
	if known || err != nil {
		return err
	}
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		switch {
		case f.IsMap() || f.ContainingOneof() != nil && !f.HasOptionalKeyword() || f.Kind() == protoreflect.GroupKind:
			return fmt.Errorf("field %s is a map, a group or in a oneof, for which definitions are not written", f.FullName())
		case f.Message() != nil:
			if err := d.collect(f.Message()); err != nil {
				return err
			}
		case f.Enum() != nil:
			if _, err := d.use(f.Enum()); err != nil {
				return err
			}
		}
	}
	return nil
}

// use notes a type; two of one name cannot be nested in the same message.
func (d *definer) use(t protoreflect.Descriptor) (known bool, err error) {
	other, known := d.used[t.Name()]
	if known && other.FullName() != t.FullName() {
		return true, fmt.Errorf("%s and %s have the same name", other.FullName(), t.FullName())
	}
	d.used[t.Name()] = t
	return known, nil
}

func (d *definer) fields(indent string, m protoreflect.MessageDescriptor) {
	var list []protoreflect.FieldDescriptor
	for i := range m.Fields().Len() {
		list = append(list, m.Fields().Get(i))
	}
	slices.SortFunc(list, func(a, b protoreflect.FieldDescriptor) int { return cmp.Compare(a.Number(), b.Number()) })
	for _, f := range list {
		label := ""
		switch {
		case f.Cardinality() == protoreflect.Repeated:
			label = "repeated "
		case f.HasOptionalKeyword():
			label = "optional "
		}
		fmt.Fprintf(&d.text, "%s%s%s %s = %d;\n", indent, label, typeName(f), f.Name(), f.Number())
	}
}

func typeName(f protoreflect.FieldDescriptor) string {
	switch {
	case f.Message() != nil:
		return string(f.Message().Name())
	case f.Enum() != nil:
		return string(f.Enum().Name())
	}
	return f.Kind().String()
}
