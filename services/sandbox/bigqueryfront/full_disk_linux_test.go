package bigqueryfront_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"testing"

	"cloud.google.com/go/bigquery"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/zackkki/ecomm_datapipeline/services/sandbox/bigqueryfront"
)

// fullDir names the folder for a copy of this test that is run as a process of its own,
// because the limit that stands for a full disk is the whole process's.
const fullDir = "BIGQUERYFRONT_FULL_DISK_DIR"

// TestSurvivesFailedCheckpoint: a disk with room for the log and none for a checkpoint
// makes DuckDB give the database up. What was acknowledged is there afterwards, open
// write streams go on, and so do changes of tables. (TestFullDisk of package embedded
// has the disk that takes nothing at all.)
func TestSurvivesFailedCheckpoint(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv(fullDir); dir != "" {
		surviveFailedCheckpoint(t, dir)
		return
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSurvivesFailedCheckpoint$")
	child.Env = append(os.Environ(), fullDir+"="+t.TempDir())
	if out, err := child.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("PASS")) {
		t.Errorf("%v\n%s", err, out)
	}
}

func surviveFailedCheckpoint(t *testing.T, dir string) {
	signal.Ignore(unix.SIGXFSZ) // a full disk sends no signal
	f := startConfigured(t, bigqueryfront.Config{Dir: dir, CheckpointThreshold: "16KB"})
	if err := f.client.Dataset(f.dataset).Create(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	f.mustQuery(t, "CREATE TABLE orders (id STRING)")
	md, d := f.descriptor(t, "orders")
	stream := f.stream(t, f.writer(t), "orders", d)
	kept := 0
	add := func() error {
		r, err := stream.AppendRows(t.Context(), serialize(t, md, fmt.Sprintf(`{"id":"%d %0500d"}`, kept, 0)))
		if err == nil {
			_, err = r.GetResult(t.Context())
		}
		if err == nil {
			kept++
		}
		return err
	}
	refused := func(what string, err error) {
		t.Helper()
		if code := status.Code(err); code != codes.Unavailable && code != codes.Aborted && reason(err) != "jobBackendError" {
			t.Fatalf("%s on a full disk: %v", what, err)
		}
	}
	for range 2 {
		if err := add(); err != nil {
			t.Fatal(err)
		}
		limitFiles(t, 64<<10)
		err := add()
		for tries := 0; err == nil && tries < 1000; tries++ {
			err = add()
		}
		refused("an append", err)
		_, err = f.query(t.Context(), "INSERT INTO orders (id) SELECT 'lost' FROM UNNEST(GENERATE_ARRAY(1, 10000))")
		refused("an insert", err)
		limitFiles(t, unix.RLIM_INFINITY)
		for err = add(); err != nil; err = add() { // until the test's deadline
			refused("an append", err)
		}
		update := bigquery.TableMetadataToUpdate{Description: fmt.Sprint(kept)}
		if _, err := f.client.Dataset(f.dataset).Table("orders").Update(t.Context(), update, ""); err != nil {
			t.Errorf("a change of the table once there was room: %v", err)
		}
	}
	// A row whose commit was cut short may be there twice, once for each attempt.
	if got := f.mustQuery(t, "SELECT COUNT(DISTINCT id) FROM orders"); got[0][0] != int64(kept) {
		t.Errorf("%v different ids, want %d", got[0][0], kept)
	}
	f.close(t)
}

// limitFiles keeps every file of this process from growing beyond so many bytes.
func limitFiles(t *testing.T, size uint64) {
	t.Helper()
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = min(size, limit.Max)
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
}
