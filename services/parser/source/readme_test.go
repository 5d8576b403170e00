package source_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/parser/source"
)

// TestReadmeNamesEveryKey: a key of the schema that the page does not name cannot be used.
func TestReadmeNamesEveryKey(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var schema any
	if err := json.Unmarshal(source.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	var walk func(any)
	walk = func(v any) {
		object, _ := v.(map[string]any)
		if properties, ok := object["properties"].(map[string]any); ok {
			for name, of := range properties {
				if !regexp.MustCompile("\\b" + name + "\\b").Match(page) {
					t.Errorf("README.md does not name the key %s", name)
				}
				if description, _ := of.(map[string]any)["description"].(string); description == "" && of.(map[string]any)["$ref"] == nil && name != "orders" && name != "products" && name != "customers" {
					t.Errorf("the key %s has no description", name)
				}
			}
		}
		for _, of := range object {
			walk(of)
		}
	}
	walk(schema)
}

// TestReadmeExample: the page's source reads the page's record as the page says.
func TestReadmeExample(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string) string {
		_, rest, _ := strings.Cut(string(page), "```"+kind+"\n")
		text, _, _ := strings.Cut(rest, "```")
		return text
	}
	got := strings.Join(readBy(t, block("yaml"), "orders/corner-shop/f.json", []byte(block("json"))), "\n")
	const want = "4711 guest 2026-10-30T08:15:00Z updated - completed total 15.9 tax 1.04 included yes shipping - discount - refunded -\n  MUG 2 x 7.95 less -"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the example (-want +got):\n%s", diff)
	}
}
