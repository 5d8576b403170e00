package analysis

import (
	"strings"
	"testing"

	"github.com/goccy/go-googlesql"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

// TestSchemaAgreesWithAnalyzer compares our own DDL parser with GoogleSQL's.
func TestSchemaAgreesWithAnalyzer(t *testing.T) {
	a := newAnalyzer(t)
	tables, err := schema.Tables()
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		t.Run(table.Name, func(t *testing.T) {
			stmt, err := a.analyze(table.DDL)
			if err != nil {
				t.Fatal(err)
			}
			if table.ViewQuery != "" {
				if _, ok := stmt.(*googlesql.ResolvedCreateViewStmt); !ok {
					t.Fatalf("analyzer sees %T, our parser a view", stmt)
				}
				return
			}
			create, ok := stmt.(*googlesql.ResolvedCreateTableStmt)
			if !ok {
				t.Fatalf("analyzer sees %T, our parser a table", stmt)
			}
			if diff := cmp.Diff(definedColumns(t, create), definedBy(table)); diff != "" {
				t.Errorf("columns (-analyzer +our parser):\n%s", diff)
			}
			wantPartitions := int32(0)
			if table.PartitionColumn != "" {
				wantPartitions = 1
			}
			if n, err := create.PartitionByListSize(); err != nil || n != wantPartitions {
				t.Errorf("analyzer sees %d partition columns (error %v), our parser %q", n, err, table.PartitionColumn)
			}
			if n, err := create.ClusterByListSize(); err != nil || int(n) != len(table.Clustering) {
				t.Errorf("analyzer sees %d clustering columns (error %v), our parser %q", n, err, table.Clustering)
			}
		})
	}
}

type definition struct {
	Name, Type string
	Required   bool
}

func definedBy(table schema.Table) []definition {
	definitions := make([]definition, len(table.Columns))
	for i, c := range table.Columns {
		definitions[i] = definition{c.Name, typeName(c), c.Mode == "REQUIRED"}
	}
	return definitions
}

func definedColumns(t *testing.T, create *googlesql.ResolvedCreateTableStmt) []definition {
	t.Helper()
	list, err := create.ColumnDefinitionList()
	if err != nil {
		t.Fatal(err)
	}
	definitions := make([]definition, len(list))
	for i, c := range list {
		d := &definitions[i]
		if d.Name, err = c.Name(); err != nil {
			t.Fatal(err)
		}
		typ, err := c.Type()
		if err != nil {
			t.Fatal(err)
		}
		if d.Type, err = nameOf(typ); err != nil {
			t.Fatal(err)
		}
		annotations, err := c.Annotations()
		if err != nil {
			t.Fatal(err)
		}
		if annotations != nil {
			if d.Required, err = annotations.NotNull(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return definitions
}

// TestAnalyzerRefuses shows that the checks of this package can fail.
func TestAnalyzerRefuses(t *testing.T) {
	a := newAnalyzer(t)
	tests := []struct{ name, stmt, want string }{
		{"wrong column", "SELECT order_idd FROM fact_orders", "Unrecognized name: order_idd"},
		{"wrong field", "SELECT shipping_address.planet FROM staging_orders", "Field name planet does not exist in STRUCT"},
		{"wrong table", "SELECT 1 FROM fact_order", "Table not found: fact_order"},
		{"wrong type", "SELECT order_id + 1 FROM fact_orders", "No matching signature for operator +"},
		{"undeclared parameter", "SELECT @who", "Query parameter 'who' not found"},
		{"wrong parameter type", "SELECT 1 FROM fact_orders WHERE order_id = @n", "No matching signature for operator ="},
		{"wrong insert", "INSERT INTO pipeline_fence (id, epoch) SELECT 1, 'x'", "Query column 2 has type STRING which cannot be inserted into column epoch"},
		{"wrong column of a forecast", "SELECT f.value FROM AI.FORECAST(" + forecastInput + ", data_col => 'value', timestamp_col => 'day', model => 'm', id_cols => ['category'], horizon => 28, confidence_level => 0.8) AS f", "Name value not found inside f"},
		{"wrong argument of a forecast", "SELECT 1 FROM AI.FORECAST(" + forecastInput + ", data_col => 'value', timestamp_col => 'day', model => 'm', id_cols => ['category'], days => 28, confidence_level => 0.8) AS f", "Named argument days not found"},
		{"doubled quote", "SELECT 'the row''s hash'", "Syntax error"},
		{"where without from", "SELECT 1 WHERE TRUE", "Query without FROM clause cannot have a WHERE clause"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := a.analyze(test.stmt, parameter{"n", "INT64"})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("analyze(%q) = %v, want error %q", test.stmt, err, test.want)
			}
		})
	}
}

// forecastInput is a table that AI.FORECAST takes.
const forecastInput = "(SELECT 'c' AS category, 'm' AS measure, 0 AS days_back, CURRENT_DATE() AS day, NUMERIC '1' AS value)"
