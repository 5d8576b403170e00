package expect

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "write schema.json anew")

const schemaFile = "schema.json"

type object map[string]any

// schema is the JSON Schema of a file, out of the tables and checks that there are.
func schema() object {
	bound := object{"type": "number", "exclusiveMinimum": -1e20, "exclusiveMaximum": 1e20}
	bounds := func(said string) object {
		return object{
			"description": said, "type": "object", "additionalProperties": false, "minProperties": 1,
			"properties": object{"min": bound, "max": bound},
		}
	}
	properties := object{
		"table":      object{"description": "orders and lines: those placed on the day; products and customers: the catalogs as they are", "enum": slices.Sorted(maps.Keys(tables))},
		"column":     object{"description": "What is judged; rows has none, max_age_hours may do without", "type": "string"},
		"severity":   object{"description": "What a breach counts as in the audit", "enum": []string{"warning", "error"}, "default": "warning"},
		"not_null":   object{"description": "Each record has a value", "type": "boolean"},
		"unique":     object{"description": "No value stands twice", "type": "boolean"},
		"in":         object{"description": "Each value is one of these", "type": "array", "minItems": 1, "maxItems": maxValues, "items": object{"type": "string"}},
		"between":    bounds("Each value lies between these"),
		"matches":    object{"description": "Each value matches this regular expression of RE2", "type": "string", "maxLength": maxPattern},
		"references": object{"description": "Each value is one of this catalog's ids", "enum": slices.Sorted(maps.Keys(referred))},
		"at_most":    object{"description": "Each value is at most that of this column", "type": "string"},
		"rows":       bounds("Number of records"),
		"filled":     bounds("Share of records that have a value"),
		"mean":       bounds("Mean of the values"),
		"sum":        bounds("Sum of the values"),
		"max_age_hours": object{
			"description": "How long before the end of the day the newest is: an order when it was placed, a catalog's row when its file landed", "type": "number",
			"exclusiveMinimum": 0, "exclusiveMaximum": 1e20,
		},
	}
	var choices []object
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		var checks []object
		for _, c := range (&entry{}).checks() {
			var columns, numbers []string
			for name, at := range tables[table] {
				if c.of == nil || at.kind == c.of[0] {
					columns = append(columns, name)
				}
				if at.kind == number {
					numbers = append(numbers, name)
				}
			}
			slices.Sort(columns)
			slices.Sort(numbers)
			if len(columns) == 0 && c.kind != "max_age_hours" {
				continue
			}
			required, of := []string{c.kind, "column"}, object{"column": object{"enum": columns}}
			switch c.kind {
			case "at_most":
				of[c.kind] = object{"enum": numbers}
			case "rows":
				required, of = []string{c.kind}, object{"column": object{"const": ""}}
			case "max_age_hours":
				required = []string{c.kind}
				of["column"] = object{"enum": append(columns, "")}
				if table == "orders" || table == "lines" {
					of[c.kind] = object{"maximum": 24}
				}
			}
			checks = append(checks, object{"required": required, "properties": of})
		}
		choices = append(choices, object{"properties": object{"table": object{"const": table}}, "anyOf": checks})
	}
	var single []object // a rule has one check
	for _, c := range (&entry{}).checks() {
		is := object{"required": []string{c.kind}}
		switch c.kind {
		case "not_null", "unique":
			is["properties"] = object{c.kind: object{"const": true}}
		case "matches":
			is["properties"] = object{c.kind: object{"minLength": 1}}
		}
		single = append(single, is)
	}
	return object{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Expectations of a shop's data",
		"description": "What EXPECTATIONS_FILE of the daily reports names. Written by go test ./services/reporter/daily/expect -update.",
		"type":        "object", "additionalProperties": false, "required": []string{"expectations"},
		"properties": object{"expectations": object{
			"type": "array", "minItems": 1, "maxItems": maxRules,
			"items": object{"type": "object", "additionalProperties": false, "required": []string{"table"}, "properties": properties, "allOf": []object{{"oneOf": single}, {"oneOf": choices}}},
		}},
	}
}

