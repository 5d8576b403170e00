// Package analysis holds only tests: it has GoogleSQL's own analyzer parse and
// type-check every statement of package sql against the tables of schema/.
// It stands apart because the analyzer takes minutes to build; nothing that is
// deployed, and no test beside this one, depends on it.
//
// Limits: the analyzer is that of the open GoogleSQL project with BigQuery's
// feature set switched on by hand (features). It knows grammar, names and
// types, not BigQuery's quotas nor what a transaction may do, and of the functions
// that BigQuery adds outside GoogleSQL only AI.FORECAST (see addForecast).
package analysis

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/goccy/go-googlesql"

	"github.com/zackkki/ecomm_datapipeline/sql/schema"
)

// features are the parts of GoogleSQL that BigQuery has and this project may
// use; whatever is not listed is refused, as BigQuery would refuse much of it.
var features = []googlesql.LanguageFeature{
	googlesql.LanguageFeatureFeatureAnalyticFunctions,
	googlesql.LanguageFeatureFeatureArrayEquality,
	googlesql.LanguageFeatureFeatureCivilTime,
	googlesql.LanguageFeatureFeatureConcatMixedTypes,
	googlesql.LanguageFeatureFeatureCreateTableClusterBy,
	googlesql.LanguageFeatureFeatureCreateTableFieldAnnotations,
	googlesql.LanguageFeatureFeatureCreateTableFunction,
	googlesql.LanguageFeatureFeatureCreateTableNotNull,
	googlesql.LanguageFeatureFeatureCreateTablePartitionBy,
	googlesql.LanguageFeatureFeatureCreateViewWithColumnList,
	googlesql.LanguageFeatureFeatureCreateViewsWithColumnOptions,
	googlesql.LanguageFeatureFeatureDateArithmetics,
	googlesql.LanguageFeatureFeatureDateTimeConstructors,
	googlesql.LanguageFeatureFeatureDmlUpdateWithJoin,
	googlesql.LanguageFeatureFeatureDisallowGroupByFloat,
	googlesql.LanguageFeatureFeatureAdditionalStringFunctions,
	googlesql.LanguageFeatureFeatureExtendedDateTimeSignatures,
	googlesql.LanguageFeatureFeatureFormatInCast,
	googlesql.LanguageFeatureFeatureGroupByRollup,
	googlesql.LanguageFeatureFeatureGroupByStruct,
	googlesql.LanguageFeatureFeatureGroupingSets,
	googlesql.LanguageFeatureFeatureHavingInAggregate,
	googlesql.LanguageFeatureFeatureIntervalType,
	googlesql.LanguageFeatureFeatureIsDistinct,
	googlesql.LanguageFeatureFeatureJsonArrayFunctions,
	googlesql.LanguageFeatureFeatureJsonConstructorFunctions,
	googlesql.LanguageFeatureFeatureJsonKeysFunction,
	googlesql.LanguageFeatureFeatureJsonLaxValueExtractionFunctions,
	googlesql.LanguageFeatureFeatureJsonType,
	googlesql.LanguageFeatureFeatureJsonValueExtractionFunctions,
	googlesql.LanguageFeatureFeatureLimitInAggregate,
	googlesql.LanguageFeatureFeatureNamedArguments,
	googlesql.LanguageFeatureFeatureNullHandlingModifierInAggregate,
	googlesql.LanguageFeatureFeatureNullHandlingModifierInAnalytic,
	googlesql.LanguageFeatureFeatureNullsFirstLastInOrderBy,
	googlesql.LanguageFeatureFeatureNumericType,
	googlesql.LanguageFeatureFeatureOmitInsertColumnList,
	googlesql.LanguageFeatureFeatureOrderByInAggregate,
	googlesql.LanguageFeatureFeatureParameterizedTypes,
	googlesql.LanguageFeatureFeaturePivot,
	googlesql.LanguageFeatureFeatureQualify,
	googlesql.LanguageFeatureFeatureRoundWithRoundingMode,
	googlesql.LanguageFeatureFeatureSafeFunctionCall,
	googlesql.LanguageFeatureFeatureSelectStarExceptReplace,
	googlesql.LanguageFeatureFeatureTableValuedFunctions,
	googlesql.LanguageFeatureFeatureUnpivot,
	googlesql.LanguageFeatureFeatureWithOnSubquery,
	googlesql.LanguageFeatureFeatureWithRecursive,
}

// analyzer checks statements against a catalog that holds the tables and views
// of schema/, and the temp tables that earlier statements made.
type analyzer struct {
	language *googlesql.LanguageOptions
	types    *googlesql.TypeFactory
	catalog  *googlesql.SimpleCatalog
	// partitions gives the partition column of each table, and of each view
	// that hands on the partition column of a table.
	partitions map[string]string
	// tables gives the columns of each table of the catalog.
	tables map[string][]column
}

// parameter is a named query parameter and its GoogleSQL type.
type parameter struct{ name, typeName string }

