package harness

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/iterator"
)

// Query runs a statement against the dataset.
func (p *Pipeline) Query(t *testing.T, text string) ([][]bigquery.Value, error) {
	t.Helper()
	q := p.Bigquery.Query(text)
	q.DefaultDatasetID = p.Endpoints.Dataset
	it, err := q.Read(t.Context())
	if err != nil {
		return nil, err
	}
	var rows [][]bigquery.Value
	for {
		var row []bigquery.Value
		err := it.Next(&row)
		if errors.Is(err, iterator.Done) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
}

// MustQuery is Query that fails the test.
func (p *Pipeline) MustQuery(t *testing.T, text string) [][]bigquery.Value {
	t.Helper()
	rows, err := p.Query(t, text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return rows
}

// Text renders rows one per line, values exact, for comparison.
func Text(rows [][]bigquery.Value) string {
	var out strings.Builder
	for _, row := range rows {
		for i, v := range row {
			if i > 0 {
				out.WriteByte('|')
			}
			out.WriteString(ValueText(v))
		}
		out.WriteByte('\n')
	}
	return out.String()
}

// ValueText is a BigQuery value in plain text; NUMERIC without needless zeros.
func ValueText(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case *big.Rat:
		s := v.FloatString(9)
		return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	default:
		return fmt.Sprint(v)
	}
}

// Check compares what a query finds, as Text renders it.
func (p *Pipeline) Check(t *testing.T, what, query, want string) {
	t.Helper()
	if diff := cmp.Diff(want, Text(p.MustQuery(t, query))); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// LifecycleQuery asks what has become of every file.
const LifecycleQuery = "SELECT landing_name, revision, verdict, reason, records, loaded, duplicates, rejected, held, overrides FROM file_ledger ORDER BY landing_name"

// FileID is that of the one file landed under a name.
func (p *Pipeline) FileID(t *testing.T, landingName string) string {
	t.Helper()
	rows := p.MustQuery(t, fmt.Sprintf("SELECT file_id FROM file_ledger WHERE landing_name = 'landing/%s'", landingName))
	if len(rows) != 1 {
		t.Fatalf("%d files named %s", len(rows), landingName)
	}
	return rows[0][0].(string)
}

// Column is a value for an INSERT.
type Column = struct {
	Name  string
	Value any
}

// Insert adds a row with values as parameters.
func (p *Pipeline) Insert(t *testing.T, table string, row []Column) {
	t.Helper()
	var names, values []string
	q := p.Bigquery.Query("")
	q.DefaultDatasetID = p.Endpoints.Dataset
	for _, c := range row {
		names, values = append(names, "`"+c.Name+"`"), append(values, "@"+c.Name)
		q.Parameters = append(q.Parameters, bigquery.QueryParameter{Name: c.Name, Value: c.Value})
	}
	q.Q = "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")"
	if _, err := q.Read(t.Context()); err != nil {
		t.Fatalf("insert into %s: %v", table, err)
	}
}

// LedgerRow is the ledger's row of a loaded file.
func LedgerRow(id, name string, loadedAt time.Time, took time.Duration) []Column {
	landed := loadedAt.Add(-took)
	return []Column{
		{"file_id", id}, {"parse_id", "parse-" + id}, {"revision", 1}, {"kind", "orders"}, {"landing_name", "landing/" + name},
		{"bytes", 10}, {"records", 4}, {"loaded", 2}, {"lines", 3}, {"duplicates", 1}, {"rejected", 1}, {"held", 0}, {"verdict", "loaded"},
		{"landed_at", landed}, {"claimed_at", landed.Add(took / 4)}, {"parsed_at", landed.Add(took / 2)}, {"loaded_at", loadedAt},
	}
}
