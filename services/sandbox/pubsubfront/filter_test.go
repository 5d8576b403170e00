package pubsubfront

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

func encode(t testing.TB, attributes map[string]string) []byte {
	t.Helper()
	b, err := proto.Marshal(&pubsubpb.PubsubMessage{Data: []byte("x"), Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFilter(t *testing.T) {
	t.Parallel()
	messages := map[string][]byte{
		"com":  encode(t, map[string]string{"domain": "com", "name": "a"}),
		"co":   encode(t, map[string]string{"domain": "co"}),
		"org":  encode(t, map[string]string{"domain": "org", "lang/tag": "en", "AND": "1"}),
		"none": encode(t, nil),
	}
	for _, c := range []struct{ name, filter, want string }{
		{"no filter", ``, "co com none org"},
		{"has a key", `attributes:domain`, "co com org"},
		{"has a quoted key", `attributes:"lang/tag"`, "org"},
		{"equals", `attributes.domain = "com"`, "com"},
		{"without spaces", `attributes.domain="com"`, "com"},
		{"a quoted key equals", `attributes."lang/tag" = "en"`, "org"},
		{"case counts", `attributes.Domain = "com"`, ""},
		{"differs, also by absence", `attributes.domain != "com"`, "co none org"},
		{"begins with", `hasPrefix(attributes.domain, "co")`, "co com"},
		{"everything that has it begins with nothing", `hasPrefix(attributes.domain, "")`, "co com org"},
		{"not", `NOT attributes:domain`, "none"},
		{"minus", `-attributes:domain`, "none"},
		{"not not", `NOT NOT attributes:domain`, "co com org"},
		{"not binds tighter than and", `NOT attributes:name AND attributes:domain`, "co org"},
		{"not of parentheses", `NOT (attributes:name AND attributes:domain)`, "co none org"},
		{"three by and", `attributes:domain AND NOT attributes:name AND attributes.domain != "co"`, "org"},
		{"three by or", `attributes.domain = "com" OR attributes.domain = "org" OR attributes.domain = "x"`, "com org"},
		{"and with or", `attributes:domain AND (attributes:name OR attributes.domain = "org")`, "com org"},
		{"parentheses around all", `((attributes.domain = "com"))`, "com"},
		{"a key that is an operator", `attributes:AND AND attributes.AND = "1"`, "org"},
		{"escapes", `attributes.domain = "\x63\u006f\155"`, "com"},
		{"over lines", "attributes:domain\n\tAND\r\nattributes:name", "com"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, err := parseFilter(c.filter)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, name := range slices.Sorted(maps.Keys(messages)) {
				if f.matches(messages[name]) {
					got = append(got, name)
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("delivers %q, want %q", got, c.want)
			}
		})
	}
}

func TestFilterRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, filter, want string }{
		{"blank", ` `, `it is blank.`},
		{"too long", `attributes:` + strings.Repeat("x", 246), `it is 257 bytes long, but the maximum is 256.`},
		{"not UTF-8", "attributes:\"\xff\"", `it is not valid UTF-8.`},
		{"and with or", `attributes:a AND attributes:b OR attributes:c`, `AND and OR can be combined with parentheses only at byte 30.`},
		{"small letters", `attributes:a and attributes:b`, `unexpected "and" at byte 13.`},
		{"no operator", `attributes.a`, `want "=", not "" at byte 12.`},
		{"no literal", `attributes.a = b`, `want a string in double quotes at byte 15.`},
		{"single quotes", `attributes.a = 'b'`, `unexpected '\'' at byte 15.`},
		{"an open string", `attributes.a = "b`, `a string that does not end at byte 15.`},
		{"an escape at the end", `attributes.a = "b\`, `a string that does not end at byte 15.`},
		{"a bad escape", `attributes.a = "\q"`, `a string with a bad escape at byte 15.`},
		{"an open parenthesis", `(attributes:a`, `want ")", not "" at byte 13.`},
		{"the message's data", `data = "x"`, `want "attributes", not "data" at byte 0.`},
		{"another function", `hasSuffix(attributes.a, "b")`, `want "attributes", not "hasSuffix" at byte 0.`},
		{"prefix of all", `hasPrefix(attributes, "b")`, `want ".", not "," at byte 20.`},
		{"nothing after AND", `attributes:a AND`, `want "attributes", not "" at byte 16.`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := parseFilter(c.filter)
			if got := status.Convert(err); got.Code() != codes.InvalidArgument || got.Message() != "Invalid filter given: "+c.want {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// FuzzFilter looks for filters that crash, that are refused without a reason, or
// that agree with their own negation.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{`attributes:a`, `NOT attributes.a = "b"`, `(attributes:a OR attributes."b c" != "\x41") AND hasPrefix(attributes.c, "d")`,
		`attributes.a="\`, `((((`, `- - attributes:a`, `attributes:-`} {
		f.Add(seed, "a", "b")
	}
	f.Fuzz(func(t *testing.T, text, key, value string) {
		filter, err := parseFilter(text)
		if err != nil {
			if status.Code(err) != codes.InvalidArgument {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		if len(text) > maxFilter {
			t.Fatal("a filter beyond the limit was taken")
		}
		negated, err := parseFilter("NOT (" + text + ")")
		if text == "" || err != nil {
			return // beyond the limit by its parentheses
		}
		message := encodeRaw(key, value)
		if filter.matches(message) == negated.matches(message) {
			t.Errorf("%q and its negation agree", text)
		}
	})
}

// encodeRaw encodes an attribute that need not be valid.
func encodeRaw(key, value string) []byte {
	var entry, message []byte
	entry = protowire.AppendTag(entry, 1, protowire.BytesType)
	entry = protowire.AppendString(entry, key)
	entry = protowire.AppendTag(entry, 2, protowire.BytesType)
	entry = protowire.AppendString(entry, value)
	message = protowire.AppendTag(message, fieldAttributes, protowire.BytesType)
	return protowire.AppendBytes(message, entry)
}
