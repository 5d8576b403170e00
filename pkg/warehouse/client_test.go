package warehouse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/sql"
)

// TestBind: a statement takes the values that it declares, its dates into its text.
func TestBind(t *testing.T) {
	t.Parallel()
	const text = "-- Why.\n-- @param file_id STRING\n-- @param order_dates ARRAY<DATE>\nSELECT 1 FROM t WHERE f = @file_id AND d IN UNNEST(@order_dates)"
	s, err := sql.Parse("loading/some", text)
	if err != nil {
		t.Fatal(err)
	}
	plain := sql.Statement{Name: "query/typed", Text: "SELECT @whatever"}
	for name, tt := range map[string]struct {
		statement sql.Statement
		values    Params
		text      string
		params    []bigquery.QueryParameter
		err       string
	}{
		"values, and one too many": {
			statement: s, values: Params{"file_id": "f", "order_dates": []int32{0}, "other": 1},
			text:   "-- Why.\n-- @param file_id STRING\n-- @param order_dates ARRAY<DATE>\nSELECT 1 FROM t WHERE f = @file_id AND d IN (DATE '1970-01-01')",
			params: []bigquery.QueryParameter{{Name: "file_id", Value: "f"}},
		},
		"nothing declared": {statement: plain, values: Params{"whatever": 1}, text: plain.Text},
		"a value missing":  {statement: s, values: Params{"order_dates": []int32{0}}, err: "no value for @file_id"},
		"dates missing":    {statement: s, values: Params{"file_id": "f"}, err: "no value for @order_dates"},
		"no dates":         {statement: s, values: Params{"file_id": "f", "order_dates": "1970-01-01"}, err: "@order_dates is a string, not days since 1970-01-01"},
		"no such dates":    {statement: s, values: Params{"file_id": "f", "order_dates": []int32{1 << 30}}, err: `sql: parameter "order_dates": days 1073741824 to 1073741824 since 1970-01-01 leave the range of DATE, -719162 to 2932896`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, params, err := bind(tt.statement, tt.values)
			if message := fmt.Sprint(err); message != tt.err && (err != nil || tt.err != "") {
				t.Fatalf("error %v, want %s", err, tt.err)
			}
			if err != nil {
				return
			}
			if text != tt.text {
				t.Errorf("text %q, want %q", text, tt.text)
			}
			if diff := cmp.Diff(tt.params, params); diff != "" {
				t.Errorf("parameters (-want +got):\n%s", diff)
			}
		})
	}
}

// TestClients: the jobs of a client say whose they are, by what it says or by the folder of
// the statement, and are held to what they may be billed.
func TestClients(t *testing.T) {
	t.Parallel()
	client := (&server{}).client(t)
	statement := sql.Statement{Name: "dashboard/summary", Text: "SELECT 1"}
	for name, tt := range map[string]struct {
		client Client
		task   string
	}{
		"by the folder": {Client{BigQuery: client, Dataset: "d", Service: "reporter", MaxBytesBilled: 7}, "dashboard"},
		"by itself":     {Client{BigQuery: client, Dataset: "d", Service: "reporter", MaxBytesBilled: 7, Task: "daily"}, "daily"},
	} {
		q, err := tt.client.query(statement, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"service": "reporter", "task": tt.task, "statement": "summary"}
		if diff := cmp.Diff(want, q.Labels); diff != "" {
			t.Errorf("%s: labels (-want +got):\n%s", name, diff)
		}
		if q.DefaultProjectID != "p" || q.DefaultDatasetID != "d" || q.MaxBytesBilled != 7 {
			t.Errorf("%s: %s.%s, at most %d bytes", name, q.DefaultProjectID, q.DefaultDatasetID, q.MaxBytesBilled)
		}
	}
}

const twoRows = `200 {"jobComplete": true, "schema": {"fields": [{"name": "id", "type": "STRING"}, {"name": "n", "type": "INTEGER"}]},
	"totalRows": "2", "rows": [{"f": [{"v": "a"}, {"v": "1"}]}, {"f": [{"v": "b"}, {"v": "2"}]}]}`

// TestRead reads rows as a struct, whole, the first alone, and what comes of failures; a
// client without time is a failure.
func TestRead(t *testing.T) {
	t.Parallel()
	type row struct {
		ID string `bigquery:"id"`
		N  int64  `bigquery:"n"`
	}
	asking := func(results string) *Client {
		s := &server{answers: map[string][]string{"insert": {running()}, "get": {done("")}, "results": {results}}}
		return &Client{BigQuery: s.client(t), Dataset: "d", Service: "test"}
	}
	const statement = "doctor/clock"
	got, err := All[row](t.Context(), asking(twoRows), statement, nil)
	if diff := cmp.Diff([]row{{"a", 1}, {"b", 2}}, got); diff != "" || err != nil {
		t.Errorf("error %v, rows (-want +got):\n%s", err, diff)
	}
	first, found, err := First[row](t.Context(), asking(twoRows), statement, nil)
	if (first != row{"a", 1}) || !found || err != nil {
		t.Errorf("the first row is %v, %t, error %v", first, found, err)
	}
	if first, found, err = First[row](t.Context(), asking(noRows), statement, nil); (first != row{}) || found || err != nil {
		t.Errorf("of no rows the first is %v, %t, error %v", first, found, err)
	}
	if _, err := All[row](t.Context(), asking(noRows), "doctor/none", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an unknown statement: %v", err)
	}
	if _, _, err := First[row](t.Context(), asking(refusal(400, "invalidQuery")), statement, nil); !HasReason(err, "invalidQuery") || !strings.HasPrefix(err.Error(), "run doctor/clock: ") && !strings.HasPrefix(err.Error(), "read the answer of doctor/clock: ") {
		t.Errorf("a mistake: %v", err)
	}
	hasty := asking(twoRows)
	hasty.Timeout = time.Nanosecond
	if _, err := All[row](t.Context(), hasty, statement, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("without time: %v", err)
	}
}