// compiled is the schema of the file.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	content, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(schemaFile, tree); err != nil {
		t.Fatal(err)
	}
	s, err := compiler.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSchemaIsCurrent(t *testing.T) {
	t.Parallel()
	want, err := json.MarshalIndent(schema(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile(schemaFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("go test ./services/reporter/daily/expect -update writes it anew (-want +file):\n%s", diff)
	}
}

// TestSchemaDecidesAsTheParser has both judge each check of each column of each table, and what is wrong with rules.
func TestSchemaDecidesAsTheParser(t *testing.T) {
	t.Parallel()
	s := compiled(t)
	var rules []string
	values := []string{
		"not_null: true", "not_null: false", "unique: true", "unique: false", "in: [a, b]", "in: []", "between: {min: 1}", "between: {}", "between: {max: 2.5}", "between: {low: 1}", "matches: a+", "matches: ''",
		"references: products", "references: customers", "references: orders", "at_most: total_amount", "at_most: unit_price", "at_most: city", "rows: {min: 1, max: 2}", "rows: {min: many}", "filled: {min: 0.9}",
		"mean: {max: 3}", "sum: {min: -4}", "sum: {min: 1e400000000}", "sum: 3", "max_age_hours: 3", "max_age_hours: 24", "max_age_hours: 24.5", "max_age_hours: 0", "max_age_hours: -1", "max_age_hours: 2h", "where: '1=1'",
		"not_null: true, unique: true", "not_null: false, unique: true", "rows: {min: 1}, sum: {min: 1}", "",
		"not_null: true, severity: error", "not_null: true, severity: warning", "not_null: true, severity: fatal", "matches: " + strings.Repeat("a", maxPattern+1),
	}
	for _, table := range append(slices.Sorted(maps.Keys(tables)), "fact_orders", "''") {
		columns := append(slices.Sorted(maps.Keys(tables[table])), "'city`; --'", "landed_at", "")
		for _, column := range columns {
			for _, value := range values {
				rule := "table: " + table
				for _, part := range []string{column, value} {
					if part == column && part != "" {
						part = "column: " + part
					}
					if part != "" {
						rule += ", " + part
					}
				}
				rules = append(rules, rule)
			}
		}
	}
	accepted := 0
	for _, rule := range rules {
		if decide(t, s, "expectations:\n- {"+rule+"}\n") {
			accepted++
		}
	}
	t.Logf("%d rules, %d are right", len(rules), accepted)
	if accepted < 100 || accepted > len(rules)/2 {
		t.Errorf("%d of %d rules are right: the test tests nothing", accepted, len(rules))
	}
	for _, content := range []string{
		string(example), "", "expectations:\n", "expectations: []\n", "expectations: x\n", "rules: []\n", "- {table: orders, rows: {min: 1}}\n",
		"expectations:\n- {column: city, not_null: true}\n", "expectations:\n- x\n", "expectations:\n- {table: orders, rows: {min: 1}}\nmore: 1\n",
		"expectations:\n" + strings.Repeat("- {table: orders, rows: {min: 1}}\n", maxRules), "expectations:\n" + strings.Repeat("- {table: orders, rows: {min: 1}}\n", maxRules+1),
		"expectations:\n- {table: orders, column: city, in: [" + strings.Repeat("a, ", maxValues) + "b]}\n",
	} {
		decide(t, s, content)
	}
	// What no schema can say, the parser alone refuses.
	for _, rule := range []string{"table: orders, rows: {min: 2, max: 1}", "table: orders, column: city, matches: '('", "table: orders, rows: {min: 0.0000000001}"} {
		content := "expectations:\n- {" + rule + "}\n"
		if _, err := Parse("rules.yaml", []byte(content)); err == nil || !accepts(t, s, content) {
			t.Errorf("%s: the parser says %v, the schema %t", rule, err, accepts(t, s, content))
		}
	}
}

// decide holds the schema to the parser's decision, which it returns.
func decide(t *testing.T, s *jsonschema.Schema, content string) bool {
	t.Helper()
	_, err := Parse("rules.yaml", []byte(content))
	if said := accepts(t, s, content); said != (err == nil) {
		t.Errorf("the schema accepts: %t, the parser says %v:\n%.300s", said, err, content)
	}
	return err == nil
}

func accepts(t *testing.T, s *jsonschema.Schema, content string) bool {
	t.Helper()
	var written any
	if err := yaml.Unmarshal([]byte(content), &written); err != nil {
		return false
	}
	plain, err := json.Marshal(written)
	if err != nil { // a number that is none of JSON's
		return false
	}
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(plain))
	if err != nil {
		t.Fatal(fmt.Errorf("%s: %w", plain, err))
	}
	return s.Validate(tree) == nil
}