// column is a column as the analyzer sees it.
type column struct{ Name, Type string }

// engine guards the analyzer's one instance per process.
var engine sync.Mutex

// newAnalyzer returns an analyzer with all of schema/ in its catalog. The
// caller has the engine to itself until the test ends.
func newAnalyzer(t *testing.T) *analyzer {
	t.Helper()
	engine.Lock()
	t.Cleanup(engine.Unlock)
	a, err := buildAnalyzer()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func buildAnalyzer() (*analyzer, error) {
	a, err := emptyAnalyzer()
	if err != nil {
		return nil, err
	}
	tables, err := schema.Tables()
	if err != nil {
		return nil, err
	}
	for _, table := range tables {
		columns := columnsOf(table)
		if table.ViewQuery != "" {
			stmt, err := a.analyze(table.ViewQuery)
			if err != nil {
				return nil, fmt.Errorf("query of view %s: %w", table.Name, err)
			}
			if columns, err = outputColumns(stmt); err != nil {
				return nil, fmt.Errorf("query of view %s: %w", table.Name, err)
			}
			if table.PartitionColumn, err = a.partitionOf(stmt, columns); err != nil {
				return nil, fmt.Errorf("query of view %s: %w", table.Name, err)
			}
		}
		if err := a.addTable(table.Name, columns); err != nil {
			return nil, err
		}
		if table.PartitionColumn != "" {
			a.partitions[table.Name] = table.PartitionColumn
		}
	}
	return a, nil
}

func emptyAnalyzer() (*analyzer, error) {
	if err := googlesql.Init(); err != nil {
		return nil, fmt.Errorf("start the analyzer: %w", err)
	}
	language, err := googlesql.NewLanguageOptions()
	if err != nil {
		return nil, err
	}
	for _, feature := range features {
		if err := language.EnableLanguageFeature(feature); err != nil {
			return nil, err
		}
	}
	types, typesErr := googlesql.NewTypeFactory()
	catalog, catalogErr := googlesql.NewSimpleCatalog("warehouse", nil)
	err = errors.Join(typesErr, catalogErr,
		language.SetProductMode(googlesql.ProductModeProductExternal),
		language.SetSupportsAllStatementKinds(),
		// QUALIFY is reserved in BigQuery, so that it needs no WHERE before it.
		language.EnableReservableKeyword("QUALIFY", true))
	if err != nil {
		return nil, err
	}
	if err := catalog.AddBuiltinFunctionsAndTypes(&googlesql.BuiltinFunctionOptions{LanguageOptions: language}); err != nil {
		return nil, fmt.Errorf("add built-in functions: %w", err)
	}
	a := &analyzer{language: language, types: types, catalog: catalog, partitions: map[string]string{}, tables: map[string][]column{}}
	return a, a.addForecast()
}

// forecastFunction is AI.FORECAST as the one statement that calls it does: BigQuery takes the names of the columns as
// texts, and returns those of id_cols before its own. The body is there because the analyzer wants one.
// https://cloud.google.com/bigquery/docs/reference/standard-sql/bigqueryml-syntax-ai-forecast
const forecastFunction = `CREATE TEMP TABLE FUNCTION FORECAST(
  known TABLE<category STRING, measure STRING, days_back INT64, day DATE, value NUMERIC>,
  data_col STRING, timestamp_col STRING, model STRING, id_cols ARRAY<STRING>, horizon INT64, confidence_level FLOAT64)
RETURNS TABLE<
  category STRING, measure STRING, days_back INT64, forecast_timestamp TIMESTAMP, forecast_value FLOAT64, confidence_level FLOAT64,
  prediction_interval_lower_bound FLOAT64, prediction_interval_upper_bound FLOAT64, ai_forecast_status STRING>
AS SELECT
  category, measure, days_back, TIMESTAMP(day) AS forecast_timestamp, CAST(value AS FLOAT64) AS forecast_value, 0.8 AS confidence_level,
  CAST(value AS FLOAT64) AS prediction_interval_lower_bound, CAST(value AS FLOAT64) AS prediction_interval_upper_bound, '' AS ai_forecast_status
FROM known`

// addForecast adds AI.FORECAST to the catalog.
func (a *analyzer) addForecast() error {
	stmt, err := a.analyze(forecastFunction)
	if err != nil {
		return fmt.Errorf("AI.FORECAST: %w", err)
	}
	create, ok := stmt.(*googlesql.ResolvedCreateTableFunctionStmt)
	if !ok {
		return fmt.Errorf("AI.FORECAST: analyzer sees %T", stmt)
	}
	function, err := googlesql.NewSQLTableValuedFunctionCreate2(create, nil)
	if err != nil {
		return fmt.Errorf("AI.FORECAST: %w", err)
	}
	namespace, err := googlesql.NewSimpleCatalog("AI", nil)
	if err != nil {
		return err
	}
	return errors.Join(
		namespace.AddOwnedTableValuedFunction3("FORECAST", function.TableValuedFunction),
		a.catalog.AddCatalog2("AI", namespace))
}

// options returns fresh analyzer options, since parameters accumulate in them.
func (a *analyzer) options() (*googlesql.AnalyzerOptions, error) {
	options, err := googlesql.NewAnalyzerOptions2()
	if err != nil {
		return nil, err
	}
	return options, errors.Join(
		options.SetLanguage(a.language),
		// Without this the analyzer drops columns that no expression uses, but
		// the partition column of a table must be seen wherever it is filtered.
		options.SetPruneUnusedColumns(false),
		options.SetErrorMessageMode(googlesql.ErrorMessageModeErrorMessageMultiLineWithCaret))
}

// analyze parses and type-checks one statement.
func (a *analyzer) analyze(stmt string, params ...parameter) (googlesql.ResolvedStatementNode, error) {
	options, err := a.options()
	if err != nil {
		return nil, err
	}
	for _, p := range params {
		typ, err := a.typeNamed(p.typeName)
		if err != nil {
			return nil, fmt.Errorf("parameter %s: %w", p.name, err)
		}
		if err := options.AddQueryParameter(p.name, typ); err != nil {
			return nil, fmt.Errorf("parameter %s: %w", p.name, err)
		}
	}
	out, err := googlesql.AnalyzeStatement(stmt, options, a.catalog, a.types)
	if err != nil {
		return nil, err
	}
	return out.ResolvedStatement()
}

func (a *analyzer) typeNamed(name string) (googlesql.Googlesql_TypeNode, error) {
	options, err := a.options()
	if err != nil {
		return nil, err
	}
	return googlesql.AnalyzeType(name, options, a.catalog, a.types)
}

// addTable adds a table to the catalog. Two statements of a folder may create the same
// temp table if a transaction has only one of them: then with the same columns.
func (a *analyzer) addTable(name string, columns []column) error {
	if known, ok := a.tables[name]; ok {
		if !slices.Equal(known, columns) {
			return fmt.Errorf("%s has the columns %v, and was created before with %v", name, columns, known)
		}
		return nil
	}
	a.tables[name] = columns
	table, err := googlesql.NewSimpleTable(name, 0)
	if err != nil {
		return err
	}
	for _, c := range columns {
		typ, err := a.typeNamed(c.Type)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", name, c.Name, err)
		}
		simple, err := googlesql.NewSimpleColumn(name, c.Name, typ, false, true)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", name, c.Name, err)
		}
		if err := table.AddColumn2(simple, false); err != nil {
			return fmt.Errorf("%s.%s: %w", name, c.Name, err)
		}
	}
	return a.catalog.AddTable(table)
}

