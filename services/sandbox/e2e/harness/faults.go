package harness

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// FaultsCall calls the sandbox's /faults, with the rules of a plan if it is to have one.
func FaultsCall(t *testing.T, method, url string, plan ...string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(strings.Join(plan, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s: %s", method, url, response.Status, text)
	}
	return string(text)
}
