package schema

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/zackkki/ecomm_datapipeline/sql/lexer"
)

func TestTables(t *testing.T) {
	t.Parallel()
	tables, err := Tables()
	if err != nil {
		t.Fatal(err)
	}
	paths, err := fs.Glob(os.DirFS("."), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	if len(tables) != len(paths) {
		t.Errorf("%d tables from %d files", len(tables), len(paths))
	}
	for _, table := range tables {
		if table.ViewQuery == "" && table.Description == "" {
			t.Errorf("table %s has no description", table.Name)
		}
		for _, path := range undescribed(table.Name, table.Columns) {
			t.Errorf("column %s has no description", path)
		}
		staging := strings.HasPrefix(table.Name, "staging_")
		if staging && table.PartitionColumn != "landed_date" {
			t.Errorf("%s must be partitioned by landed_date", table.Name)
		}
		if staging != (table.PartitionExpirationDays > 0) {
			t.Errorf("%s: staging expires, and nothing else does", table.Name)
		}
	}
}

// TestViewsIncludeParts: what is deployed is the text with its parts.
func TestViewsIncludeParts(t *testing.T) {
	t.Parallel()
	view, known, err := Find("v_order_versions")
	if err != nil || !known {
		t.Fatal(known, err)
	}
	for what, text := range map[string]string{"DDL": view.DDL, "query": view.ViewQuery} {
		if strings.Contains(text, "@include") || !strings.Contains(text, "\n    TO_JSON(STRUCT(\n") {
			t.Errorf("%s is without its parts:\n%s", what, text)
		}
	}
	files := fstest.MapFS{"v.sql": {Data: []byte("-- Why.\nCREATE VIEW v AS\nSELECT\n  -- @include nothing\n;\n")}}
	if _, err := tablesIn(files); err == nil || err.Error() != "sql: schema/v.sql:4: there is no part nothing" {
		t.Errorf("a part that there is not: %v", err)
	}
}

// undescribed lists the columns, nested ones too, that lack a description.
func undescribed(path string, columns []Column) []string {
	var found []string
	for _, c := range columns {
		if c.Description == "" {
			found = append(found, path+"."+c.Name)
		}
		found = append(found, undescribed(path+"."+c.Name, c.Fields)...)
	}
	return found
}

func TestTablesReadsFactOrders(t *testing.T) {
	t.Parallel()
	tables, err := Tables()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(tables, func(table Table) bool { return table.Name == "fact_orders" })
	if at < 0 {
		t.Fatal("no table fact_orders")
	}
	got := tables[at]
	got.Columns = got.Columns[:2]
	want := Table{
		Name:        "fact_orders",
		Description: "Order lines, enriched",
		Columns: []Column{
			{Name: "order_id", Type: "STRING", Mode: "REQUIRED", Description: "The order"},
			{Name: "line_number", Type: "INT64", Mode: "REQUIRED", Description: "Position of the line in the order, from 1"},
		},
		PartitionColumn: "order_date",
		Clustering:      []string{"customer_id"},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Table{}, "DDL")); diff != "" {
		t.Errorf("fact_orders (-want +got):\n%s", diff)
	}
}

func TestTablesOrder(t *testing.T) {
	t.Parallel()
	schema := func(files map[string]string) fstest.MapFS {
		fsys := fstest.MapFS{}
		for name, src := range files {
			fsys[name+".sql"] = &fstest.MapFile{Data: []byte(src)}
		}
		return fsys
	}
	tests := []struct {
		name    string
		files   map[string]string
		want    []string
		wantErr string
	}{
		{
			name: "tables, then views after what they read",
			files: map[string]string{
				"a_view": "CREATE VIEW a_view AS SELECT * FROM t JOIN `z_view` USING (a)",
				"b_view": "CREATE VIEW b_view AS WITH c AS (SELECT 1 AS a_view) SELECT * FROM c",
				"t":      "CREATE TABLE t (a INT64)",
				"z_view": "CREATE VIEW z_view AS SELECT * FROM b_view",
			},
			want: []string{"t", "b_view", "z_view", "a_view"},
		},
		{
			name: "circle",
			files: map[string]string{
				"a": "CREATE VIEW a AS SELECT * FROM b",
				"b": "CREATE VIEW b AS SELECT * FROM a",
			},
			wantErr: "sql: view a reads itself",
		},
		{
			name:    "file and table differ",
			files:   map[string]string{"a": "CREATE TABLE b (c INT64)"},
			wantErr: "sql: schema/a.sql:1: defines b, which belongs into schema/b.sql",
		},
		{
			name:    "file and line of a fault",
			files:   map[string]string{"a": "-- a\nCREATE TABLE a (\n  b FLOAT\n)"},
			wantErr: "sql: schema/a.sql:3: expected STRING, INT64, NUMERIC, TIMESTAMP, DATE, BOOL, BYTES, JSON, FLOAT64, STRUCT or ARRAY of these, found FLOAT",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tables, err := tablesIn(schema(test.files))
			if message(err) != test.wantErr {
				t.Fatalf("error = %q, want %q", message(err), test.wantErr)
			}
			var got []string
			for _, table := range tables {
				got = append(got, table.Name)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
		})
	}
}

func TestQualifyTables(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, query, dataset, want, wantErr string }{
		{
			name:    "from and join",
			query:   "SELECT fact_orders.order_id FROM fact_orders JOIN `dim_products` AS p USING (product_id) -- FROM order_keys",
			dataset: "d",
			want:    "SELECT fact_orders.order_id FROM `d.fact_orders` JOIN `d.dim_products` AS p USING (product_id) -- FROM order_keys",
		},
		{
			name:    "project",
			query:   "SELECT 1 FROM v_dead_letters",
			dataset: "my-project.d",
			want:    "SELECT 1 FROM `my-project.d.v_dead_letters`",
		},
		{
			name:    "neither CTEs nor what is qualified already",
			query:   "WITH c AS (SELECT EXTRACT(DAY FROM at)) SELECT 1 FROM c, x.fact_orders",
			dataset: "d",
			want:    "WITH c AS (SELECT EXTRACT(DAY FROM at)) SELECT 1 FROM c, x.fact_orders",
		},
		{name: "hostile dataset", query: "SELECT 1", dataset: "d`", wantErr: "sql: qualify tables: invalid dataset \"d`\""},
		{name: "bad query", query: "SELECT 'a", dataset: "d", wantErr: "sql: line 1: Unclosed string literal"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := QualifyTables(test.query, test.dataset)
			if got != test.want || message(err) != test.wantErr {
				t.Errorf("got  %q, error %q\nwant %q, error %q", got, message(err), test.want, test.wantErr)
			}
		})
	}
}

// TestQualifyTablesReachesEveryView: a name that the function does not see,
// after a comma join for one, would make the stored view unreadable.
func TestQualifyTablesReachesEveryView(t *testing.T) {
	t.Parallel()
	tables, err := Tables()
	if err != nil {
		t.Fatal(err)
	}
	for _, view := range tables {
		if view.ViewQuery == "" {
			continue
		}
		query, err := QualifyTables(view.ViewQuery, "d")
		if err != nil {
			t.Fatal(err)
		}
		tokens, err := lexer.Tokenize(query)
		if err != nil {
			t.Fatal(err)
		}
		for i, token := range tokens {
			isTable := slices.ContainsFunc(tables, func(other Table) bool { return other.Name == token.Text })
			isColumnOf := i+1 < len(tokens) && tokens[i+1].Is(".")
			if isTable && !isColumnOf {
				t.Errorf("view %s: %s has no dataset", view.Name, token.Text)
			}
		}
	}
}
