package k8s

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zackkki/ecomm_datapipeline/k8s/manifest"
)

// TestProductionPrograms: what goes into production images is pure Go and holds nothing
// of the embedded cloud.
func TestProductionPrograms(t *testing.T) {
	t.Parallel()
	artifacts, err := loadSkaffold(t).Artifacts("prod")
	if err != nil {
		t.Fatal(err)
	}
	if len(artifacts) != 6 {
		t.Errorf("%d images, want the five services' and pipelinectl's", len(artifacts))
	}
	for _, a := range artifacts {
		t.Run(a.Image, func(t *testing.T) {
			t.Parallel()
			list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{.ImportPath}} {{len .CgoFiles}}", a.Ko.Main)
			list.Dir = filepath.Join(manifest.Root(), a.Ko.Dir)
			list.Env = append(os.Environ(), append(a.Ko.Env, "GOOS=linux")...)
			out, err := list.Output()
			if err != nil {
				t.Fatal(err)
			}
			packages := strings.Split(strings.TrimSpace(string(out)), "\n")
			if len(packages) < 100 {
				t.Fatalf("only %d packages", len(packages))
			}
			for _, line := range packages {
				path, cgo, _ := strings.Cut(line, " ")
				if cgo != "0" || path == "runtime/cgo" {
					t.Errorf("it links %s, which is not pure Go", path)
				}
				for _, engine := range []string{"ecomm_datapipeline/services/sandbox", "nats-io/nats-server", "duckdb/duckdb-go", "go-googlesql"} {
					if strings.Contains(path, engine) {
						t.Errorf("it links %s, which is the embedded cloud's", path)
					}
				}
			}
		})
	}
}
