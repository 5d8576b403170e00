package analysis

import (
	"encoding/json"
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/sql/lineage"
	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

var update = flag.Bool("update", false, "write sql/lineage/columns.json anew")

const lineageFile = "../lineage/columns.json"

// TestLineage derives the lineage of every column from the statements, and compares it with the file.
func TestLineage(t *testing.T) {
	l := make(flows)
	tables, err := schema.Tables()
	if err != nil {
		t.Fatal(err)
	}
	a := newAnalyzer(t)
	permanent := make(map[string]bool)
	for _, table := range tables {
		if table.ViewQuery == "" {
			permanent[table.Name] = true
			continue
		}
		stmt, err := a.analyze(table.ViewQuery)
		if err == nil {
			err = l.step(table.Name, stmt)
		}
		if err != nil {
			t.Fatalf("view %s: %v", table.Name, err)
		}
	}
	for _, group := range []string{"transform", "reports"} {
		for _, s := range statementsOf(t, group) {
			stmt, err := a.analyze(s.Text, parametersOf(s)...)
			if err == nil {
				err = l.statement(stmt)
			}
			if err == nil {
				err = a.apply(stmt)
			}
			if err != nil {
				t.Fatalf("%s: %v", s.Name, err)
			}
		}
	}
	file := make(map[string]map[string][]string)
	for table, columns := range l {
		if !permanent[table] {
			continue
		}
		file[table] = make(map[string][]string)
		for column, from := range columns {
			sources := []string{}
			for s, as := range from {
				if s.table == table {
					continue // its earlier value
				}
				if !permanent[s.table] {
					t.Errorf("%s.%s comes from %s, which is no table", table, column, s.table)
				}
				sources = append(sources, s.table+"."+s.column+" "+ways[as])
			}
			slices.Sort(sources)
			file[table][column] = sources
		}
	}
	got, err := json.MarshalIndent(file, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(lineageFile, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(lineageFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("go test ./sql/analysis -run TestLineage -update writes it anew (-file +statements):\n%s", diff)
	}
}

// TestLineageOfStatements follows columns through what statements are made of.
func TestLineageOfStatements(t *testing.T) {
	tests := []struct {
		name, stmt, table string
		want              map[string][]string
	}{
		{
			"query", "INSERT INTO agg_category_revenue (metric_date, category, revenue) SELECT f.order_date, UPPER(f.category), SUM(f.line_total) FROM fact_orders AS f GROUP BY 1, 2", "agg_category_revenue",
			map[string][]string{"metric_date": {"fact_orders.order_date IDENTITY"}, "category": {"fact_orders.category TRANSFORMATION"}, "revenue": {"fact_orders.line_total AGGREGATION"}},
		},
		{
			"named query, union and subquery", "INSERT INTO order_keys (order_id, file_id) WITH a AS (SELECT order_id AS o, file_id AS f FROM fact_orders) " +
				"SELECT o, (SELECT MAX(s.file_id) FROM staging_orders AS s WHERE s.order_id = a.o) FROM a UNION ALL SELECT order_id, @file FROM order_history", "order_keys",
			map[string][]string{"order_id": {"fact_orders.order_id IDENTITY", "order_history.order_id IDENTITY"}, "file_id": {"staging_orders.file_id AGGREGATION"}},
		},
		{
			"update", "UPDATE fact_orders AS f SET category = p.category, line_total = f.line_total + p.price FROM dim_products AS p WHERE f.product_id = p.product_id", "fact_orders",
			map[string][]string{"category": {"dim_products.category IDENTITY"}, "line_total": {"dim_products.price TRANSFORMATION", "fact_orders.line_total TRANSFORMATION"}},
		},
		{
			"merge", "MERGE INTO dim_products AS d USING staging_products AS s ON d.product_id = s.product_id WHEN MATCHED THEN UPDATE SET price = s.price WHEN NOT MATCHED THEN INSERT (product_id) VALUES (s.product_id)", "dim_products",
			map[string][]string{"price": {"staging_products.price IDENTITY"}, "product_id": {"staging_products.product_id IDENTITY"}},
		},
		{
			"array", "INSERT INTO order_keys (order_id) SELECT i.product_id FROM staging_orders AS o CROSS JOIN UNNEST(o.items) AS i", "order_keys",
			map[string][]string{"order_id": {"staging_orders.items TRANSFORMATION"}},
		},
	}
	a := newAnalyzer(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			stmt, err := a.analyze(test.stmt, parameter{"file", "STRING"})
			if err != nil {
				t.Fatal(err)
			}
			l := make(flows)
			if err := l.statement(stmt); err != nil {
				t.Fatal(err)
			}
			got := make(map[string][]string)
			for column, from := range l[test.table] {
				for s, as := range from {
					got[column] = append(got[column], s.table+"."+s.column+" "+ways[as])
				}
				slices.Sort(got[column])
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestLineageIsRead has the package take the file, and every table be one that there is.
func TestLineageIsRead(t *testing.T) {
	tables, err := lineage.Tables()
	if err != nil {
		t.Fatal(err)
	}
	known, err := schema.Tables()
	if err != nil {
		t.Fatal(err)
	}
	columns := make(map[string]bool)
	for _, table := range known {
		for _, c := range table.Columns {
			columns[table.Name+"."+c.Name] = true
		}
	}
	for table, of := range tables {
		for column, sources := range of {
			for _, name := range append([]string{table + "." + column}, names(sources)...) {
				if !columns[name] {
					t.Errorf("there is no column %s", name)
				}
			}
		}
	}
	if got := tables["fact_orders"]["order_id"]; !slices.Contains(names(got), "staging_orders.order_id") {
		t.Errorf("fact_orders.order_id comes from %v", got)
	}
}

func names(sources []lineage.Source) (all []string) {
	for _, s := range sources {
		all = append(all, s.Table+"."+s.Column)
	}
	return all
}
