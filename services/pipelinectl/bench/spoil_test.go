package bench

import (
	"io"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/services/verify/reference"
)

// TestFaultyFiles lets the model say what each file of a drill will come to.
func TestFaultyFiles(t *testing.T) {
	t.Parallel()
	made, err := makeFiles(t.Context(), Config{
		Orders: 3000, Files: 30, Faulty: 10, Seed: 1, Progress: func(string, int64, int64) {},
	}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	var files []reference.File
	for i, f := range made.orders {
		files = append(files, reference.File{
			ID: f.name, Name: f.name, LandedAt: now.Add(time.Duration(i)), LoadedAt: now,
			Open: func() (io.ReadCloser, error) { return os.Open(f.path) },
		})
	}
	w, err := reference.Compute(files, reference.Policy{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, o := range w.Files {
		switch {
		case o.Reason != "":
			got[o.Reason]++
		case o.Records == 0:
			got["empty"]++
		case o.Duplicates == o.Records:
			got["a repeat"]++
		case o.Rejected > 0:
			got["faulty records"]++
		default:
			got["good"]++
		}
	}
	want := map[string]int{
		"good": 20, "faulty records": 5, "empty": 1, "a repeat": 1,
		"mostly_refused": 1, "truncated_gzip": 1, "unreadable_file": 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestBalanced(t *testing.T) {
	t.Parallel()
	o := Outcome{Records: RecordCount{Records: 10, Loaded: 4, Duplicates: 3, Rejected: 2, Held: 1}}
	if !o.Balanced() {
		t.Error("10 = 4 + 3 + 2 + 1 is not balanced")
	}
	if o.Records.Held = 0; o.Balanced() {
		t.Error("a record that is missing is not noticed")
	}
}
