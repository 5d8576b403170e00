package schema

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protopath"
	"google.golang.org/protobuf/reflect/protorange"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

const order = `syntax = "proto3";
message Order {
  string id = 1;
  repeated Item items = 2;
  repeated int32 codes = 3;
  Status status = 4;
  double weight = 70;
  message Item { string product = 1; bytes raw = 2; fixed32 sum = 3; Order gift = 4; }
  enum Status { NONE = 0; PAID = 1; }
}`

func mustCompile(t testing.TB, definition string) *Schema {
	t.Helper()
	s, err := Compile(t.Context(), definition)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ definition, err string }{
		"no protobuf":       {"hello", "1:1: syntax error: unexpected identifier"},
		"an unknown type":   {`syntax = "proto3"; message A { B b = 1; }`, `1:32: field A.b: unknown type B`},
		"an import":         {`syntax = "proto3"; import "google/protobuf/timestamp.proto"; message A { google.protobuf.Timestamp t = 1; }`, `1:27: could not resolve path "google/protobuf/timestamp.proto": file does not exist`},
		"two messages":      {`syntax = "proto3"; message A {} message B {}`, "a definition must have exactly one top-level type, a message"},
		"an enum beside it": {`syntax = "proto3"; message A {} enum E { X = 0; }`, "a definition must have exactly one top-level type, a message"},
		"nothing":           {`syntax = "proto3";`, "a definition must have exactly one top-level type, a message"},
		"proto2":            {`syntax = "proto2"; message A { required string a = 1; }`, "only proto3 is served here"},
		"too long":          {`syntax = "proto3"; message A {} //` + strings.Repeat("x", MaxBytes), "the definition has 307234 bytes, but the maximum is 307200"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := Compile(t.Context(), tt.definition); err == nil || err.Error() != tt.err {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
}

func TestFollows(t *testing.T) {
	t.Parallel()
	from := mustCompile(t, `syntax = "proto3"; message A { string a = 1; B b = 2; repeated string c = 3; E e = 4; message B { int64 x = 1; } enum E { Z = 0; Y = 1; } }`)
	for name, tt := range map[string]struct{ definition, err string }{
		"the same":             {`syntax = "proto3"; message A { string a = 1; B b = 2; repeated string c = 3; E e = 4; message B { int64 x = 1; } enum E { Z = 0; Y = 1; } }`, ""},
		"an optional field":    {`syntax = "proto3"; message A { string a = 1; B b = 2; repeated string c = 3; E e = 4; string d = 5; message B { int64 x = 1; string y = 2; } enum E { Z = 0; Y = 1; } }`, ""},
		"a field less":         {`syntax = "proto3"; message A { B b = 2; repeated string c = 3; E e = 4; message B {} enum E { Z = 0; Y = 1; } }`, ""},
		"a list more":          {`syntax = "proto3"; message A { string a = 1; B b = 2; repeated string c = 3; E e = 4; repeated string d = 5; message B { int64 x = 1; } enum E { Z = 0; Y = 1; } }`, "field A.d cannot be added: only optional fields can"},
		"a list less":          {`syntax = "proto3"; message A { string a = 1; B b = 2; E e = 4; message B { int64 x = 1; } enum E { Z = 0; Y = 1; } }`, "field A.c cannot be removed: only optional fields can"},
		"another type":         {`syntax = "proto3"; message A { int32 a = 1; B b = 2; repeated string c = 3; E e = 4; message B { int64 x = 1; } enum E { Z = 0; Y = 1; } }`, "field A.a cannot be changed"},
		"another type, nested": {`syntax = "proto3"; message A { string a = 1; B b = 2; repeated string c = 3; E e = 4; message B { int32 x = 1; } enum E { Z = 0; Y = 1; } }`, "field A.B.x cannot be changed"},
		"another name":         {`syntax = "proto3"; message A { string z = 1; B b = 2; repeated string c = 3; E e = 4; message B { int64 x = 1; } enum E { Z = 0; Y = 1; } }`, "field A.a cannot be changed"},
		"a value more":         {`syntax = "proto3"; message A { string a = 1; B b = 2; repeated string c = 3; E e = 4; message B { int64 x = 1; } enum E { Z = 0; Y = 1; X = 2; } }`, "field A.e cannot be changed"},
		"another message":      {`syntax = "proto3"; message Q {}`, "message A cannot become Q"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if err := mustCompile(t, tt.definition).Follows(from); err != nil {
				got = err.Error()
			}
			if got != tt.err {
				t.Errorf("error %q, want %q", got, tt.err)
			}
		})
	}
}

func TestCheckJSON(t *testing.T) {
	t.Parallel()
	s := mustCompile(t, order)
	if err := s.CheckJSON([]byte(`{"id": "a", "items": [{"product": "p"}], "status": "PAID"}`)); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{`{"id": 1}`, `{"unknown": 1}`, `[]`, ``} {
		if err := s.CheckJSON([]byte(bad)); err == nil {
			t.Errorf("%s passed", bad)
		}
	}
}

// sample is an encoded order with everything in it.
func sample() []byte {
	item := []byte("\x0a\x02p1\x12\x02\xff\xfe\x1d\x01\x02\x03\x04\x22\x03\x0a\x01g")
	b := append([]byte("\x0a\x05order"), 0x12, byte(len(item)))
	b = append(b, item...)
	b = append(b, "\x1a\x03\x01\xac\x02\x18\x07\x20\x01"...)        // codes, as a block and alone; status
	return append(b, "\xb1\x04\x00\x00\x00\x00\x00\x00\xf0\x3f"...) // weight
}

// What the walk over the wire passes, the protobuf library decodes without
// leaving an unknown field; what it refuses, the library refuses or does not know.
func TestCheckBinaryAgreesWithTheLibrary(t *testing.T) {
	t.Parallel()
	s := mustCompile(t, order)
	if err := s.CheckBinary(sample()); err != nil {
		t.Fatal(err)
	}
	dice := rand.New(rand.NewPCG(1, 1))
	passed, refused := 0, 0
	for range 200_000 {
		b := sample()
		for range 1 + dice.IntN(3) {
			switch i := dice.IntN(len(b)); dice.IntN(3) {
			case 0:
				b[i] = byte(dice.Uint32())
			case 1:
				b = b[:i+1]
			default:
				b = append(b[:i:i], b[i+1:]...)
			}
			if len(b) == 0 {
				break
			}
		}
		m := dynamicpb.NewMessage(s.message)
		library := proto.Unmarshal(b, m) == nil && !hasUnknown(m)
		ours := s.CheckBinary(b)
		if (ours == nil) != library {
			t.Fatalf("%x: the check says %v, the library %v", b, ours, library)
		}
		if library {
			passed++
		} else {
			refused++
		}
	}
	if passed < 1000 || refused < 1000 {
		t.Errorf("%d passed and %d refused: the test tries one side only", passed, refused)
	}
}

func hasUnknown(m *dynamicpb.Message) bool {
	found := len(m.GetUnknown()) > 0
	_ = eachMessage(m, func(n *dynamicpb.Message) { found = found || len(n.GetUnknown()) > 0 })
	return found
}

func eachMessage(m *dynamicpb.Message, visit func(*dynamicpb.Message)) error {
	return protorange.Range(m, func(p protopath.Values) error {
		if n, ok := p.Index(-1).Value.Interface().(protoreflect.Message); ok {
			if d, ok := n.Interface().(*dynamicpb.Message); ok {
				visit(d)
			}
		}
		return nil
	})
}

func TestDepthIsBounded(t *testing.T) {
	t.Parallel()
	s := mustCompile(t, `syntax = "proto3"; message A { A a = 1; }`)
	b := []byte{}
	for range maxDepth {
		b = append(protowire.AppendVarint([]byte{0x0a}, uint64(len(b))), b...)
	}
	if err := s.CheckBinary(b); !errors.Is(err, errDeep) {
		t.Errorf("error %v, want %v", err, errDeep)
	}
}

func BenchmarkCheckBinary(b *testing.B) {
	s, data := mustCompile(b, order), sample()
	b.Run("walk", func(b *testing.B) {
		for b.Loop() {
			if err := s.CheckBinary(data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("dynamic message", func(b *testing.B) {
		for b.Loop() {
			if err := proto.Unmarshal(data, dynamicpb.NewMessage(s.message)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
