package split

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// listed spells records as offset:text, a refused one with its rule, and holds each
// against the bytes of the file.
func listed(t *testing.T, content string, s Splitter) []string {
	t.Helper()
	var list []string
	for {
		r, err := s.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		if at := content[r.Offset:][:r.Length]; r.Sum == "" && at != string(r.Data) {
			t.Errorf("record %q is not what stands at byte %d: %q", r.Data, r.Offset, at)
		}
		text := string(r.Data)
		if r.Rule != "" {
			text = string(r.Rule) + " " + text
		}
		list = append(list, text)
	}
}

func TestTableFindsItsDelimiter(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]byte{
		"a,b\n1,2\n": ',', "a;b\n1,5;2\n": ';', "a\tb,c\td\n": '\t', "a|b\n": '|', "a\n": ',', "": ',',
		"\"a;b;c\",d\n": ',', "sep=;\r\na,b,c\n": ';', "sep=|\n": '|',
	} {
		table, err := NewTable(strings.NewReader(content), 0, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if table.Delimiter() != want {
			t.Errorf("%q: delimiter %q, want %q", content, table.Delimiter(), want)
		}
		if first, err := table.Next(); err == nil && strings.HasPrefix(string(first.Data), "sep=") {
			t.Errorf("%q: the line that names the delimiter is a record", content)
		}
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	long := func(fill string) string { return "k;" + strings.Repeat(fill, MaxRecord/2) + "\n" }
	refused := func(fill string) string { return "too_large " + strings.TrimSuffix(long(fill), "\n") }
	for name, tc := range map[string]struct {
		in   string
		want []string
	}{
		"by key":               {"a;1\na;2\nb;1\na;3\n", []string{"a;1\na;2", "b;1", "a;3"}},
		"breaks between":       {"a;1\r\n\r\n \t\r\na;2\r\n", []string{"a;1\r\n\r\n \t\r\na;2"}},
		"breaks inside":        {"a;\"1\n2\"\na;2\n", []string{"a;\"1\n2\"\na;2"}},
		"header again":         {"k;n\na;1\nk;n\na;2\nb;1\nK;N\n", []string{"k;n", "a;1", "a;2", "b;1"}},
		"none":                 {"", nil},
		"broken row in it":     {"a;1\na;\"2\"x\na;3\nb;1\n", []string{"invalid_csv a;1", "invalid_csv a;\"2\"x", "invalid_csv a;3", "b;1"}},
		"broken row first":     {"a;\"2\"x\na;3\nb;1\n", []string{"invalid_csv a;\"2\"x", "invalid_csv a;3", "b;1"}},
		"more than is held":    {long("x") + long("y") + long("z") + "b;1\n", []string{refused("x"), refused("y"), refused("z"), "b;1"}},
		"a long row behind it": {"a;1\n" + "a;" + strings.Repeat("y", 3*MaxRecord) + "\nb;1\nc;1\n", []string{"invalid_csv a;1", "too_large a;" + strings.Repeat("y", MaxRecord-2), "invalid_csv b;1", "c;1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, r := range []io.Reader{strings.NewReader(tc.in), iotest.HalfReader(strings.NewReader(tc.in))} {
				table, err := NewTable(r, ';', Options{})
				if err != nil {
					t.Fatal(err)
				}
				got := listed(t, tc.in, table.Groups(func(row []byte) []byte { return row[:1] }))
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Errorf("records (-want +got):\n%.2000s", diff)
				}
			}
		})
	}
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		in    string
		names string
		want  []string
	}{
		"wrapper":             {`{"orders":[{"a":1},{"a":2}]}`, "orders", []string{`{"a":1}`, `{"a":2}`}},
		"pretty":              {"{\n \"orders\" : [\n {\"a\":\n1} ,\n {\"a\":2}\n]\n}\n", "orders", []string{"{\"a\":\n1}", `{"a":2}`}},
		"deep":                {`{"data":{"x":[1],"orders":[{"a":1}],"y":2},"z":3}`, "data orders", []string{`{"a":1}`}},
		"behind much":         {`{"meta":{"text":"` + strings.Repeat("[{", MaxRecord) + `"},"n":null,"b":true,"orders":[{"a":1}]}`, "orders", []string{`{"a":1}`}},
		"several":             {"{\"orders\":[{\"a\":1}]}\n{\"orders\":[{\"a\":2}]}{\"orders\":[]}", "orders", []string{`{"a":1}`, `{"a":2}`}},
		"one object":          {`{"order":{"a":"}"},"b":1}`, "order", []string{`{"a":"}"}`}},
		"array of records":    {`[{"a":1},{"a":2}]`, "orders", []string{`{"a":1}`, `{"a":2}`}},
		"lines of records":    {"{\"a\":1}\n{\"orders\":[]}\n", "orders", []string{`{"a":1}`, `{"orders":[]}`}},
		"escaped name":        {`{"\u006frders":[{"a":1}]}`, "orders", []string{`{"a":1}`}},
		"wrapper, then array": {`{"orders":[{"a":1}]}[{"a":2}]`, "orders", []string{`{"a":1}`, `{"a":2}`}},
		"cut off":             {`{"orders":[{"a":1},{"a"`, "orders", []string{`{"a":1}`, `malformed_json {"a"`}},
		"cut off behind":      {`{"orders":[{"a":1}]`, "orders", []string{`{"a":1}`, `malformed_json `}},
		"not well-formed":     {"{\"orders\":[{\"a\":1}] x\n{\"orders\":[{\"a\":2}]}", "orders", []string{`{"a":1}`, `malformed_json x`, `{"a":2}`}},
		"null":                {`{"orders":null}`, "orders", []string{`{"orders":null}`}},
		"nothing":             {"", "orders", nil},
		"second place":        {`{"order":{"a":1}}`, "orders, order", []string{`{"a":1}`}},
		"many lines":          {"{\n \"a\": 1\n}\n{\n \"a\": 2 }\n[{\"a\":3}]\n{\"a\":4}", "orders", []string{"{\n \"a\": 1\n}", "{\n \"a\": 2 }", `{"a":3}`, `{"a":4}`}},
		"many lines, cut off": {"{\n \"a\": 1\n}\n{\n \"a\":", "", []string{"{\n \"a\": 1\n}", "malformed_json {\n \"a\":"}},
		"a broken line":       {"{\"a\":1\n{\"a\":2}\n", "orders", []string{`{"a":1`, `{"a":2}`}},
		"without names":       {"{\"orders\":[1]}\n{}", "", []string{`{"orders":[1]}`, "{}"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, r := range []io.Reader{strings.NewReader(tc.in), iotest.OneByteReader(strings.NewReader(tc.in))} {
				records, err := Documents(r, places(tc.names), Options{})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tc.want, listed(t, tc.in, records)); diff != "" {
					t.Errorf("records (-want +got):\n%.2000s", diff)
				}
			}
		})
	}
}

