package rest

import (
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/cell"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/fault"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/records"
)

const (
	// maxInserted is the API's limit of a request in rows.
	maxInserted = 50000
	// dedupAge is how long an insertId is remembered at least, and maxInsertIDs how many of
	// a table are; https://cloud.google.com/bigquery/docs/streaming-data-into-bigquery#dataconsistency
	dedupAge     = time.Minute
	maxInsertIDs = 1 << 20
)

// Inserter appends rows to a version of a table, all or none.
type Inserter interface {
	Insert(version *bq.Table, rows [][]cell.Value) error
}

// insertBody is the body of tabledata.insertAll.
type insertBody struct {
	SkipInvalidRows     bool   `json:"skipInvalidRows"`
	IgnoreUnknownValues bool   `json:"ignoreUnknownValues"`
	TemplateSuffix      string `json:"templateSuffix"`
	Rows                []struct {
		InsertID string          `json:"insertId"`
		JSON     json.RawMessage `json:"json"`
	} `json:"rows"`
}

// insertAll streams rows into a table. A bad row keeps all others out, which are then
// reported as stopped, unless skipInvalidRows is set.
func (s *server) insertAll(r *http.Request) (any, error) {
	var body insertBody
	if err := decode(r, &body); err != nil {
		return nil, err
	}
	target := ref(r)
	t, err := s.cat.Table(target)
	switch {
	case err != nil:
		return nil, err
	case t.Type != "TABLE":
		return nil, fault.Invalid("Cannot add rows to a table of type %s.", t.Type)
	case body.TemplateSuffix != "":
		return nil, fault.Unserved("templateSuffix of an insert")
	case len(body.Rows) == 0:
		return nil, fault.Invalid("No rows present in the request.")
	case len(body.Rows) > maxInserted:
		return nil, fault.Invalid("Too many rows present in the request, limit: %d row count: %d", maxInserted, len(body.Rows))
	}
	reader := records.JSON{Columns: cell.Columns(t.Schema.Fields), IgnoreUnknown: body.IgnoreUnknownValues}
	response := &bq.TableDataInsertAllResponse{Kind: "bigquery#tableDataInsertAllResponse"}
	ids := make([]string, 0, len(body.Rows))
	rows := make([][]cell.Value, 0, len(body.Rows))
	for i, row := range body.Rows {
		values, err := reader.Row(row.JSON)
		if err != nil {
			response.InsertErrors = append(response.InsertErrors, rowErrors(i, err))
			continue
		}
		ids, rows = append(ids, row.InsertID), append(rows, values)
	}
	if len(response.InsertErrors) > 0 && !body.SkipInvalidRows {
		response.InsertErrors = withStopped(response.InsertErrors, len(body.Rows))
		return response, nil
	}
	// One insert at a time into a table, so that of two with the same ids one is left out.
	seen := s.inserted.table(target, t)
	seen.mu.Lock()
	defer seen.mu.Unlock()
	fresh := seen.fresh(ids, rows)
	if len(fresh) > 0 {
		s.cat.NoteInserted(target)
		if err := s.inserter.Insert(t, fresh); err != nil {
			return nil, &fault.Fault{Status: http.StatusServiceUnavailable, Reason: "backendError", Message: "The rows were not inserted: " + err.Error()}
		}
	}
	seen.note(ids)
	return response, nil
}

// rowErrors is what is wrong with the row at a place.
func rowErrors(index int, err error) *bq.TableDataInsertAllResponseInsertErrors {
	e := &bq.ErrorProto{Reason: "invalid", Message: err.Error()}
	if f, ok := errors.AsType[*records.Fault](err); ok {
		e.Location = f.Field
	}
	return &bq.TableDataInsertAllResponseInsertErrors{Index: int64(index), Errors: []*bq.ErrorProto{e}, ForceSendFields: []string{"Index"}}
}

// withStopped adds the good rows, which were not inserted for the bad ones' sake.
func withStopped(bad []*bq.TableDataInsertAllResponseInsertErrors, rows int) []*bq.TableDataInsertAllResponseInsertErrors {
	all := make([]*bq.TableDataInsertAllResponseInsertErrors, 0, rows)
	for i := range rows {
		if len(bad) > 0 && bad[0].Index == int64(i) {
			all, bad = append(all, bad[0]), bad[1:]
			continue
		}
		all = append(all, &bq.TableDataInsertAllResponseInsertErrors{Index: int64(i), ForceSendFields: []string{"Index"},
			Errors: []*bq.ErrorProto{{Reason: "stopped"}}})
	}
	return all
}

// inserted remembers the ids of inserts by table.
type inserted struct {
	mu     sync.Mutex
	tables map[dialect.TableRef]*insertIDs
}

// insertIDs are those of one table. Two sets take turns, so that an id is forgotten
// between one and two times dedupAge after it was seen.
type insertIDs struct {
	mu              sync.Mutex
	created         int64 // of the table; another by its name has ids of its own
	current, before map[string]bool
	turned          time.Time
}

func (i *inserted) table(ref dialect.TableRef, t *bq.Table) *insertIDs {
	i.mu.Lock()
	defer i.mu.Unlock()
	ids := i.tables[ref]
	if ids == nil || ids.created != t.CreationTime {
		ids = &insertIDs{created: t.CreationTime, current: map[string]bool{}, turned: time.Now()}
		i.tables[ref] = ids
	}
	return ids
}

// fresh are the rows whose ids are new; those without an id are.
func (s *insertIDs) fresh(ids []string, rows [][]cell.Value) [][]cell.Value {
	if time.Since(s.turned) > dedupAge || len(s.current) > maxInsertIDs {
		s.before, s.current, s.turned = s.current, map[string]bool{}, time.Now()
	}
	within := map[string]bool{}
	var list [][]cell.Value
	for i, id := range ids {
		if id == "" || !s.current[id] && !s.before[id] && !within[id] {
			list = append(list, rows[i])
		}
		within[id] = true
	}
	return list
}

func (s *insertIDs) note(ids []string) {
	for _, id := range ids {
		if id != "" {
			s.current[id] = true
		}
	}
}
