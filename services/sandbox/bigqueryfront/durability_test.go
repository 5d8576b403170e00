package bigqueryfront_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cloud.google.com/go/bigquery/storage/managedwriter"
)

// victimDir names the folder that a copy of this test, run as a process to be
// killed, serves from.
const victimDir = "BIGQUERYFRONT_VICTIM_DIR"

// TestVictim is that process: it writes, says so, and waits for its end.
func TestVictim(t *testing.T) {
	dir := os.Getenv(victimDir)
	if dir == "" {
		return
	}
	f := start(t, dir)
	if err := f.client.Dataset(f.dataset).Create(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	f.mustQuery(t, "CREATE TABLE orders (id STRING NOT NULL OPTIONS (description = 'The id'), items ARRAY<STRUCT<p STRING, n NUMERIC>>) CLUSTER BY id")
	f.mustQuery(t, "CREATE VIEW v AS SELECT COUNT(*) AS n FROM shop.orders")
	f.mustQuery(t, "BEGIN TRANSACTION; INSERT INTO orders (id) VALUES ('dml'); COMMIT TRANSACTION")
	md, d := f.descriptor(t, "orders")
	s := f.stream(t, f.writer(t), "orders", d)
	var rows []string
	for i := range 3000 {
		rows = append(rows, fmt.Sprintf(`{"id":"a rather long identifier %d","items":[{"p":"x","n":"1.5"}]}`, i))
	}
	var results []*managedwriter.AppendResult
	for range 3 {
		r, err := s.AppendRows(t.Context(), serialize(t, md, rows...))
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, r)
	}
	for _, r := range results {
		if _, err := r.GetResult(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Println("WRITTEN")
	<-t.Context().Done()
}

func TestSurvivesKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	victim := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestVictim$")
	victim.Env = append(os.Environ(), victimDir+"="+dir)
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	written := false
	scanner := bufio.NewScanner(out)
	for !written && scanner.Scan() {
		written = strings.Contains(scanner.Text(), "WRITTEN")
	}
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := victim.Wait(); err == nil || !written {
		t.Fatalf("the victim ended by itself (%v), written %v", err, written)
	}
	f := start(t, dir)
	defer f.close(t)
	got := f.mustQuery(t, "SELECT (SELECT n FROM v), COUNT(DISTINCT id), SUM(i.n) FROM orders LEFT JOIN UNNEST(items) AS i")
	if diff := cmp.Diff([]row{{int64(9001), int64(3001), numeric("13500")}}, got, equalRats); diff != "" {
		t.Errorf("after the kill (-want +got):\n%s", diff)
	}
	meta, err := f.client.Dataset(f.dataset).Table("orders").Metadata(t.Context())
	if err != nil || meta.Clustering == nil || meta.Schema[0].Description != "The id" {
		t.Errorf("metadata after the kill: %+v, %v", meta, err)
	}
	f.mustQuery(t, "INSERT INTO orders (id) VALUES ('after')")
	// The killed process's rows are still recently streamed.
	_, err = f.query(t.Context(), "BEGIN TRANSACTION; DELETE FROM orders WHERE id = 'after'; COMMIT TRANSACTION")
	if reason(err) != "invalidQuery" || !strings.Contains(err.Error(), "would affect rows in the streaming buffer") {
		t.Errorf("DML in a transaction after the kill: %v", err)
	}
}
