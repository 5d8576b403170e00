package main

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zackkki/ecomm_datapipeline/monitoring/cost/page"
)

var update = flag.Bool("update", false, "write ../cost.md")

// TestPageIsCurrent finds a page that another record, statement, manifest or default
// has made untrue.
func TestPageIsCurrent(t *testing.T) {
	t.Parallel()
	const file = "../cost.md"
	var want bytes.Buffer
	if err := page.Write(&want); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.String(), string(got)); diff != "" {
		t.Errorf("cost.md is not what the program prints; run go test ./monitoring/cost -update (-printed +committed):\n%s", diff)
	}
}
