package records

import (
	"bytes"
	"errors"
	"testing"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/cell"
)

// FuzzReaders holds that any bytes are read or refused, and that a row has a value for
// each column.
func FuzzReaders(f *testing.F) {
	columns := cell.Columns([]*bq.TableFieldSchema{{Name: "s", Type: "STRING"}, {Name: "n", Type: "NUMERIC"}, {Name: "t", Type: "TIMESTAMP"}})
	nested := cell.Columns([]*bq.TableFieldSchema{{Name: "i", Type: "INTEGER", Mode: "REQUIRED"}, {Name: "j", Type: "JSON"},
		{Name: "r", Type: "RECORD", Mode: "REPEATED", Fields: []*bq.TableFieldSchema{{Name: "b", Type: "BYTES"}, {Name: "x", Type: "BOOLEAN", Mode: "REPEATED"}}}})
	f.Add([]byte("a,1,2026-01-01\n\"b\"\"\n\",,1e9\n"), byte('"'), byte(1))
	f.Add([]byte(`{"i":1.0,"j":{"a":null},"r":[{"b":"AA==","x":[true]}]}`+"\n{}"), byte(0), byte(0))
	f.Add([]byte("\x1f\x8b\x08\x00"), byte('\''), byte(7))
	f.Fuzz(func(t *testing.T, text []byte, quote, options byte) {
		for _, try := range []struct {
			columns []*cell.Column
			open    func(*bytes.Reader) Reader
		}{
			{columns, func(r *bytes.Reader) Reader {
				return NewCSV(r, CSV{Columns: columns, Delimiter: ',', Quote: quote, Skip: int64(options >> 4), Jagged: options&1 != 0, IgnoreUnknown: options&2 != 0, QuotedNewlines: options&4 != 0})
			}},
			{nested, func(r *bytes.Reader) Reader {
				return NewJSONLines(r, JSON{Columns: nested, IgnoreUnknown: options&2 != 0, Embedded: options&1 != 0})
			}},
		} {
			for rows := try.open(bytes.NewReader(text)); ; {
				values, err := rows.Next()
				if _, bad := errors.AsType[*Fault](err); bad {
					continue
				}
				if err != nil {
					break
				}
				if len(values) != len(try.columns) {
					t.Fatalf("%d values for %d columns", len(values), len(try.columns))
				}
			}
		}
	})
}
