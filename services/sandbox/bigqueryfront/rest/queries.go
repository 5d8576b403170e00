package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/jobs"
)

const (
	// defaultWait is how long a request waits for its job.
	defaultWait = 10 * time.Second
	maxWait     = 200 * time.Second
	// maxPage bounds a page in bytes. BigQuery's is 20 MB.
	maxPage = 10 << 20
)

// queryBody is the body of jobs.query.
type queryBody struct {
	Query           string               `json:"query"`
	UseLegacySQL    *bool                `json:"useLegacySql"`
	DefaultDataset  *bq.DatasetReference `json:"defaultDataset"`
	QueryParameters []parameter          `json:"queryParameters"`
	DryRun          bool                 `json:"dryRun"`
	TimeoutMs       *int64               `json:"timeoutMs"`
	MaxResults      *int64               `json:"maxResults"`
	RequestID       string               `json:"requestId"`
	Location        string               `json:"location"`
	Labels          map[string]string    `json:"labels"`
	CreateSession   bool                 `json:"createSession"`
	MaxBytesBilled  int64                `json:"maximumBytesBilled,string"`
	FormatOptions   *struct {
		UseInt64Timestamp bool `json:"useInt64Timestamp"`
	} `json:"formatOptions"`
}

// window is the part of a result that a request asks for.
type window struct {
	kind      string
	from      int
	maxRows   int
	wait      time.Duration
	intMicros bool
}

func (s *server) query(r *http.Request) (any, error) {
	var body queryBody
	if err := decode(r, &body); err != nil {
		return nil, err
	}
	switch {
	case body.UseLegacySQL == nil || *body.UseLegacySQL:
		return nil, fault.Unserved("legacy SQL")
	case body.CreateSession:
		return nil, fault.Unserved("sessions")
	}
	for name, n := range map[string]*int64{"timeoutMs": body.TimeoutMs, "maxResults": body.MaxResults} {
		if n != nil && *n < 0 {
			return nil, fault.Invalid("Invalid value of %s: %d", name, *n)
		}
	}
	request := jobs.Request{SQL: body.Query, DryRun: body.DryRun, Labels: body.Labels, MaxBytesBilled: body.MaxBytesBilled}
	var err error
	if request.Params, err = params(body.QueryParameters); err != nil {
		return nil, err
	}
	if body.DefaultDataset != nil {
		request.Dataset = body.DefaultDataset.DatasetId
	}
	job, err := s.jobs.Start("", body.RequestID, body.Location, request)
	if err != nil {
		return nil, err
	}
	w := window{kind: "bigquery#queryResponse", maxRows: math.MaxInt, wait: defaultWait}
	if body.TimeoutMs != nil {
		w.wait = time.Duration(*body.TimeoutMs) * time.Millisecond
	}
	if body.MaxResults != nil {
		w.maxRows = int(*body.MaxResults)
	}
	w.intMicros = body.FormatOptions != nil && body.FormatOptions.UseInt64Timestamp
	return s.results(r.Context(), job, w)
}

func (s *server) queryResults(r *http.Request) (any, error) {
	job, err := s.jobs.Get(r.PathValue("job"))
	if err != nil {
		return nil, err
	}
	w := window{kind: "bigquery#getQueryResultsResponse", maxRows: math.MaxInt, wait: defaultWait,
		intMicros: r.FormValue("formatOptions.useInt64Timestamp") == "true"}
	number := func(name string, fallback int) int {
		text := r.FormValue(name)
		if text == "" || err != nil {
			return fallback
		}
		n, parseErr := strconv.Atoi(text)
		if parseErr != nil || n < 0 {
			err = fault.Invalid("Invalid value of %s: %q", name, text)
		}
		return n
	}
	w.from = number("startIndex", 0)
	w.from = number("pageToken", w.from)
	w.maxRows = number("maxResults", math.MaxInt)
	w.wait = time.Duration(number("timeoutMs", int(defaultWait.Milliseconds()))) * time.Millisecond
	if err != nil {
		return nil, err
	}
	return s.results(r.Context(), job, w)
}

// results waits for a job and writes a page of its result. The rows are kept in
// the API's form already, so a page is copied, not encoded.
func (s *server) results(ctx context.Context, job *jobs.Job, w window) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, min(max(w.wait, 0), maxWait))
	defer cancel()
	if !job.Wait(ctx) {
		return &bq.QueryResponse{Kind: w.kind, JobReference: s.reference(job), ForceSendFields: []string{"JobComplete"}}, nil
	}
	outcome, _ := job.Outcome()
	switch {
	case outcome.Err != nil:
		return nil, outcome.Err
	case outcome.Loaded != nil:
		return nil, fault.Invalid("Cannot list results of a job of type LOAD")
	case outcome.Unread != nil:
		return nil, outcome.Unread
	}
	head := &bq.QueryResponse{Kind: w.kind, JobComplete: true, Schema: outcome.Schema,
		TotalRows: uint64(outcome.Result.Rows()), TotalBytesProcessed: outcome.Bytes.Processed, DmlStats: outcome.DML,
		ForceSendFields: []string{"TotalRows", "TotalBytesProcessed", "CacheHit"}}
	if !job.Request.DryRun {
		head.JobReference = s.reference(job)
	}
	if outcome.DML != nil {
		head.NumDmlAffectedRows = outcome.AffectedRows()
		head.ForceSendFields = append(head.ForceSendFields, "NumDmlAffectedRows")
	}
	if head.Schema == nil {
		head.Schema = &bq.TableSchema{}
	}
	rows, next := outcome.Result.Page(w.from, w.maxRows, maxPage)
	if next < outcome.Result.Rows() && w.maxRows > 0 {
		head.PageToken = strconv.Itoa(next)
	}
	return withRows(head, rows, outcome.Schema, w.intMicros)
}

