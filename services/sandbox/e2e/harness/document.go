package harness

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func (p *Pipeline) Fetch(t *testing.T, path string) (int, []byte) {
	t.Helper()
	response, err := http.Get(p.Dashboard + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, body
}

// CheckAnswer asks and holds the answer against what the document says of the status.
func (p *Pipeline) CheckAnswer(t *testing.T, operation *openapi3.Operation, seen Fields, status int, path string) {
	t.Helper()
	got, body := p.Fetch(t, path)
	if got != status {
		t.Errorf("%s: status %d, want %d: %s", path, got, status, body)
		return
	}
	schema := operation.Responses.Status(status).Value.Content.Get("application/json").Schema
	var answer any
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	if err := schema.Value.VisitJSON(answer, openapi3.MultiErrors()); err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	seen.walk(schema, answer)
}

// Fields are those that answers held, by the schema's name.
type Fields map[string]map[string]bool

func (f Fields) Note(schema string, names ...string) {
	if f[schema] == nil {
		f[schema] = map[string]bool{}
	}
	for _, name := range names {
		f[schema][name] = true
	}
}

// walk notes the fields of a value that conforms to the schema.
func (f Fields) walk(schema *openapi3.SchemaRef, value any) {
	for _, one := range schema.Value.OneOf {
		if one.Value.VisitJSON(value) == nil {
			f.walk(one, value)
		}
	}
	switch v := value.(type) {
	case map[string]any:
		f.Note(schema.Ref[strings.LastIndexByte(schema.Ref, '/')+1:], slices.Collect(maps.Keys(v))...)
		for name, part := range v {
			if property := schema.Value.Properties[name]; property != nil {
				f.walk(property, part)
			}
		}
	case []any:
		for _, part := range v {
			f.walk(schema.Value.Items, part)
		}
	}
}
