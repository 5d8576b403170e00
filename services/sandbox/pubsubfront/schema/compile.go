// Package schema is what the embedded Pub/Sub knows of protobuf schemas: it
// compiles a definition, tells whether one revision may follow another, and holds
// messages to one.
//
// The documented rules (https://cloud.google.com/pubsub/docs/schemas and
// .../commit-schema-revision): a definition has one top-level message, no imports
// and at most 300 KB; a revision adds or removes optional fields and changes none.
// Where the documentation leaves room, this package is strict: a repeated field is
// not optional, an enum's values are part of a field's type, and a message with a
// field that its schema does not know is refused. A publisher that is let through
// here is let through there.
//
// Only proto3 is compiled; of proto2 and editions the real service takes, at least,
// the former.
package schema

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/reporter"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// MaxBytes is the limit on a definition.
const MaxBytes = 300 << 10

// Schema is a compiled definition. It is safe for concurrent use.
type Schema struct {
	message protoreflect.MessageDescriptor
	shape   *shape
}

// Compile reads a definition.
func Compile(ctx context.Context, definition string) (*Schema, error) {
	if len(definition) > MaxBytes {
		return nil, fmt.Errorf("the definition has %d bytes, but the maximum is %d", len(definition), MaxBytes)
	}
	const name = "schema.proto"
	compiler := protocompile.Compiler{
		// It resolves this one name: what a definition imports is not found.
		Resolver: &protocompile.SourceResolver{Accessor: protocompile.SourceAccessorFromMap(map[string]string{name: definition})},
		// Warnings, such as that of a missing syntax line, are none of the caller's.
		Reporter:       reporter.NewReporter(nil, func(reporter.ErrorWithPos) {}),
		MaxParallelism: 1,
	}
	files, err := compiler.Compile(ctx, name)
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), name+":"))
	}
	file := files[0]
	switch {
	case file.Syntax() != protoreflect.Proto3:
		return nil, errors.New("only proto3 is served here")
	case file.Messages().Len() != 1 || file.Enums().Len() > 0 || file.Services().Len() > 0 || file.Extensions().Len() > 0:
		return nil, errors.New("a definition must have exactly one top-level type, a message")
	}
	message := file.Messages().Get(0)
	return &Schema{message: message, shape: shapeOf(message, make(map[protoreflect.FullName]*shape))}, nil
}

// CheckBinary holds a message in the binary encoding to the schema.
func (s *Schema) CheckBinary(message []byte) error { return s.shape.check(message, maxDepth) }

// CheckJSON holds a message in the JSON encoding to the schema.
func (s *Schema) CheckJSON(message []byte) error {
	return protojson.Unmarshal(message, dynamicpb.NewMessage(s.message))
}

// Follows tells whether s may be the revision after old.
func (s *Schema) Follows(old *Schema) error {
	if s.message.Name() != old.message.Name() {
		return fmt.Errorf("message %s cannot become %s", old.message.Name(), s.message.Name())
	}
	return follows(old.message, s.message, make(map[protoreflect.FullName]bool))
}

func follows(old, next protoreflect.MessageDescriptor, seen map[protoreflect.FullName]bool) error {
	if seen[old.FullName()] {
		return nil
	}
	seen[old.FullName()] = true
	for i := range old.Fields().Len() {
		was := old.Fields().Get(i)
		is := next.Fields().ByNumber(was.Number())
		switch {
		case is == nil && !isOptional(was):
			return fmt.Errorf("field %s cannot be removed: only optional fields can", was.FullName())
		case is == nil:
			continue
		case is.Name() != was.Name() || is.Kind() != was.Kind() || is.Cardinality() != was.Cardinality() ||
			is.HasPresence() != was.HasPresence() || !sameEnum(was.Enum(), is.Enum()):
			return fmt.Errorf("field %s cannot be changed", was.FullName())
		}
		if was.Message() != nil {
			if was.Message().FullName() != is.Message().FullName() {
				return fmt.Errorf("field %s cannot be changed", was.FullName())
			}
			if err := follows(was.Message(), is.Message(), seen); err != nil {
				return err
			}
		}
	}
	for i := range next.Fields().Len() {
		if is := next.Fields().Get(i); old.Fields().ByNumber(is.Number()) == nil && !isOptional(is) {
			return fmt.Errorf("field %s cannot be added: only optional fields can", is.FullName())
		}
	}
	return nil
}

func isOptional(f protoreflect.FieldDescriptor) bool { return f.Cardinality() == protoreflect.Optional }

func sameEnum(a, b protoreflect.EnumDescriptor) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	if a.FullName() != b.FullName() || a.Values().Len() != b.Values().Len() {
		return false
	}
	for i := range a.Values().Len() {
		v := b.Values().ByNumber(a.Values().Get(i).Number())
		if v == nil || v.Name() != a.Values().Get(i).Name() {
			return false
		}
	}
	return true
}