func places(names string) (list [][]string) {
	for place := range strings.SplitSeq(names, ",") {
		list = append(list, strings.Fields(place))
	}
	return list
}

// TestDocumentsPassOnFaultsOfTheSource: a fault that may pass is no end of the file.
func TestDocumentsPassOnFaultsOfTheSource(t *testing.T) {
	t.Parallel()
	const in = `{"a":{"b":"c"},"orders":[{"a":1}],"d":1}`
	want := errors.New("connection reset")
	for n := range len(in) {
		records, err := Documents(io.MultiReader(strings.NewReader(in[:n]), iotest.ErrReader(want)), [][]string{{"orders"}}, Options{})
		for err == nil {
			_, err = records.Next()
		}
		if !errors.Is(err, want) {
			t.Errorf("after %d bytes: %v, want %v", n, err, want)
		}
	}
}

func FuzzDocuments(f *testing.F) {
	for _, seed := range []string{`{"orders":[{"a":1},{"a":2}]}`, `{"a":{"orders":[1]}}`, `{"orders":{"a":1}}{`, "[]", `{"orders":[{]}`, "{\"orders\n\":}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		records, err := Documents(strings.NewReader(string(in)), [][]string{{"orders"}}, Options{})
		if err != nil {
			return
		}
		last := int64(-1)
		for n := 0; ; n++ {
			r, err := records.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if r.Offset < last || n > len(in)+1 || string(in[r.Offset:][:r.Length]) != string(r.Data) {
				t.Fatalf("record %d at byte %d: %q", n, r.Offset, r.Data)
			}
			last = r.Offset
		}
	})
}
