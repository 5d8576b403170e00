package render

import (
	"bytes"
	"math/big"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"
	"github.com/google/go-cmp/cmp"
)

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
	each := func(yield func([]bigquery.Value, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
	return Result{Rows: each, Schema: func() bigquery.Schema { return schema }}
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

// TestOf makes rows of structs: embedded fields, names, kinds, what is left out and what is not known.
func TestOf(t *testing.T) {
	t.Parallel()
	type Counts struct {
		N int64 `bigquery:"n"`
	}
	type row struct {
		Name string `bigquery:"name"`
		Counts
		Revenue *big.Rat            `bigquery:"revenue"`
		At      time.Time           `bigquery:"at"`
		Reason  bigquery.NullString `bigquery:"reason"`
		Words   []string            `bigquery:"words"`
		Data    []byte              `bigquery:"data" render:"-"`
		Note    string
	}
	rows := []row{
		{Name: "a", Counts: Counts{7}, Revenue: big.NewRat(5, 2), At: time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC), Reason: bigquery.NullString{StringVal: "r", Valid: true}, Words: []string{"x", "y"}, Data: []byte("z"), Note: "n"},
		{Name: "b"},
	}
	for format, want := range map[string]string{
		"table": `name  n  revenue  at                    reason  words
----  -  -------  --------------------  ------  ---------
a     7     2.50  2026-11-01T10:00:00Z  r       ["x","y"]
b     0     NULL  NULL                  NULL    []
`,
		"json": `{"name":"a","n":7,"revenue":"2.50","at":"2026-11-01T10:00:00Z","reason":"r","words":["x","y"]}
{"name":"b","n":0,"revenue":null,"at":null,"reason":null,"words":[]}
`,
		"csv": "name,n,revenue,at,reason,words\na,7,2.50,2026-11-01T10:00:00Z,r,\"[\"\"x\"\",\"\"y\"\"]\"\nb,0,,,,[]\n",
	} {
		var out bytes.Buffer
		if n, err := Write(&out, format, Of(rows)); err != nil || n != 2 {
			t.Fatalf("%s: %d rows, error %v", format, n, err)
		}
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", format, diff)
		}
	}
}
