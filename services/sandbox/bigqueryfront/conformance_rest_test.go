package bigqueryfront_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/iterator"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/conformance"
)

func testDatasets(t *testing.T, f *front) {
	ctx := t.Context()
	id := conformance.Name("other")
	ds := f.client.Dataset(id)
	if err := ds.Create(ctx, &bigquery.DatasetMetadata{Description: "first", Labels: map[string]string{"a": "b"}, Location: target.Location}); err != nil {
		t.Fatal(err)
	}
	if err := ds.Create(ctx, nil); reason(err) != "duplicate" || apiError(err).Code != 409 {
		t.Errorf("creating twice: %v", err)
	}
	meta, err := ds.Metadata(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if meta.Description != "first" || !strings.EqualFold(meta.Location, target.Location) || meta.Labels["a"] != "b" || meta.ETag == "" {
		t.Errorf("metadata %+v", meta)
	}
	updated, err := ds.Update(ctx, bigquery.DatasetMetadataToUpdate{Description: "second"}, meta.ETag)
	if err != nil {
		t.Fatal(err)
	}
	if updated.Description != "second" || updated.Labels["a"] != "b" {
		t.Errorf("metadata after the update %+v", updated)
	}
	if _, err := ds.Update(ctx, bigquery.DatasetMetadataToUpdate{Description: "third"}, meta.ETag); apiError(err).Code != 412 {
		t.Errorf("update with an old ETag: %v", err)
	}
	var names []string
	it := f.client.Datasets(ctx)
	for d, err := it.Next(); !errors.Is(err, iterator.Done); d, err = it.Next() {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, d.DatasetID)
	}
	for _, want := range []string{id, f.dataset} { // among those of other cases
		if !slices.Contains(names, want) {
			t.Errorf("%s is not among the datasets %v", want, names)
		}
	}
	f.mustQuery(t, "CREATE TABLE "+id+".t (a INT64)")
	if err := ds.Delete(ctx); reason(err) != "resourceInUse" {
		t.Errorf("deleting a full dataset: %v", err)
	}
	if err := ds.DeleteWithContents(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := ds.Metadata(ctx); reason(err) != "notFound" {
		t.Errorf("metadata of a deleted dataset: %v", err)
	}
}

func testTables(t *testing.T, f *front) {
	ctx := t.Context()
	table := f.client.Dataset(f.dataset).Table("orders")
	schema := bigquery.Schema{
		{Name: "id", Type: bigquery.StringFieldType, Required: true, Description: "The id"},
		{Name: "day", Type: bigquery.DateFieldType},
		{Name: "items", Type: bigquery.RecordFieldType, Repeated: true, Schema: bigquery.Schema{{Name: "price", Type: bigquery.NumericFieldType}}},
	}
	meta := &bigquery.TableMetadata{Schema: schema, Description: "Orders",
		TimePartitioning: &bigquery.TimePartitioning{Field: "day", Expiration: 24 * time.Hour}, Clustering: &bigquery.Clustering{Fields: []string{"id"}}}
	if err := table.Create(ctx, meta); err != nil {
		t.Fatal(err)
	}
	if err := table.Create(ctx, meta); reason(err) != "duplicate" {
		t.Errorf("creating twice: %v", err)
	}
	got, err := table.Metadata(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(schema, got.Schema); diff != "" {
		t.Errorf("schema (-want +got):\n%s", diff)
	}
	if got.TimePartitioning.Field != "day" || got.TimePartitioning.Expiration != 24*time.Hour || got.Clustering.Fields[0] != "id" || got.Description != "Orders" || got.Type != bigquery.RegularTable {
		t.Errorf("metadata %+v", got)
	}
	view := f.client.Dataset(f.dataset).Table("v")
	if err := view.Create(ctx, &bigquery.TableMetadata{ViewQuery: f.named("SELECT * FROM DATASET.orders WHERE TRUE"), Description: "All"}); err != nil {
		t.Fatal(err)
	}
	wider := append(append(bigquery.Schema{}, got.Schema...), &bigquery.FieldSchema{Name: "note", Type: bigquery.StringFieldType})
	if _, err := table.Update(ctx, bigquery.TableMetadataToUpdate{Schema: wider, Description: "More"}, got.ETag); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Update(ctx, bigquery.TableMetadataToUpdate{Description: "Late"}, got.ETag); apiError(err).Code != 412 {
		t.Errorf("update with an old ETag: %v", err)
	}
	if _, err := table.Update(ctx, bigquery.TableMetadataToUpdate{Schema: wider[:2]}, ""); reason(err) != "invalid" {
		t.Errorf("dropping columns: %v", err)
	}
	f.mustQuery(t, "INSERT INTO orders (id, note) VALUES ('a', 'n')")
	if diff := cmp.Diff([]row{{"a", nil, row(nil), "n"}}, f.mustQuery(t, "SELECT * FROM v")); diff != "" {
		t.Errorf("the view follows its table (-want +got):\n%s", diff)
	}
	if got, err = table.Metadata(ctx); err != nil || got.NumRows != 1 || got.Description != "More" {
		t.Errorf("metadata %+v, %v", got, err)
	}
	modified := func() time.Time {
		t.Helper()
		m, err := table.Metadata(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return m.LastModifiedTime
	}
	last := modified()
	for _, step := range []struct {
		text    string
		changes bool
	}{
		{"SELECT * FROM orders", false},
		{"UPDATE orders SET note = 'm' WHERE id = 'a'", true},
		{"BEGIN TRANSACTION; INSERT INTO orders (id) VALUES ('b'); ROLLBACK TRANSACTION", false},
		{"BEGIN TRANSACTION; INSERT INTO orders (id) VALUES ('b'); DELETE FROM orders WHERE id = 'b'; COMMIT TRANSACTION", true},
	} {
		f.mustQuery(t, step.text)
		if got := modified(); got.After(last) != step.changes {
			t.Errorf("%s: modified at %v, before it at %v", step.text, got, last)
		} else {
			last = got
		}
	}
	var read row
	if err := table.Read(ctx).Next(&read); err != nil || read[0] != "a" {
		t.Errorf("table data: %v, %v", read, err)
	}
	vm, err := view.Metadata(ctx)
	if err != nil || vm.Type != bigquery.ViewTable || vm.ViewQuery != f.named("SELECT * FROM DATASET.orders WHERE TRUE") || len(vm.Schema) != 4 {
		t.Errorf("view %+v, %v", vm, err)
	}
	info := f.mustQuery(t, "SELECT column_name, data_type, is_nullable FROM "+f.dataset+".INFORMATION_SCHEMA.COLUMNS WHERE table_name = 'orders' ORDER BY ordinal_position")
	want := []row{{"id", "STRING", "NO"}, {"day", "DATE", "YES"}, {"items", "ARRAY<STRUCT<price NUMERIC>>", "YES"}, {"note", "STRING", "YES"}}
	if diff := cmp.Diff(want, info); diff != "" {
		t.Errorf("INFORMATION_SCHEMA.COLUMNS (-want +got):\n%s", diff)
	}
	info = f.mustQuery(t, "SELECT table_name, table_type FROM INFORMATION_SCHEMA.TABLES ORDER BY table_name")
	if diff := cmp.Diff([]row{{"orders", "BASE TABLE"}, {"v", "VIEW"}}, info); diff != "" {
		t.Errorf("INFORMATION_SCHEMA.TABLES (-want +got):\n%s", diff)
	}
	if err := table.Delete(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Metadata(ctx); reason(err) != "notFound" {
		t.Errorf("metadata of a deleted table: %v", err)
	}
}

// testSchemaEvolution patches a table's columns in every way:
// https://cloud.google.com/bigquery/docs/managing-table-schemas
func testSchemaEvolution(t *testing.T, f *front) {
	const columns = "id STRING NOT NULL, n INT64, item STRUCT<a STRING>, items ARRAY<STRUCT<a STRING>>"
	field := func(name string, kind bigquery.FieldType) *bigquery.FieldSchema {
		return &bigquery.FieldSchema{Name: name, Type: kind}
	}
	for _, c := range []struct {
		name  string
		edit  func(bigquery.Schema) bigquery.Schema
		fails bool
		then  string // a query of the row that was there, and its result
		want  row
	}{
		{"a column", func(s bigquery.Schema) bigquery.Schema { return append(s, field("x", bigquery.NumericFieldType)) }, false,
			"SELECT id, x FROM t", row{"1", nil}},
		{"an array", func(s bigquery.Schema) bigquery.Schema {
			return append(s, &bigquery.FieldSchema{Name: "x", Type: bigquery.StringFieldType, Repeated: true})
		}, false, "SELECT ARRAY_LENGTH(x) FROM t", row{int64(0)}},
		{"a required column", func(s bigquery.Schema) bigquery.Schema {
			return append(s, &bigquery.FieldSchema{Name: "x", Type: bigquery.StringFieldType, Required: true})
		}, true, "", nil},
		{"a record", func(s bigquery.Schema) bigquery.Schema {
			return append(s, &bigquery.FieldSchema{Name: "x", Type: bigquery.RecordFieldType, Schema: bigquery.Schema{field("y", bigquery.DateFieldType)}})
		}, false, "SELECT x.y FROM t", row{nil}},
		{"a field of a record", func(s bigquery.Schema) bigquery.Schema {
			s[2].Schema = append(s[2].Schema, field("b", bigquery.IntegerFieldType))
			return s
		}, false, "SELECT item.a, item.b FROM t", row{"one", nil}},
		{"a field of an array's records", func(s bigquery.Schema) bigquery.Schema {
			s[3].Schema = append(s[3].Schema, field("b", bigquery.IntegerFieldType))
			return s
		}, false, "SELECT i.a, i.b FROM t, UNNEST(items) AS i", row{"two", nil}},
		{"fewer columns", func(s bigquery.Schema) bigquery.Schema { return s[:3] }, true, "", nil},
		{"fewer fields", func(s bigquery.Schema) bigquery.Schema {
			s[2].Schema = bigquery.Schema{field("b", bigquery.StringFieldType)}
			return s
		}, true, "", nil},
		{"another type", func(s bigquery.Schema) bigquery.Schema { s[0].Type = bigquery.IntegerFieldType; return s }, true, "", nil},
		{"relaxed", func(s bigquery.Schema) bigquery.Schema { s[0].Required = false; return s }, false, "SELECT id FROM t", row{"1"}},
		{"tightened", func(s bigquery.Schema) bigquery.Schema { s[1].Required = true; return s }, true, "", nil},
		{"a list of it", func(s bigquery.Schema) bigquery.Schema { s[1].Repeated = true; return s }, true, "", nil},
		{"described", func(s bigquery.Schema) bigquery.Schema { s[1].Description = "A number"; return s }, false, "SELECT n FROM t", row{int64(7)}},
		{"a column twice", func(s bigquery.Schema) bigquery.Schema { return append(s, field("N", bigquery.StringFieldType)) }, true, "", nil},
		{"a column of a bad name", func(s bigquery.Schema) bigquery.Schema { return append(s, field("a b", bigquery.StringFieldType)) }, true, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := f.beside(t)
			f.mustQuery(t, "CREATE TABLE t ("+columns+")")
			f.mustQuery(t, "INSERT INTO t VALUES ('1', 7, STRUCT('one'), [STRUCT('two')])")
			table := f.client.Dataset(f.dataset).Table("t")
			before, err := table.Metadata(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			wanted := c.edit(before.Schema)
			_, err = table.Update(t.Context(), bigquery.TableMetadataToUpdate{Schema: wanted}, before.ETag)
			if c.fails {
				if reason(err) != "invalid" {
					t.Errorf("%v, want invalid", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			after, err := table.Metadata(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(wanted, after.Schema); diff != "" {
				t.Errorf("schema (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]row{c.want}, f.mustQuery(t, c.then)); diff != "" {
				t.Errorf("the old row (-want +got):\n%s", diff)
			}
		})
	}
}
