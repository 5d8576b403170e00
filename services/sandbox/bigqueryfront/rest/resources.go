package rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/jobs"
)

func ref(r *http.Request) dialect.TableRef {
	return dialect.TableRef{Dataset: r.PathValue("dataset"), Table: r.PathValue("table")}
}

// page cuts a list by the query parameters maxResults and pageToken, which is a
// position.
func page[T any](r *http.Request, list []T) ([]T, string, error) {
	from, size := 0, 1000
	var err error
	if token := r.FormValue("pageToken"); token != "" {
		from, err = strconv.Atoi(token)
	}
	if s := r.FormValue("maxResults"); s != "" && err == nil {
		size, err = strconv.Atoi(s)
	}
	if err != nil || from < 0 || size < 1 {
		return nil, "", fault.Invalid("Invalid page token or page size")
	}
	from = min(from, len(list))
	rest := list[from:]
	if len(rest) <= size {
		return rest, "", nil
	}
	return rest[:size], strconv.Itoa(from + size), nil
}

func (s *server) listDatasets(r *http.Request) (any, error) {
	datasets, next, err := page(r, s.cat.Datasets())
	list := &bq.DatasetList{Kind: "bigquery#datasetList", NextPageToken: next}
	for _, d := range datasets {
		list.Datasets = append(list.Datasets, &bq.DatasetListDatasets{Kind: "bigquery#dataset", Id: d.Id,
			DatasetReference: d.DatasetReference, FriendlyName: d.FriendlyName, Labels: d.Labels, Location: d.Location})
	}
	return list, err
}

func (s *server) insertDataset(r *http.Request) (any, error) {
	d := &bq.Dataset{}
	if err := decode(r, d); err != nil {
		return nil, err
	}
	return s.cat.CreateDataset(r.Context(), d)
}

func (s *server) getDataset(r *http.Request) (any, error) {
	return s.cat.Dataset(r.PathValue("dataset"))
}

// merge applies a patch in JSON's merge form to a copy of a resource: what is
// absent stays, null clears, objects merge, lists replace.
func merge[T any](old *T, patch map[string]any) (*T, error) {
	body, err := json.Marshal(old)
	if err != nil {
		return nil, fmt.Errorf("merge patch: %w", err)
	}
	var doc map[string]any
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, fmt.Errorf("merge patch: %w", err)
	}
	mergeInto(doc, patch)
	if body, err = json.Marshal(doc); err != nil {
		return nil, fmt.Errorf("merge patch: %w", err)
	}
	merged := new(T)
	if err := unmarshal(body, merged); err != nil {
		return nil, fault.Invalid("Invalid value in the patch: %s", err)
	}
	return merged, nil
}

func mergeInto(doc, patch map[string]any) {
	for key, value := range patch {
		child, isObject := value.(map[string]any)
		old, wasObject := doc[key].(map[string]any)
		switch {
		case value == nil:
			delete(doc, key)
		case isObject && wasObject:
			mergeInto(old, child)
		default:
			doc[key] = value
		}
	}
}

func decodePatch(r *http.Request) (map[string]any, error) {
	patch := map[string]any{}
	if err := decode(r, &patch); err != nil {
		return nil, err
	}
	if patch == nil {
		return nil, fault.Invalid("Invalid JSON payload received: null is no resource")
	}
	// What the service sets cannot be patched.
	for _, key := range []string{"id", "kind", "etag", "datasetReference", "tableReference", "creationTime", "lastModifiedTime", "type", "numRows", "numBytes"} {
		delete(patch, key)
	}
	return patch, nil
}

func (s *server) patchDataset(r *http.Request) (any, error) {
	patch, err := decodePatch(r)
	if err != nil {
		return nil, err
	}
	old, err := s.cat.Dataset(r.PathValue("dataset"))
	if err != nil {
		return nil, err
	}
	if etag := r.Header.Get("If-Match"); etag != "" && etag != old.Etag {
		return nil, fault.Precondition("Precondition check failed: the dataset has changed")
	}
	d, err := merge(old, patch)
	if err != nil {
		return nil, err
	}
	return s.cat.UpdateDataset(r.Context(), d)
}

func (s *server) deleteDataset(r *http.Request) (any, error) {
	return nil, s.cat.DeleteDataset(r.Context(), r.PathValue("dataset"), r.FormValue("deleteContents") == "true")
}

func (s *server) listTables(r *http.Request) (any, error) {
	tables, err := s.cat.Tables(r.PathValue("dataset"))
	if err != nil {
		return nil, err
	}
	cut, next, err := page(r, tables)
	list := &bq.TableList{Kind: "bigquery#tableList", TotalItems: int64(len(tables)), NextPageToken: next}
	for _, t := range cut {
		list.Tables = append(list.Tables, &bq.TableListTables{Kind: "bigquery#table", Id: t.Id, Type: t.Type,
			TableReference: t.TableReference, CreationTime: t.CreationTime, Labels: t.Labels,
			TimePartitioning: t.TimePartitioning, Clustering: t.Clustering})
	}
	return list, err
}

func (s *server) insertTable(r *http.Request) (any, error) {
	t := &bq.Table{}
	if err := decode(r, t); err != nil {
		return nil, err
	}
	if t.TableReference == nil {
		return nil, fault.Invalid("Required parameter is missing: tableReference")
	}
	t.TableReference.DatasetId = r.PathValue("dataset")
	return s.cat.CreateTable(r.Context(), t, "", false)
}

func (s *server) getTable(r *http.Request) (any, error) {
	if ref(r).Dataset == jobs.AnonymousDataset {
		return s.anonymousTable(ref(r))
	}
	t, err := s.cat.Table(ref(r))
	if err != nil || t.Type != "TABLE" {
		return t, err
	}
	withRows := *t
	withRows.LastModifiedTime = s.cat.LastModified(t) // before the count, which may be of later rows
	withRows.NumRows, err = s.cat.Count(r.Context(), ref(r))
	withRows.ForceSendFields = append(withRows.ForceSendFields, "NumRows", "NumBytes")
	return &withRows, err
}

func (s *server) patchTable(r *http.Request) (any, error) {
	patch, err := decodePatch(r)
	if err != nil {
		return nil, err
	}
	return s.cat.UpdateTable(r.Context(), ref(r), r.Header.Get("If-Match"), func(t *bq.Table) error {
		merged, err := merge(t, patch)
		if err == nil {
			*t = *merged
		}
		return err
	})
}

func (s *server) deleteTable(r *http.Request) (any, error) {
	return nil, s.cat.DeleteTable(r.Context(), ref(r))
}

// anonymousTable describes the table of a query's result.
func (s *server) anonymousTable(ref dialect.TableRef) (any, error) {
	result, schema, err := s.jobs.Anonymous(ref)
	if err != nil {
		return nil, err
	}
	return &bq.Table{Kind: "bigquery#table", Id: fmt.Sprintf("%s:%s.%s", s.cat.Project(), ref.Dataset, ref.Table), Type: "TABLE", Location: "US",
		TableReference: &bq.TableReference{ProjectId: s.cat.Project(), DatasetId: ref.Dataset, TableId: ref.Table},
		Schema:         schema, NumRows: uint64(result.Rows()), ForceSendFields: []string{"NumRows", "NumBytes"}}, nil
}
