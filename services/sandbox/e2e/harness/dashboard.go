package harness

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
)

// JsonRow is a row of the API's answers.
type JsonRow = map[string]any

// Ask returns one list of the API's answer.
func (p *Pipeline) Ask(t *testing.T, path, key string) []JsonRow {
	t.Helper()
	answer := map[string]json.RawMessage{}
	p.AskInto(t, path, &answer)
	var list []JsonRow
	if err := json.Unmarshal(answer[key], &list); err != nil {
		t.Fatalf("%s: %v in %s", path, err, answer)
	}
	return list
}

// AskInto decodes an answer of the API, which must be 200 OK.
func (p *Pipeline) AskInto(t *testing.T, path string, answer any) {
	t.Helper()
	resp := p.Open(t, path)
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(answer); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v, %v", path, resp.StatusCode, err, answer)
	}
}

// Open asks the API; the caller closes the answer's body.
func (p *Pipeline) Open(t *testing.T, path string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.Dashboard+"/api/v1/"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// Fetch is the status and the body of a page of the dashboard.
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
