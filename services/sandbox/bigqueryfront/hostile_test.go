package bigqueryfront_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestHostileRequests sends what no client would: each is refused in the API's
// own form, none is a fault of the front, and none cuts the connection, which is
// what a panic does.
func TestHostileRequests(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.mustQuery(t, "CREATE TABLE t (a INT64)")
	f.mustQuery(t, "CREATE VIEW v AS SELECT 1 AS a")
	const root = "/bigquery/v2/projects/" + project
	const shop, tables = root + "/datasets/" + dataset, root + "/datasets/" + dataset + "/tables"
	const uploads = "/upload" + root + "/jobs"
	load := func(more string) string {
		return `{"configuration":{"load":{"destinationTable":{"projectId":"` + project + `","datasetId":"` + dataset + `","tableId":"t"},` + more + `}}}`
	}
	query := func(more string) string { return `{"query":"SELECT @p","useLegacySql":false` + more + `}` }
	param := func(kind, value string) string {
		return query(`,"queryParameters":[{"name":"p","parameterType":` + kind + `,"parameterValue":` + value + `}]`)
	}
	deep := func(open, end string, n int) string { return strings.Repeat(open, n) + strings.Repeat(end, n) }
	for _, c := range []struct{ name, method, path, body string }{
		{"no JSON", "POST", root + "/datasets", "{"},
		{"null", "POST", root + "/datasets", "null"},
		{"a list", "POST", root + "/datasets", "[]"},
		{"a number for a name", "POST", root + "/datasets", `{"datasetReference":{"datasetId":7}}`},
		{"no name", "POST", root + "/datasets", `{}`},
		{"a name with quotes", "POST", root + "/datasets", `{"datasetReference":{"datasetId":"a\"; DROP SCHEMA shop; --"}}`},
		{"a system's name", "POST", root + "/datasets", `{"datasetReference":{"datasetId":"information_schema"}}`},
		{"null for a table", "POST", tables, "null"},
		{"no reference", "POST", tables, `{"schema":{"fields":[{"name":"a","type":"STRING"}]}}`},
		{"null for a field", "POST", tables, `{"tableReference":{"tableId":"u1"},"schema":{"fields":[null]}}`},
		{"null for a field of a record", "POST", tables, `{"tableReference":{"tableId":"u0"},"schema":{"fields":[{"name":"a","type":"RECORD","fields":[null]}]}}`},
		{"no type", "POST", tables, `{"tableReference":{"tableId":"u2"},"schema":{"fields":[{"name":"a"}]}}`},
		{"a record of nothing", "POST", tables, `{"tableReference":{"tableId":"u3"},"schema":{"fields":[{"name":"a","type":"RECORD"}]}}`},
		{"an odd mode", "POST", tables, `{"tableReference":{"tableId":"u4"},"schema":{"fields":[{"name":"a","type":"STRING","mode":"MAYBE"}]}}`},
		{"a name with a quote", "POST", tables, `{"tableReference":{"tableId":"u5"},"schema":{"fields":[{"name":"a\" INT); DROP TABLE t; --","type":"STRING"}]}}`},
		{"deep records", "POST", tables, `{"tableReference":{"tableId":"u6"},"schema":{"fields":[` +
			strings.Repeat(`{"name":"a","type":"RECORD","fields":[`, 2000) + strings.Repeat("]}", 2000) + `]}}`},
		{"a view of nothing", "POST", tables, `{"tableReference":{"tableId":"w"},"view":{}}`},
		{"a view of itself", "POST", tables, `{"tableReference":{"tableId":"w"},"view":{"query":"SELECT * FROM shop.w","useLegacySql":false}}`},
		{"a patch that is null", "PATCH", tables + "/t", "null"},
		{"a patch without a schema", "PATCH", tables + "/t", `{"schema":null}`},
		{"a patch of a field to null", "PATCH", tables + "/t", `{"schema":{"fields":[null]}}`},
		{"a patch of types", "PATCH", tables + "/t", `{"schema":"x","labels":7}`},
		{"a view without a query", "PATCH", tables + "/v", `{"view":null}`},
		{"a dataset's patch of types", "PATCH", shop, `{"labels":[1]}`},
		{"no configuration", "POST", root + "/jobs", `{}`},
		{"null for a configuration", "POST", root + "/jobs", `{"configuration":null}`},
		{"null for a query", "POST", root + "/jobs", `{"configuration":{"query":null}}`},
		{"a job id with a slash", "POST", root + "/jobs", `{"jobReference":{"jobId":"../x"},"configuration":{"query":{"query":"SELECT 1","useLegacySql":false}}}`},
		{"no type of a parameter", "POST", root + "/queries", param(`null`, `{"value":"1"}`)},
		{"no value of a parameter", "POST", root + "/queries", param(`{"type":"INT64"}`, `{"value":"x"}`)},
		{"an array without a type", "POST", root + "/queries", param(`{"type":"ARRAY"}`, `{"arrayValues":[{"value":"1"}]}`)},
		{"a struct without types", "POST", root + "/queries", param(`{"type":"STRUCT"}`, `{"structValues":{"a":{"value":"1"}}}`)},
		{"null for a field's type", "POST", root + "/queries", param(`{"type":"STRUCT","structTypes":[null]}`, `{"structValues":{}}`)},
		{"deep arrays", "POST", root + "/queries", param(strings.Repeat(`{"type":"ARRAY","arrayType":`, 3000)+`{"type":"INT64"}`+strings.Repeat("}", 3000), `{"value":"1"}`)},
		{"deep JSON", "POST", root + "/queries", deep("[", "]", 100_000)},
		{"negative times", "POST", root + "/queries", query(`,"timeoutMs":-5,"maxResults":-7`)},
		{"huge numbers", "POST", root + "/queries", query(`,"timeoutMs":99999999999999999999`)},
		{"a page of nothing", "GET", root + "/queries/none?pageToken=x", ""},
		{"a page token", "GET", tables + "/t/data?pageToken=-1", ""},
		{"a start", "GET", tables + "/t/data?startIndex=x", ""},
		{"a page token of lists", "GET", tables + "?pageToken=%00&maxResults=x", ""},
		{"a table's name", "GET", tables + "/%22%3B--", ""},
		{"an unknown route", "GET", "/bigquery/v2/../../etc/passwd%00", ""},
		{"an upload of nothing", "POST", uploads + "?uploadType=multipart", ""},
		{"an upload of no kind", "POST", uploads, "{}"},
		{"an upload that was not begun", "PUT", uploads + "?upload_id=../../etc/passwd", "x"},
		{"an upload for a query", "POST", uploads + "?uploadType=resumable", `{"configuration":{"copy":{}}}`},
		{"an upload in deep JSON", "POST", uploads + "?uploadType=resumable", deep("[", "]", 100_000)},
		{"a load of nothing", "POST", root + "/jobs", `{"configuration":{"load":{}}}`},
		{"a load and a query", "POST", root + "/jobs", `{"configuration":{"load":{},"query":{"query":"SELECT 1"}}}`},
		{"a load from no bucket", "POST", root + "/jobs", load(`"sourceUris":["file:///etc/passwd"]`)},
		{"a load of no field", "POST", root + "/jobs", load(`"schema":{"fields":[null]},"sourceUris":["gs://b/o"]`)},
		{"a delimiter of many bytes", "POST", root + "/jobs", load(`"fieldDelimiter":"ab","sourceUris":["gs://b/o"]`)},
		{"a quote of many bytes", "POST", root + "/jobs", load(`"quote":"ab","sourceUris":["gs://b/o"]`)},
		{"lines before the first", "POST", root + "/jobs", load(`"skipLeadingRows":-1,"sourceUris":["gs://b/o"]`)},
		{"an odd disposition", "POST", root + "/jobs", load(`"writeDisposition":"MAYBE","sourceUris":["gs://b/o"]`)},
		{"an insert of nothing", "POST", tables + "/t/insertAll", `{}`},
		{"an insert of null", "POST", tables + "/t/insertAll", `null`},
		{"an insert into a view", "POST", tables + "/v/insertAll", `{"rows":[{"json":{"a":1}}]}`},
		{"too many rows", "POST", tables + "/t/insertAll", `{"rows":[` + strings.Repeat("{},", 50_000) + `{}]}`},
		{"a result that there is not", "GET", root + "/datasets/_anonymous/tables/anon-none/data", ""},
		{"a large body", "POST", root + "/queries", query(`,"labels":{"a":"` + strings.Repeat("x", 11<<20) + `"}`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequestWithContext(t.Context(), c.method, "http://"+f.server.RESTAddr()+c.path, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			var answer struct {
				Error struct {
					Code    int
					Message string
					Errors  []struct{ Reason string }
				}
			}
			if err := json.Unmarshal(body, &answer); err != nil && resp.StatusCode != http.StatusTemporaryRedirect && resp.StatusCode != http.StatusMovedPermanently {
				t.Fatalf("%d %.300s: %v", resp.StatusCode, body, err)
			}
			if e := answer.Error; resp.StatusCode == http.StatusInternalServerError || resp.StatusCode < 300 ||
				resp.StatusCode >= 400 && (e.Code != resp.StatusCode || e.Message == "" || len(e.Errors) != 1 || e.Errors[0].Reason == "") {
				t.Errorf("answer %d %.300s", resp.StatusCode, body)
			}
		})
	}
	f.mustQuery(t, "SELECT a FROM t")
}
