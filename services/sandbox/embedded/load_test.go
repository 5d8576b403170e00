package embedded

import (
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"
	"cloud.google.com/go/storage"
)

// TestLoadFromBucket loads the objects that a URI names out of this cloud's own bucket.
func TestLoadFromBucket(t *testing.T) {
	t.Parallel()
	cloud := Start(t)
	files, err := storage.NewClient(t.Context(), cloud.StorageOptions()...)
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	warehouse, err := bigquery.NewClient(t.Context(), cloud.ProjectID(), cloud.BigQueryOptions()...)
	if err != nil {
		t.Fatal(err)
	}
	defer warehouse.Close()
	if err := files.Bucket("exports").Create(t.Context(), cloud.ProjectID(), nil); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"2026/01.csv": "a,n\nx,1\n", "2026/02.csv": "a,n\ny,2\n", "2026/note.txt": "no CSV", "2025/12.csv": "a,n\nz,4\n"} {
		w := files.Bucket("exports").Object(name).NewWriter(t.Context())
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := warehouse.Dataset("shop").Create(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	load := func(uris ...string) error {
		source := bigquery.NewGCSReference(uris...)
		source.SkipLeadingRows = 1
		source.Schema = bigquery.Schema{{Name: "a", Type: bigquery.StringFieldType}, {Name: "n", Type: bigquery.IntegerFieldType}}
		job, err := warehouse.Dataset("shop").Table("t").LoaderFrom(source).Run(t.Context())
		if err != nil {
			return err
		}
		status, err := job.Wait(t.Context())
		if err != nil {
			return err
		}
		return status.Err()
	}
	if err := load("gs://exports/2026/*.csv", "gs://exports/2025/12.csv"); err != nil {
		t.Fatal(err)
	}
	for _, uri := range []string{"gs://exports/2027/*", "gs://exports/none", "gs://none/a*", "gs://none/a"} {
		if err := load(uri); err == nil || !strings.Contains(err.Error(), "Not found") {
			t.Errorf("%s: %v", uri, err)
		}
	}
	rows, err := warehouse.Query("SELECT COUNT(*), SUM(n) FROM shop.t").Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var row []bigquery.Value
	if err := rows.Next(&row); err != nil || row[0] != int64(3) || row[1] != int64(7) {
		t.Errorf("the rows are %v: %v", row, err)
	}
}