// withRows adds rows to a response's other fields.
func withRows(head any, rows []byte, schema *bq.TableSchema, intMicros bool) (raw, error) {
	body, err := json.Marshal(head)
	if err != nil {
		return nil, fmt.Errorf("write response: %w", err)
	}
	if len(rows) == 0 {
		return body, nil
	}
	if !intMicros && hasTimestamp(schema.Fields) {
		if rows, err = floatTimestamps(rows, schema.Fields); err != nil {
			return nil, err
		}
	}
	out := make([]byte, 0, len(body)+len(rows)+16)
	out = append(out, body[:len(body)-1]...)
	out = append(out, `,"rows":[`...)
	out = append(out, rows...)
	return append(out, ']', '}'), nil
}

func (s *server) listRows(r *http.Request) (any, error) {
	from, limit := 0, 10000
	var err error
	for name, into := range map[string]*int{"startIndex": &from, "maxResults": &limit} {
		if text := r.FormValue(name); text != "" {
			if *into, err = strconv.Atoi(text); err != nil || *into < 0 {
				return nil, fault.Invalid("Invalid value of %s: %q", name, text)
			}
		}
	}
	if token := r.FormValue("pageToken"); token != "" {
		if from, err = strconv.Atoi(token); err != nil || from < 0 {
			return nil, fault.Invalid("Invalid page token %q", token)
		}
	}
	var head *bq.TableDataList
	var rows []byte
	var next int
	var schema *bq.TableSchema
	if ref(r).Dataset == jobs.AnonymousDataset {
		var result *jobs.Result
		if result, schema, err = s.jobs.Anonymous(ref(r)); err != nil {
			return nil, err
		}
		head = &bq.TableDataList{TotalRows: int64(result.Rows())}
		rows, next = result.Page(from, limit, maxPage)
	} else if head, rows, next, schema, err = s.tableRows(r, from, limit); err != nil {
		return nil, err
	}
	head.Kind, head.ForceSendFields = "bigquery#tableDataList", []string{"TotalRows"}
	if int64(next) < head.TotalRows && next > from {
		head.PageToken = strconv.Itoa(next)
	}
	return withRows(head, rows, schema, r.FormValue("formatOptions.useInt64Timestamp") == "true")
}

// tableRows reads rows of a table, and tells which is the next.
func (s *server) tableRows(r *http.Request, from, limit int) (*bq.TableDataList, []byte, int, *bq.TableSchema, error) {
	t, err := s.cat.Table(ref(r))
	if err != nil {
		return nil, nil, 0, nil, err
	}
	total, err := s.cat.Count(r.Context(), ref(r))
	if err != nil {
		return nil, nil, 0, nil, err
	}
	sql := fmt.Sprintf("SELECT * FROM %s.%s LIMIT %d OFFSET %d", backtick(ref(r).Dataset), backtick(ref(r).Table), min(limit, 100000), from)
	job, err := s.jobs.Start("", "", "", jobs.Request{SQL: sql, Internal: true})
	if err != nil {
		return nil, nil, 0, nil, err
	}
	if !job.Wait(r.Context()) {
		return nil, nil, 0, nil, r.Context().Err()
	}
	outcome, _ := job.Outcome()
	if outcome.Err != nil {
		return nil, nil, 0, nil, outcome.Err
	}
	rows, next := outcome.Result.Page(0, math.MaxInt, maxPage)
	return &bq.TableDataList{Etag: t.Etag, TotalRows: int64(total)}, rows, from + next, outcome.Schema, nil
}

func backtick(name string) string { return "`" + name + "`" }

func hasTimestamp(fields []*bq.TableFieldSchema) bool {
	for _, f := range fields {
		if f.Type == string(engine.Timestamp) || hasTimestamp(f.Fields) {
			return true
		}
	}
	return false
}

// floatTimestamps rewrites whole microseconds as seconds with a fraction, the
// form of clients that do not ask for the other.
func floatTimestamps(rows []byte, fields []*bq.TableFieldSchema) ([]byte, error) {
	var list []map[string]any
	if err := json.Unmarshal([]byte("["+string(rows)+"]"), &list); err != nil {
		return nil, fmt.Errorf("rewrite timestamps: %w", err)
	}
	for _, row := range list {
		rewriteRecord(row, fields)
	}
	out, err := json.Marshal(list)
	if err != nil {
		return nil, fmt.Errorf("rewrite timestamps: %w", err)
	}
	return out[1 : len(out)-1], nil
}

func rewriteRecord(record map[string]any, fields []*bq.TableFieldSchema) {
	cells, _ := record["f"].([]any)
	for i, c := range cells {
		if holder, ok := c.(map[string]any); ok && i < len(fields) {
			holder["v"] = rewriteValue(holder["v"], fields[i])
		}
	}
}

func rewriteValue(v any, field *bq.TableFieldSchema) any {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if holder, ok := item.(map[string]any); ok {
				holder["v"] = rewriteValue(holder["v"], field)
			}
		}
	case map[string]any:
		rewriteRecord(v, field.Fields)
	case string:
		micros, err := strconv.ParseInt(v, 10, 64)
		if field.Type == string(engine.Timestamp) && err == nil {
			seconds := time.UnixMicro(micros)
			return strconv.FormatFloat(float64(seconds.Unix())+float64(seconds.Nanosecond())/1e9, 'f', -1, 64)
		}
	}
	return v
}
