package render

import (
	"bytes"
	"math/big"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/iterator"
)

type fixedRows [][]bigquery.Value

func (f *fixedRows) Next(dst any) error {
	if len(*f) == 0 {
		return iterator.Done
	}
	*dst.(*[]bigquery.Value), *f = (*f)[0], (*f)[1:]
	return nil
}

var schema = bigquery.Schema{
	{Name: "name", Type: bigquery.StringFieldType},
	{Name: "revenue", Type: bigquery.NumericFieldType},
	{Name: "n", Type: bigquery.IntegerFieldType},
	{Name: "day", Type: bigquery.DateFieldType},
	{Name: "at", Type: bigquery.TimestampFieldType},
	{Name: "items", Type: bigquery.RecordFieldType, Repeated: true, Schema: bigquery.Schema{
		{Name: "id", Type: bigquery.StringFieldType}, {Name: "price", Type: bigquery.NumericFieldType},
	}},
}

func result(rows ...[]bigquery.Value) Result {
	r := fixedRows(rows)
	return Result{Rows: &r, Schema: func() bigquery.Schema { return schema }}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	rows := [][]bigquery.Value{
		{
			"Zoë & <co>", big.NewRat(5, 2), int64(7), civil.Date{Year: 2026, Month: 11, Day: 1},
			time.Date(2026, 11, 1, 10, 0, 0, 5e8, time.UTC), []bigquery.Value{[]bigquery.Value{"P1", big.NewRat(1, 1_000_000_000)}},
		},
		{"two\nlines", new(big.Rat).SetInt64(-1200), nil, nil, nil, []bigquery.Value{}},
	}
	for format, want := range map[string]string{
		"table": `name           revenue     n  day         at                      items
------------  --------  ----  ----------  ----------------------  ----------------------
Zoë & <co>        2.50     7  2026-11-01  2026-11-01T10:00:00.5Z  [["P1","0.000000001"]]
"two\nlines"  -1200.00  NULL  NULL        NULL                    []
`,
		"json": `{"name":"Zoë & <co>","revenue":"2.50","n":7,"day":"2026-11-01","at":"2026-11-01T10:00:00.5Z","items":[{"id":"P1","price":"0.000000001"}]}
{"name":"two\nlines","revenue":"-1200.00","n":null,"day":null,"at":null,"items":[]}
`,
		"csv": `name,revenue,n,day,at,items
Zoë & <co>,2.50,7,2026-11-01,2026-11-01T10:00:00.5Z,"[[""P1"",""0.000000001""]]"
"two
lines",-1200.00,,,,[]
`,
	} {
		var out bytes.Buffer
		n, err := Write(&out, format, result(rows...))
		if err != nil || n != len(rows) {
			t.Fatalf("%s: %d rows, error %v", format, n, err)
		}
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", format, diff)
		}
	}
}

func TestWriteNoRows(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if _, err := Write(&out, "csv", result()); err != nil {
		t.Fatal(err)
	}
	if want := "name,revenue,n,day,at,items\n"; out.String() != want {
		t.Errorf("got %q, want the header %q", out.String(), want)
	}
	if _, err := Write(&out, "xml", result()); err == nil {
		t.Error("an unknown format was accepted")
	}
}
