package harness

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"
)

// Earlier is a table as the release had it that knew orders without guests, taxes and refunds.
type Earlier struct {
	Lacks    []string          // columns that this release has added
	Required []string          // columns that it has relaxed
	Values   map[string]string // what the earlier release wrote otherwise, by column
}

// Age makes a table what the earlier release would have left.
func (p *Pipeline) Age(t *testing.T, name string, e Earlier) {
	t.Helper()
	table := p.Bigquery.Dataset(p.Endpoints.Dataset).Table(name)
	meta, err := table.Metadata(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	old := &bigquery.TableMetadata{Description: meta.Description, TimePartitioning: meta.TimePartitioning, Clustering: meta.Clustering}
	var columns, values []string
	for _, f := range meta.Schema {
		if slices.Contains(e.Lacks, f.Name) {
			continue
		}
		f.Required = f.Required || slices.Contains(e.Required, f.Name)
		old.Schema = append(old.Schema, f)
		columns = append(columns, f.Name)
		value := f.Name
		if other, ok := e.Values[f.Name]; ok {
			value = other
		}
		values = append(values, value)
	}
	if len(old.Schema)+len(e.Lacks) != len(meta.Schema) {
		t.Fatalf("%s: the test names columns that it does not have", name)
	}
	p.MustQuery(t, fmt.Sprintf("CREATE TABLE kept_%s AS SELECT * FROM %s", name, name))
	if err := errors.Join(table.Delete(t.Context()), table.Create(t.Context(), old)); err != nil {
		t.Fatal(err)
	}
	p.MustQuery(t, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM kept_%s", name, strings.Join(columns, ", "), strings.Join(values, ", "), name))
	p.MustQuery(t, "DROP TABLE kept_"+name)
}
