package storagewrite

import (
	bq "google.golang.org/api/bigquery/v2"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/cell"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/dialect"
	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront/engine"
)

// Insert appends rows that came by another API to a version of a table, together with
// what else waits for the table's commit; all of them or none.
func (s *Server) Insert(version *bq.Table, rows [][]cell.Value) error {
	t, err := s.table(dialect.TableRef{Dataset: version.TableReference.DatasetId, Table: version.TableReference.TableId})
	if err != nil {
		return err
	}
	columns := cell.Columns(version.Schema.Fields)
	job := &appendJob{version: version, done: make(chan error, 1)}
	for len(rows) > 0 {
		batch, err := t.batch(version)
		if err != nil {
			t.recycle(job)
			return err
		}
		job.batches = append(job.batches, batch)
		n := min(len(rows), engine.BatchRows)
		for _, row := range rows[:n] {
			if err := cell.WriteRow(columns, row, batch); err != nil {
				t.recycle(job)
				return err
			}
		}
		rows = rows[n:]
	}
	if err := t.enqueue(job); err != nil {
		return err
	}
	return <-job.done
}
