package bigqueryfront_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEverythingAtOnce appends, queries, alters and runs transactions at the same
// time; every confirmed row must be there afterwards, once.
func TestEverythingAtOnce(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.mustQuery(t, "CREATE TABLE staged (id INT64, worker INT64, tags ARRAY<STRING>)")
	f.mustQuery(t, "CREATE TABLE facts (id INT64, worker INT64)")
	md, d := f.descriptor(t, "staged")
	ctx := context.WithoutCancel(t.Context())
	const workers, requests, size = 3, 20, 300
	w := f.writer(t)
	var appends, others sync.WaitGroup
	for worker := range workers {
		s := f.stream(t, w, "staged", d)
		appends.Go(func() {
			for r := range requests {
				var rows []string
				for i := range size {
					rows = append(rows, fmt.Sprintf(`{"id":"%d","worker":"%d","tags":["a tag of more than twelve bytes","b"]}`, r*size+i, worker))
				}
				result, err := s.AppendRows(ctx, serialize(t, md, rows...))
				if err == nil {
					_, err = result.GetResult(ctx)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	loop := func(sql string) {
		others.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if _, err := f.query(ctx, sql); err != nil {
					t.Errorf("%s: %v", sql, err)
					return
				}
			}
		})
	}
	loop("SELECT worker, COUNT(*), ANY_VALUE(tags) FROM staged GROUP BY worker")
	loop(`BEGIN TRANSACTION; CREATE TEMP TABLE fresh AS SELECT s.id, s.worker FROM staged AS s LEFT JOIN facts AS f ON f.id = s.id AND f.worker = s.worker WHERE f.id IS NULL;
		INSERT INTO facts SELECT * FROM fresh; COMMIT TRANSACTION; SELECT COUNT(*) FROM fresh`)
	loop("CREATE OR REPLACE TABLE other AS SELECT 1 AS a")
	appends.Wait()
	close(done)
	others.Wait()
	f.mustQuery(t, "INSERT INTO facts SELECT s.id, s.worker FROM staged AS s LEFT JOIN facts AS f ON f.id = s.id AND f.worker = s.worker WHERE f.id IS NULL")
	total := int64(workers * requests * size)
	got := f.mustQuery(t, "SELECT (SELECT COUNT(*) FROM staged), (SELECT COUNT(DISTINCT CONCAT(CAST(id AS STRING), '/', CAST(worker AS STRING))) FROM staged), (SELECT COUNT(*) FROM facts)")
	if diff := cmp.Diff([]row{{total, total, total}}, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}