// columnsOf renders the types that our own parser read as GoogleSQL does.
func columnsOf(table schema.Table) []column {
	columns := make([]column, len(table.Columns))
	for i, c := range table.Columns {
		columns[i] = column{c.Name, typeName(c)}
	}
	return columns
}

func typeName(c schema.Column) string {
	name := c.Type
	if c.Type == "RECORD" {
		fields := make([]string, len(c.Fields))
		for i, f := range c.Fields {
			fields[i] = f.Name + " " + typeName(f)
		}
		name = "STRUCT<" + strings.Join(fields, ", ") + ">"
	}
	if c.Mode == "REPEATED" {
		name = "ARRAY<" + name + ">"
	}
	return name
}

// outputColumns returns what a query, CREATE VIEW or CREATE TABLE AS yields.
func outputColumns(stmt googlesql.ResolvedStatementNode) ([]column, error) {
	yields, ok := stmt.(interface {
		OutputColumnList() ([]*googlesql.ResolvedOutputColumn, error)
	})
	if !ok {
		return nil, fmt.Errorf("%T yields no columns", stmt)
	}
	list, err := yields.OutputColumnList()
	if err != nil {
		return nil, err
	}
	columns := make([]column, len(list))
	for i, out := range list {
		name, nameErr := out.Name()
		resolved, err := out.Column()
		if err := errors.Join(nameErr, err); err != nil {
			return nil, err
		}
		typ, err := typeOf(resolved)
		if err != nil {
			return nil, err
		}
		columns[i] = column{name, typ}
	}
	return columns, nil
}

func typeOf(resolved *googlesql.ResolvedColumn) (string, error) {
	typ, err := resolved.Type()
	if err != nil {
		return "", err
	}
	return nameOf(typ)
}

// nameOf spells a type as BigQuery does, FLOAT64 rather than DOUBLE.
func nameOf(typ googlesql.Googlesql_TypeNode) (string, error) {
	named, ok := typ.(interface {
		TypeName(googlesql.ProductMode) (string, error)
	})
	if !ok {
		return "", fmt.Errorf("%T has no name", typ)
	}
	return named.TypeName(googlesql.ProductModeProductExternal)
}
