package provision

import (
	"strings"

	"cloud.google.com/go/bigquery"

	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

// schemaOf translates columns. The client library spells two types in the older way.
func schemaOf(columns []schema.Column) bigquery.Schema {
	schema := make(bigquery.Schema, 0, len(columns))
	for _, c := range columns {
		schema = append(schema, &bigquery.FieldSchema{
			Name:        c.Name,
			Description: c.Description,
			Type:        fieldType(c.Type),
			Required:    c.Mode == "REQUIRED",
			Repeated:    c.Mode == "REPEATED",
			Schema:      schemaOf(c.Fields),
		})
	}
	return schema
}

// fieldType gives a type in the words that BigQuery's API answers with.
func fieldType(name string) bigquery.FieldType {
	switch name {
	case "INT64":
		return bigquery.IntegerFieldType
	case "FLOAT64":
		return bigquery.FloatFieldType
	case "BOOL":
		return bigquery.BooleanFieldType
	case "STRUCT":
		return bigquery.RecordFieldType
	}
	return bigquery.FieldType(name)
}

// mergeSchemas adds to have what only want has and takes over descriptions.
// Columns that only have has stay: they may be those of a newer release, or a
// person's. It names what it changed.
func mergeSchemas(have, want bigquery.Schema, prefix string) (bigquery.Schema, []Change, error) {
	var changed []Change
	merged := make(bigquery.Schema, 0, len(have))
	index := make(map[string]int, len(have))
	for i, f := range have {
		copied := *f
		merged = append(merged, &copied)
		index[strings.ToLower(f.Name)] = i
	}
	for _, w := range want {
		name := prefix + w.Name
		i, present := index[strings.ToLower(w.Name)]
		if !present {
			added := *w
			// The rows that are there have no value for it.
			added.Required = false
			merged = append(merged, &added)
			changed = compare(changed, "column "+name, "", typeText(w))
			continue
		}
		h := merged[i]
		if fieldType(string(h.Type)) != w.Type || h.Repeated != w.Repeated {
			return nil, nil, &ConflictError{Reason: "column " + name + " is " + typeText(h) + " instead of " + typeText(w)}
		}
		if h.Required && !w.Required {
			h.Required = false
			changed = compare(changed, "column "+name, "required", "nullable")
		}
		if h.Description != w.Description {
			changed = compare(changed, "description of "+name, h.Description, w.Description)
			h.Description = w.Description
		}
		if len(w.Schema) > 0 {
			nested, more, err := mergeSchemas(h.Schema, w.Schema, name+".")
			if err != nil {
				return nil, nil, err
			}
			h.Schema, changed = nested, append(changed, more...)
		}
	}
	return merged, changed, nil
}

func typeText(f *bigquery.FieldSchema) string {
	if f.Repeated {
		return "ARRAY of " + string(f.Type)
	}
	return string(f.Type)
}
